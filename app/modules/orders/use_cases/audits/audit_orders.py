"""Audit orders: ask catalog and payments over the bus whether their data agrees with each order."""

import time
from collections.abc import Iterator
from uuid import UUID

from app.kernel.audit import AuditScope, Discrepancy
from app.kernel.errors import Stale
from app.kernel.ids import new_id
from app.kernel.slices import in_slices
from app.kernel.transaction import Transaction
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders import order_events

BATCH = 200  # orders per transaction
TRIES = 5
PAUSE = 0.1  # seconds between checks for new answers
ANSWERING = ("catalog", "payments")
NOT_SENT = "the audit requests are still in the outbox of orders; is the shop, with its relay, running?"
NOT_CONSUMED = (
    "check that {module} runs, and that no event of them is parked in either module (`flask bus parked list`)"
)


def audit_orders(
    transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], scope: AuditScope
) -> Iterator[int | Discrepancy]:
    """Publish the state of each order as an audit request, wait for the answers, and yield the discrepancies.

    Between them it yields how many more orders were compared. It stops waiting when no answer arrived for `scope.wait`
    seconds; missing answers are discrepancies too.
    """
    audit = new_id()
    yield from _await_answers(reading, audit, _ask(transaction, audit, scope), scope.wait)
    with reading() as uow:
        for each in uow.checks.discrepancies(audit):
            sentence = f"order {each.order_id}: {each.module} reports: {each.sentence}"
            yield Discrepancy(subject=str(each.order_id), sentence=sentence)
        for module in ANSWERING:
            yield from _missing(uow, audit, module)
    in_slices(transaction, lambda uow: uow.checks.forget_agreeing(audit))


def _ask(transaction: Transaction[UnitOfWork], audit: UUID, scope: AuditScope) -> int:
    """Publish the requests page by page, each in its own transaction; returns the number of orders."""
    total, after, more = 0, None, True
    while more:
        page = _ask_page(transaction, audit, scope, after)
        total, more = total + len(page), len(page) == BATCH
        after = page[-1] if page else None
    return total


def _ask_page(transaction: Transaction[UnitOfWork], audit: UUID, scope: AuditScope, after: UUID | None) -> list[UUID]:
    for _ in range(TRIES - 1):
        try:
            return _page(transaction, audit, scope, after)
        except Stale:
            continue
    return _page(transaction, audit, scope, after)


def _page(transaction: Transaction[UnitOfWork], audit: UUID, scope: AuditScope, after: UUID | None) -> list[UUID]:
    with transaction() as uow:
        orders = uow.orders.touched(scope.since, after, BATCH)
        ids = [order.id for order in orders]
        uow.checks.ask(audit, ids, uow.now)
        left = uow.shipments.that_left(order.id for order in orders if order.is_dispatched)
        refunds = uow.refunds.requested(order.id for order in orders if any(line.refunded for line in order.lines))
        of = ((order, left.get(order.id, ()), refunds.get(order.id, ())) for order in orders)
        uow.publish(*(order_events.whole(*each, audit) for each in of))
    return ids


def _await_answers(reading: Transaction[UnitOfWork], audit: UUID, total: int, wait: float) -> Iterator[int]:
    compared, so_far, until = 0, [0], time.monotonic() + wait
    while compared < total and time.monotonic() < until:
        with reading() as uow:
            answered = [uow.checks.answered(audit, module) for module in ANSWERING]
        if answered != so_far:
            so_far, until = answered, time.monotonic() + wait
        if min(answered) > compared:
            yield min(answered) - compared
            compared = min(answered)
        elif compared < total:
            time.sleep(PAUSE)


def _missing(uow: UnitOfWork, audit: UUID, module: str) -> Iterator[Discrepancy]:
    missing, first = uow.checks.unanswered(audit, module)
    if missing:
        why = NOT_CONSUMED.format(module=module) if uow.checks.are_requests_sent() else NOT_SENT
        sentence = f"no answer from {module} about {missing} orders, the first {first}: {why}"
        yield Discrepancy(subject=None, sentence=sentence)
