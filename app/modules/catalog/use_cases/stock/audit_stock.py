"""Report whether the stock of an order agrees with its status."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import StockAuditReported
from app.modules.catalog.domain.stock import ReservationStatus
from app.modules.catalog.ports.unit_of_work import UnitOfWork

# The reservation statuses that agree with each status of an order; None: no reservation. Nothing agrees with "placed":
# catalog has published the result of such an order, so it should have left that status by the time of this report.
AGREES: Mapping[str, frozenset[ReservationStatus | None]] = {
    "placed": frozenset(),
    "awaiting_payment": frozenset({ReservationStatus.HELD}),
    "confirmed": frozenset({ReservationStatus.SOLD}),
    "paid": frozenset({ReservationStatus.SOLD}),
    "cancelled": frozenset({None, ReservationStatus.REJECTED, ReservationStatus.RELEASED, ReservationStatus.RETURNED}),
    "refunded": frozenset({None, ReservationStatus.REJECTED, ReservationStatus.RELEASED, ReservationStatus.RETURNED}),
}


@dataclass(frozen=True)
class AuditStock:
    """Compare the order with its reservation and publish the discrepancy, if any; nothing is changed.

    All earlier events of this order have been consumed. If the orders module has not yet consumed the last event of
    this reservation, the order will have changed by the time it consumes this report, and orders requests it again.
    """

    uow: UnitOfWork

    def execute(
        self,
        audit: str,
        order_id: UUID,
        status: str,
        quantities: Mapping[str, int],
        dispatched: Mapping[str, int],
        version: int,
    ) -> None:
        reservation = self.uow.reservations.find(order_id)
        held = self.uow.stock.held_for(order_id)
        discrepancy = _discrepancy(reservation.status if reservation else None, held, status, quantities)
        left = self.uow.stock.dispatched_for(order_id)
        if not discrepancy and dict(left) != dict(dispatched):
            discrepancy = f"{_text(dispatched)} of it was dispatched, in stock {_text(left)}"
        self.uow.publish(
            StockAuditReported(audit=audit, order_id=str(order_id), discrepancy=discrepancy, version=version)
        )


def _discrepancy(
    reservation: ReservationStatus | None, held: Mapping[str, int], status: str, quantities: Mapping[str, int]
) -> str:
    if reservation not in AGREES.get(status, {reservation}):
        return f"it is {status}, its stock is {reservation or 'neither held nor rejected'}"
    if reservation in {ReservationStatus.HELD, ReservationStatus.SOLD} and dict(held) != dict(quantities):
        return f"it is for {_text(quantities)}, its stock is {reservation} for {_text(held)}"
    return ""


def _text(quantities: Mapping[str, int]) -> str:
    return ", ".join(f"{quantity} {sku}" for sku, quantity in sorted(quantities.items())) or "nothing"
