"""Answer whether an order's stock is as its status says."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import StockAudited
from app.modules.catalog.domain.stock import Claim
from app.modules.catalog.ports.work import Work

AGREES: Mapping[str, frozenset[Claim | None]] = {  # by orders' statuses; none is right once it is no longer placed only
    "placed": frozenset(),
    "awaiting_payment": frozenset({Claim.HELD}),
    "confirmed": frozenset({Claim.SOLD}),
    "paid": frozenset({Claim.SOLD}),
    "cancelled": frozenset({None, Claim.REJECTED, Claim.RELEASED, Claim.RETURNED}),
    "refunded": frozenset({None, Claim.REJECTED, Claim.RELEASED, Claim.RETURNED}),
}


@dataclass(frozen=True)
class AuditStock:
    """Compare, and say what differs; nothing is changed.

    All that orders said of it before has been heard. If its order only has not heard our last word yet, it will have
    moved by the time it hears this one, and asks again.
    """

    work: Work

    def execute(self, audit: str, order_id: UUID, status: str, quantities: Mapping[str, int], version: int) -> None:
        claim = self.work.reservations.find(order_id)
        held = self.work.stock.held_for(order_id)
        finding = _disagreement(claim.status if claim else None, held, status, quantities)
        self.work.publish(StockAudited(audit=audit, order_id=str(order_id), finding=finding, version=version))


def _disagreement(claim: Claim | None, held: Mapping[str, int], status: str, quantities: Mapping[str, int]) -> str:
    if claim not in AGREES.get(status, {claim}):
        return f"it is {status}, its stock is {claim or 'neither held nor rejected'}"
    if claim in {Claim.HELD, Claim.SOLD} and dict(held) != dict(quantities):
        return f"it is for {_told(quantities)}, its stock is {claim} for {_told(held)}"
    return ""


def _told(quantities: Mapping[str, int]) -> str:
    return ", ".join(f"{many} {sku}" for sku, many in sorted(quantities.items())) or "nothing"
