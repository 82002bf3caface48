"""The scheduled tasks of payments."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from app.kernel import clock
from app.kernel.audit import Discrepancy
from app.kernel.slices import in_slices
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.payments.take_webhook import prune_webhooks
from app.modules.payments.use_cases.reconcile.audit_stripe import audit_stripe
from app.wiring import Schedule

log = logging.getLogger(__name__)

DAY, MONTH, IN_PROGRESS = timedelta(hours=23), timedelta(days=30), timedelta(minutes=10)
WAIT = 12.0  # seconds for the calls in progress to end


def sweep_webhooks(transaction: Transaction[UnitOfWork]) -> int:
    """Delete the stored webhook events that are older than 30 days; returns how many."""
    return in_slices(transaction, lambda uow: prune_webhooks(uow, clock.now()))


def reconcile_daily(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    gateway: Gateway,
    now: Callable[[], datetime] = clock.now,
    wait: float = WAIT,
) -> int | None:
    """Compare the payments of the last month with Stripe, and older ones that were refunded or disputed in it, unless
    that was done within a day; returns how many differ.

    A difference raises the alert AuditDiscrepancies; `flask payments reconcile` lists it and corrects it.
    """
    started = now()
    with reading() as uow:
        last = uow.last_audit()
        if last is not None and started - last < DAY:
            return None
    discrepancies, compared = [], 0
    for each in audit_stripe(reading, gateway, started - MONTH, started - IN_PROGRESS, wait):
        if isinstance(each, Discrepancy):
            discrepancies.append(each.sentence)
        else:
            compared += each
    with transaction() as uow:
        uow.save_audit(compared, discrepancies)
    for sentence in discrepancies:
        log.error("reconcile: %s", sentence)
    return len(discrepancies)


def schedules(
    transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], gateway: Gateway
) -> list[Schedule]:
    """Delete old webhook events every hour. Every hour, too, check whether a day has passed since payments were last
    compared with Stripe.
    """
    return [
        Schedule("payments: webhooks", 3600, partial(sweep_webhooks, transaction)),
        Schedule("payments: reconcile", 3600, partial(reconcile_daily, transaction, reading, gateway)),
    ]
