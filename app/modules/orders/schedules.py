"""The periodic sweeps of orders."""

import logging
from datetime import timedelta
from functools import partial

from prometheus_client import Counter

from app.kernel.database import is_away
from app.kernel.errors import Stale
from app.kernel.slices import in_slices
from app.kernel.transaction import Transaction
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.policies.capture import ACT_BEFORE
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.prune_carts import prune_carts
from app.modules.orders.use_cases.orders.end_hold import end_hold
from app.modules.orders.use_cases.orders.miss_deadline import miss_deadline
from app.wiring import Schedule

log = logging.getLogger(__name__)

ANSWER_RETENTION = timedelta(days=7)  # of audits
MAX_ORDERS = 200  # per sweep
MISSED = Counter("quartet_orders_deadlines_missed_total", "Missed deadlines, by the order's status after them", ["now"])


def sweep_deadlines(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
) -> int:
    """Cancel orders that were not paid in time, each in its own transaction; returns how many were examined."""
    with reading() as uow:
        overdue = uow.orders.overdue(uow.now, MAX_ORDERS)
    for order_id in overdue:
        try:
            with transaction() as uow:
                order = miss_deadline(uow, order_id)
        except Stale:
            continue  # changed by another transaction in the meantime: the next sweep examines it again
        except Exception as error:
            if is_away(error):
                raise
            log.exception(
                "order %s: handling its missed deadline failed; the sweep goes on with other orders", order_id
            )
            continue
        if order:
            MISSED.labels(order.status).inc()
        if order and order.is_on_hold:
            log.error(
                "order %s is not dispatched, and the hold on its money ends at %s: see `flask orders stuck`",
                order_id,
                order.capture_before,
            )
        elif order and order.status is Status.CONFIRMED:
            log.error("order %s is confirmed but was not captured in time: see `flask orders stuck`", order_id)
    return len(overdue)


def sweep_holds(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> int:
    """Capture or cancel, as the setting says, the orders whose money the bank is about to release; returns how many
    were examined. Without the setting people are only alerted, by the sweep of deadlines.
    """
    with reading() as uow:
        how = uow.policies.at_hold_end
        ending = uow.orders.on_hold(uow.now + ACT_BEFORE, MAX_ORDERS) if how else []
    for order_id in ending:
        try:
            with transaction() as uow:
                order = end_hold(uow, order_id, how) if how else None
        except Stale:
            continue  # dispatched or cancelled in the meantime, or examined again by the next sweep
        except Exception as error:
            if is_away(error):
                raise
            log.exception("order %s: the end of its hold failed; the sweep goes on with other orders", order_id)
            continue
        if order:
            log.warning("order %s was not dispatched before the hold on its money ended: %s it", order_id, how)
    return len(ending)


def sweep_carts(transaction: Transaction[UnitOfWork]) -> int:
    """Delete abandoned carts; returns how many."""
    return in_slices(transaction, prune_carts)


def sweep_checks(transaction: Transaction[UnitOfWork]) -> int:
    """Delete the requests and answers of old audits; returns the number of rows."""
    return in_slices(transaction, lambda uow: uow.checks.prune(uow.now - ANSWER_RETENTION))


def sweep_tax_quotes(transaction: Transaction[UnitOfWork]) -> int:
    """Delete the answers about tax that have expired; returns how many."""
    return in_slices(transaction, lambda uow: uow.tax_quotes.prune(uow.now))


def sweep_timelines(transaction: Transaction[UnitOfWork]) -> int:
    """Delete the old entries of finished orders, if the shop wants that; returns how many."""

    def prune(uow: UnitOfWork) -> int:
        retention = uow.policies.timeline_retention
        return uow.timeline.prune(uow.now - retention) if retention else 0

    return in_slices(transaction, prune)


def schedules(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> list[Schedule]:
    """Deadlines are swept every second, which is how exactly they are met, and holds every minute. Carts, audits,
    answers about tax and timelines are swept every hour.
    """
    return [
        Schedule("orders: deadlines", 1.0, partial(sweep_deadlines, transaction, reading)),
        Schedule("orders: holds", 60, partial(sweep_holds, transaction, reading)),
        Schedule("orders: carts", 3600, partial(sweep_carts, transaction)),
        Schedule("orders: audits", 3600, partial(sweep_checks, transaction)),
        Schedule("orders: tax quotes", 3600, partial(sweep_tax_quotes, transaction)),
        Schedule("orders: timelines", 3600, partial(sweep_timelines, transaction)),
    ]
