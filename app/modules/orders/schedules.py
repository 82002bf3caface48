"""What orders does by the clock."""

from functools import partial

from app.kernel import clock
from app.kernel.errors import Stale
from app.kernel.transaction import Transaction
from app.modules.orders.domain.life import Happening
from app.modules.orders.domain.order import Patience
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.move_order import move_order
from app.wiring import Schedule

MOST = 200  # orders a sweep


def sweep_deadlines(transaction: Transaction[Work], reading: Transaction[Work], patience: Patience) -> int:
    """Cancel what was not paid in time; returns how many orders were looked at."""
    with reading() as work:
        overdue = work.orders.overdue(clock.now(), MOST)
    for order_id in overdue:
        try:
            with transaction() as work:
                if order_id in work.orders.overdue(clock.now(), MOST):  # renewed or ended since it was listed
                    move_order(work, order_id, Happening.DEADLINE, clock.now(), patience, "orders", "deadline_passed")
        except Stale:
            continue  # someone else moved it: the next sweep looks again
    return len(overdue)


def schedules(transaction: Transaction[Work], reading: Transaction[Work], patience: Patience) -> list[Schedule]:
    """The sweep, every second or so: a deadline is kept to about that."""
    return [Schedule("orders: deadlines", 1.0, partial(sweep_deadlines, transaction, reading, patience))]
