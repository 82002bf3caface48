"""See an order, or several."""

from collections.abc import Sequence
from uuid import UUID

from app.kernel.errors import Forbidden, NotFound
from app.modules.orders.domain.life import Status
from app.modules.orders.domain.order import Order
from app.modules.orders.domain.timeline import TimelineEntry
from app.modules.orders.ports import UnitOfWork


def see_order(uow: UnitOfWork, order_id: UUID, caller: UUID, is_staff: bool) -> Order:
    """Raises NotFound(no_such_order), also for another customer's."""
    order = uow.orders.get(order_id)
    if order.customer_id != caller and not is_staff:
        raise NotFound("no_such_order", f"there is no order {order_id}")
    return order


def list_orders(
    uow: UnitOfWork,
    caller: UUID,
    is_staff: bool,
    customer_id: UUID | None,
    status: Status | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Order]:
    """The newest first: a customer's own, or anybody's for staff. Raises Forbidden(role_missing)."""
    if not is_staff and customer_id not in {None, caller}:
        raise Forbidden("role_missing", "only staff see other customers' orders")
    return uow.orders.newest(customer_id if is_staff else caller, status, before, limit)


def get_timeline(uow: UnitOfWork, order: Order) -> Sequence[TimelineEntry]:
    """Everything that happened to it, in order; its placing is told from the order itself."""
    by = {"request_id": order.request_id, "trace_id": order.trace_id}
    placed = TimelineEntry(at=order.placed_at, module="orders", what="placed", detail={}, **by)
    return [placed, *uow.timeline.of(order.id)]
