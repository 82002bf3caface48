"""The backlog of orders that wait for their stock; while it is too large, new orders are refused."""

from dataclasses import dataclass

from app.kernel.errors import Unavailable

MAX_WAIT = 0.5  # seconds that a new order may expect to wait for its stock
MIN_REFUSED = 20  # waiting orders; fewer are not a backlog, however slow the machine is


@dataclass(frozen=True)
class Backlog:
    """`waiting`: recently placed orders that still wait. `per_second`: the orders that stopped waiting, each second."""

    waiting: int
    per_second: float

    def refuse_more(self) -> None:
        """While no order moves on, because the broker or catalog is down, new orders are accepted, and wait.

        Raises Unavailable(too_many_orders).
        """
        if self.per_second and self.waiting >= max(MIN_REFUSED, MAX_WAIT * self.per_second):
            raise Unavailable("too_many_orders", "more orders are placed than can be confirmed now: try again")
