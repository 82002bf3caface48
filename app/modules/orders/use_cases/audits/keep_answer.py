"""Take what another module answers in an audit."""

from uuid import UUID

from app.modules.orders.ports import Work
from app.modules.orders.use_cases.orders import news


def keep_answer(work: Work, audit: UUID, order_id: UUID, module: str, finding: str, version: int) -> None:
    """A finding counts only if the order still is as it was when it was asked about.

    What that module said of the order before has been heard here by now: if it was under way, the order has moved, and
    is asked about again as it is now. If it has not moved, nothing is under way. An order that is no longer here (its
    database was restored) asked nothing.
    """
    order = work.orders.find(order_id)
    if order is None:
        return
    if finding and order.version != version:
        work.publish(news.whole(order, audit))
    else:
        work.checks.keep(audit, order_id, module, finding or None, work.now)
