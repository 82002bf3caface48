"""Hold payments against Stripe, while customers pay."""

import time
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from app.kernel.audit import Discrepancy
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.reconcile.reconcile import Drift, drift_of, reconcile

MAX_DELAY = 12.0  # seconds: longer than a call to Stripe may take, and what it came to is here
LOOKS = (0.1, 0.3, 0.6)  # of that, one after the other: most of what is under way is over soon


def audit_stripe(
    reading: Transaction[UnitOfWork], gateway: Gateway, since: datetime, quiet_before: datetime, wait: float
) -> Iterator[int | Discrepancy]:
    """What drifts at the first look is looked at again: it is a discrepancy if it stands still, and drifts to the last.

    Between Stripe's effect and our record of it there is a call that is being answered. Raises Unavailable.
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
