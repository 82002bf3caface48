"""How much of the shop a customer may hold without having paid."""

from dataclasses import dataclass

from app.kernel.errors import Conflict


@dataclass(frozen=True)
class Unpaid:
    """A customer's orders that wait for their stock or their money, and the units in them."""

    orders: int
    units: int


@dataclass(frozen=True)
class Caps:
    """The most of each."""

    orders: int
    units: int

    def refuse_more(self, unpaid: Unpaid, units: int) -> None:
        """One more order of so many units. Raises Conflict(too_many_open_orders, too_many_units_held)."""
        if unpaid.orders >= self.orders:
            sentence = f"{unpaid.orders} orders are not paid yet, and at most {self.orders} may be: pay or cancel one"
            raise Conflict("too_many_open_orders", sentence, {"limit": self.orders})
        if unpaid.units + units > self.units:
            sentence = f"unpaid orders may hold {self.units} units in all, and there are {unpaid.units}: order fewer"
            raise Conflict("too_many_units_held", sentence, {"limit": self.units, "held": unpaid.units})
