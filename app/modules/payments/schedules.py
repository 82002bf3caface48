"""What payments does by the clock."""

from functools import partial

from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Work
from app.modules.payments.use_cases.take_webhook import prune_webhooks
from app.wiring import Schedule


def sweep_webhooks(transaction: Transaction[Work]) -> int:
    """Forget what Stripe told long ago; returns how many."""
    with transaction() as work:
        return prune_webhooks(work, clock.now())


def schedules(transaction: Transaction[Work]) -> list[Schedule]:
    """Webhooks, every hour."""
    return [Schedule("payments: webhooks", 3600, partial(sweep_webhooks, transaction))]
