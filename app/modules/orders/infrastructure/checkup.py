"""What `flask doctor` looks at for orders: those that do not move."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from app.kernel import clock
from app.kernel.finding import Finding, ok, wrong
from app.kernel.transaction import Transaction
from app.modules.orders.ports import Work

SWEPT = timedelta(seconds=60)  # after their deadline; the sweep comes every second


def orders_check(reading: Transaction[Work]) -> Iterator[Finding]:
    """Past their deadline for longer than any sweep takes."""
    try:
        with reading() as work:
            late = work.orders.past_deadline(clock.now() - SWEPT, None)
    except DBAPIError:
        return  # that is told by itself
    if late:
        yield wrong(
            "orders", "orders", f"{len(late)} orders are past their deadline, and do not move", "flask orders stuck"
        )
    else:
        yield ok("orders", "orders", "none is stuck")
