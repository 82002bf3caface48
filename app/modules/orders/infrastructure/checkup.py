"""What `flask doctor` looks at for orders: those that do not move."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from app.kernel import clock
from app.kernel.check_result import CheckResult, ok, wrong
from app.kernel.transaction import Transaction
from app.modules.orders.ports import UnitOfWork

SWEPT = timedelta(seconds=60)  # after their deadline; the sweep comes every second


def orders_check(reading: Transaction[UnitOfWork]) -> Iterator[CheckResult]:
    """Past their deadline for longer than any sweep takes."""
    try:
        with reading() as uow:
            late = uow.orders.past_deadline(clock.now() - SWEPT, None)
    except DBAPIError:
        return  # that is told by itself
    if late:
        yield wrong(
            "orders", "orders", f"{len(late)} orders are past their deadline, and do not move", "flask orders stuck"
        )
    else:
        yield ok("orders", "orders", "none is stuck")
