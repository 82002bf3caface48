"""What payments does by the clock."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from app.kernel import clock
from app.kernel.audit import Discrepancy
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.payments.take_webhook import prune_webhooks
from app.modules.payments.use_cases.reconcile.audit_stripe import audit_stripe
from app.wiring import Schedule

log = logging.getLogger(__name__)

DAY, MONTH, UNDER_WAY = timedelta(hours=23), timedelta(days=30), timedelta(minutes=10)
WAIT = 12.0  # seconds for what is under way


def sweep_webhooks(transaction: Transaction[UnitOfWork]) -> int:
    """Forget what Stripe told long ago; returns how many."""
    with transaction() as uow:
        return prune_webhooks(uow, clock.now())


def reconcile_daily(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    gateway: Gateway,
    now: Callable[[], datetime] = clock.now,
    wait: float = WAIT,
) -> int | None:
    """Hold the payments of the last month against Stripe, unless that was done within a day; returns how many drift.

    A drift raises an alert (AuditDiscrepancies), and `flask payments reconcile` shows and mends it.
    """
    started = now()
    with reading() as uow:
        last = uow.last_audit()
        if last is not None and started - last < DAY:
            return None
    discrepancies, compared = [], 0
    for each in audit_stripe(reading, gateway, started - MONTH, started - UNDER_WAY, wait):
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
    """Webhooks every hour; every hour, too, whether a day has passed since payments were held against Stripe."""
    return [
        Schedule("payments: webhooks", 3600, partial(sweep_webhooks, transaction)),
        Schedule("payments: reconcile", 3600, partial(reconcile_daily, transaction, reading, gateway)),
    ]
