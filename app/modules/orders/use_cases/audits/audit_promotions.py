"""Audit promotions: whether the counters of uses are what the redemptions say."""

from collections.abc import Iterator, Sequence

from app.kernel.audit import AuditScope, Discrepancy
from app.kernel.transaction import Transaction
from app.modules.orders.domain.promotions.stored import Miscount
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.promotions.redeem import follow_order


def audit_promotions(reading: Transaction[UnitOfWork], _scope: AuditScope) -> Iterator[int | Discrepancy]:
    """Yield each counter that is wrong, and each order whose uses did not follow it, as when an older version moved it.

    All of that changes in one transaction, so nothing is in between.
    """
    with reading() as uow:
        counters, orders = uow.promotions.miscounts(), uow.promotions.unfollowed()
    yield 1
    for order_id in orders:
        sentence = f"order {order_id} is paid or has ended, and its uses of promotions are still taken"
        yield Discrepancy(subject=str(order_id), sentence=sentence)
    for each in counters:
        of = f" of customer {each.customer_id}" if each.customer_id else ""
        sentence = f"{each.table} {each.key}{of}: {each.counter} uses are counted, and orders have {each.rows}"
        yield Discrepancy(subject=_subject(each), sentence=sentence)


def correct_counters(transaction: Transaction[UnitOfWork], discrepancies: Sequence[Discrepancy], who: str) -> int:
    """Let the uses follow their orders, and set the counters to what the redemptions say, each in its own transaction.

    Returns how many.
    """
    subjects = {each.subject for each in discrepancies}
    with transaction() as uow:
        behind = [order_id for order_id in uow.promotions.unfollowed() if str(order_id) in subjects]
        wrong = [each for each in uow.promotions.miscounts() if _subject(each) in subjects]
    for order_id in behind:
        with transaction() as uow:
            follow_order(uow, uow.orders.get(order_id))
            uow.trail.record(who, "correct uses", str(order_id), "audit: they had not followed the order")
    for each in wrong:
        with transaction() as uow:
            uow.promotions.correct(each)
            uow.trail.record(who, "correct uses", f"{each.table} {each.key}", f"audit: {each.counter}, not {each.rows}")
    return len(behind) + len(wrong)


def _subject(miscount: Miscount) -> str:
    return f"{miscount.table} {miscount.key} {miscount.customer_id or ''}".strip()
