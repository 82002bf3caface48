"""Write down what a neighbour said about an order."""

from collections.abc import Mapping
from uuid import UUID

from app.modules.orders.ports import UnitOfWork


def record_event(
    uow: UnitOfWork, order_id: UUID, module: str, what: str, detail: Mapping[str, object] | None = None
) -> None:
    """Part of the order's story; it changes nothing, in whatever state the order is. Raises NotFound(no_such_order)."""
    uow.timeline.record(uow.orders.get(order_id).id, module, what, uow.now, detail or {})
