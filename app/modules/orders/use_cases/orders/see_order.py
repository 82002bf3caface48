"""Read one order, a list of orders, or the timeline of an order."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.kernel.errors import Forbidden, NotFound
from app.modules.orders.domain.orders.filter import OrderFilter, Position, Sort
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.timeline import TimelineEntry
from app.modules.orders.ports import UnitOfWork


def see_order(uow: UnitOfWork, order_id: UUID, caller: UUID, is_staff: bool) -> Order:
    """Raises NotFound(no_such_order), also if the order is another customer's and the caller is not staff."""
    order = uow.orders.get(order_id)
    if order.customer_id != caller and not is_staff:
        raise NotFound("no_such_order", f"there is no order {order_id}")
    return order


def list_orders(
    uow: UnitOfWork,
    caller: UUID,
    is_staff: bool,
    wanted: OrderFilter,
    sort: Sort,
    after: Position | None,
    limit: int,
) -> Sequence[Order]:
    """The orders that match, after this position. A customer sees only their own; staff see all.

    Raises Forbidden(role_missing) if a customer filters by another customer, or by what only staff see.
    """
    if not is_staff and wanted.customer_id not in {None, caller}:
        raise Forbidden("role_missing", "only staff can see the orders of other customers")
    if not is_staff and wanted.external_reference is not None:
        raise Forbidden("role_missing", "only staff can find orders by their external references")
    wanted = wanted if is_staff else replace(wanted, customer_id=caller)
    if wanted.external_reference is not None:  # at most one has it
        return [
            each for each in uow.orders.matching(wanted, sort, after, limit) if wanted.number in {None, each.number}
        ]
    if wanted.running_number is not None:
        order = uow.orders.numbered(wanted.running_number)
        return [order] if order and wanted.matches(order) else []
    return uow.orders.matching(wanted, sort, after, limit)


def get_timeline(uow: UnitOfWork, order: Order) -> Sequence[TimelineEntry]:
    """All entries, the oldest first. The entry of its placing is not stored: it is derived from the order."""
    by = {"request_id": order.request_id, "trace_id": order.trace_id}
    placed = TimelineEntry(at=order.placed_at, module="orders", what="placed", detail={}, **by)
    return [placed, *uow.timeline.of(order.id)]
