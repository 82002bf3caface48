"""The check of `flask doctor` for orders: whether open orders are past their deadline."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from app.kernel import clock
from app.kernel.check_result import CheckResult, ok, wrong
from app.kernel.transaction import Transaction
from app.modules.orders.ports import UnitOfWork

GRACE = timedelta(seconds=60)  # after the deadline; the sweep runs every second


def orders_check(reading: Transaction[UnitOfWork]) -> Iterator[CheckResult]:
    """Look for orders that are past their deadline by more than GRACE, which the sweep should have handled by then."""
    try:
        with reading() as uow:
            late = uow.orders.past_deadline(clock.now() - GRACE, None)
    except DBAPIError:
        return  # another check reports that the database is unreachable
    if late:
        yield wrong("orders", "orders", f"{len(late)} orders are stuck past their deadline", "flask orders stuck")
    else:
        yield ok("orders", "orders", "no order is stuck past its deadline")
