"""Stock: what became of an order's claim on it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.kernel.errors import Conflict


class Claim(StrEnum):
    """Where an order's claim on stock stands."""

    HELD = "held"
    REJECTED = "rejected"
    SOLD = "sold"
    RELEASED = "released"
    RETURNED = "returned"


NEXT: dict[Claim, frozenset[Claim]] = {
    Claim.HELD: frozenset({Claim.SOLD, Claim.RELEASED}),
    Claim.SOLD: frozenset({Claim.RETURNED}),
    Claim.REJECTED: frozenset(),
    Claim.RELEASED: frozenset(),
    Claim.RETURNED: frozenset(),
}


@dataclass(eq=False, kw_only=True)
class Reservation:
    """One order's claim on stock."""

    order_id: UUID
    status: Claim
    version: int = 1

    def become(self, to: Claim) -> None:
        """The only way its status changes. Raises Conflict."""
        if to not in NEXT[self.status]:
            raise Conflict("wrong_state", f"stock of order {self.order_id} is {self.status}; it cannot become {to}")
        self.status = to
        self.version += 1


@dataclass(frozen=True)
class Short:
    """More of a sku was wanted than can be had."""

    sku: str
    wanted: int
    available: int
