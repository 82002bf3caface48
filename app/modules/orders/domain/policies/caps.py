"""Limits on how many unpaid orders and units one customer can have, since unpaid orders hold stock."""

from dataclasses import dataclass

from app.kernel.errors import Conflict


@dataclass(frozen=True)
class Unpaid:
    """The number of a customer's unpaid orders (placed or awaiting payment), and of the units in all of them."""

    orders: int
    units: int


@dataclass(frozen=True)
class Caps:
    """The maximum of each for one customer."""

    orders: int
    units: int

    def refuse_more(self, unpaid: Unpaid, units: int) -> None:
        """Check whether one more order, of `units` units, is allowed.

        Raises Conflict(too_many_open_orders, too_many_units_held).
        """
        if unpaid.orders >= self.orders:
            too_many = f"you have {unpaid.orders} unpaid orders, and the limit is {self.orders}: pay or cancel one"
            raise Conflict("too_many_open_orders", too_many, {"limit": self.orders})
        if unpaid.units + units > self.units:
            held = f"your unpaid orders have {unpaid.units} units, and the limit is {self.units}: order fewer units"
            raise Conflict("too_many_units_held", held, {"limit": self.units, "held": unpaid.units})
