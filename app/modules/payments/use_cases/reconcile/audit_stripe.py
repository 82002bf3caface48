"""Compare payments with Stripe while customers are paying."""

import time
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from app.kernel.audit import Discrepancy
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.reconcile.reconcile import Drift, drift_of, reconcile

MAX_DELAY = 12.0  # seconds: longer than a call to Stripe and its record may take
LOOKS = (0.1, 0.3, 0.6)  # the delays before each check, as shares of it: most calls in progress end soon


def audit_stripe(
    reading: Transaction[UnitOfWork], gateway: Gateway, since: datetime, quiet_before: datetime, wait: float
) -> Iterator[int | Discrepancy]:
    """Compare payments with Stripe, yielding 1 for each, and check again those that differ. Raises Unavailable.

    It is a discrepancy if a payment still differs at the last check and has not changed meanwhile. The checks are
    repeated because a call may be in progress between its effect at Stripe and our record of it.
    """
    suspects: dict[UUID, Drift] = {}
    for drift in reconcile(reading, gateway, since, quiet_before):
        if drift:
            suspects[drift.payment.id] = drift
        yield 1
    still: set[UUID] = set()
    for share in LOOKS:
        if not suspects:
            return
        time.sleep(share * min(wait, MAX_DELAY))
        again = {id: drift_of(reading, gateway, id, quiet_before) for id in suspects}
        drifting = {id: drift for id, drift in again.items() if drift}
        still = {id for id, drift in drifting.items() if drift.payment.version == suspects[id].payment.version}
        suspects = drifting
    for id in sorted(still):
        drift = suspects[id]
        yield Discrepancy(subject=str(id), sentence=f"order {drift.payment.order_id}: {drift.sentence}")
