"""A shipment: units of an order that leave together, and what becomes of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.kernel.errors import Conflict
from app.modules.orders.domain.orders.order import Order

# Of one order: a nudge publishes all that have left in one event, which has at most a megabyte.
MAX_SHIPMENTS = 50  # with the unpacked ones
MAX_SHIPMENT_LINES = 1_500  # of all shipments together, without the unpacked ones


class ShipmentStatus(StrEnum):
    PACKED = "packed"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    LOST = "lost"
    UNPACKED = "unpacked"


S = ShipmentStatus
NEXT: Mapping[ShipmentStatus, frozenset[ShipmentStatus]] = {
    S.PACKED: frozenset({S.DISPATCHED, S.UNPACKED}),
    S.DISPATCHED: frozenset({S.DELIVERED, S.LOST}),
    S.DELIVERED: frozenset(),
    S.LOST: frozenset(),
    S.UNPACKED: frozenset(),
}
LEFT = frozenset({S.DISPATCHED, S.DELIVERED, S.LOST})  # its goods are no longer on the shelf


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """Who carries a shipment, and where the customer can follow it."""

    carrier: str
    number: str
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """`lines`: the number of units by SKU. `version` 0: not saved yet; each saved change increments it by one."""

    id: UUID
    order_id: UUID
    lines: Mapping[str, int]
    status: ShipmentStatus = ShipmentStatus.PACKED
    tracking: Tracking | None = None
    dispatched_at: datetime | None = None
    delivered_at: datetime | None = None
    version: int = 0


def refuse_one_more(lines: int, shipments: Collection[Shipment]) -> None:
    """Raises Conflict(too_many_shipments) if an order with these shipments may have no further one of so many lines."""
    packed = sum(len(each.lines) for each in shipments if each.status is not S.UNPACKED)
    if len(shipments) >= MAX_SHIPMENTS or packed + lines > MAX_SHIPMENT_LINES:
        sentence = (
            f"an order has at most {MAX_SHIPMENTS} shipments, with the unpacked ones, of {MAX_SHIPMENT_LINES} lines"
        )
        raise Conflict("too_many_shipments", f"{sentence} together: pack more units into each")


def after(shipment: Shipment, to: ShipmentStatus, now: datetime, tracking: Tracking | None = None) -> Shipment:
    """The shipment in this status; the same one if it has reached it before. Raises Conflict(wrong_state)."""
    if _has_reached(shipment, to) and tracking in {None, shipment.tracking}:
        return shipment
    if to not in NEXT[shipment.status]:
        raise Conflict("wrong_state", f"shipment {shipment.id} is {shipment.status}: it cannot become {to}")
    return replace(
        shipment,
        status=to,
        tracking=tracking or shipment.tracking,
        dispatched_at=now if to is S.DISPATCHED else shipment.dispatched_at,
        delivered_at=now if to is S.DELIVERED else shipment.delivered_at,
    )


def _has_reached(shipment: Shipment, status: ShipmentStatus) -> bool:
    return shipment.status is status or (status is S.DISPATCHED and shipment.status in LEFT)


class Shipments(Protocol):
    """The shipments of orders. Whoever writes here has saved the order before, so two who do wait for each other."""

    def of(self, order_id: UUID) -> Mapping[UUID, Shipment]:
        """All shipments of an order by id, the oldest first."""

    def that_left(self, order_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Shipment]]:
        """The shipments of each of these orders that were dispatched, whatever became of them."""

    def save(self, shipment: Shipment) -> Shipment:
        """Insert a new shipment or update the version that was read; returns it as saved. Raises Stale."""

    def count(self, order: Order, shipment: Shipment) -> None:
        """Change the counts of the order's lines as the shipment's status requires. Raises Stale if units lack."""

    def cancel(self, order: Order, units: Mapping[str, int]) -> None:
        """Count these units, by SKU, as cancelled in the order's lines. Raises Stale if there are not so many left."""

    def cancel_rest(self, order: Order) -> None:
        """Count the units of the order's lines that have not left as cancelled, and as packed no more."""
