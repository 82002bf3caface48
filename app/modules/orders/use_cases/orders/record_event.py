"""Record in an order's timeline what another module reported about it."""

from collections.abc import Mapping
from uuid import UUID

from app.modules.orders.ports import UnitOfWork


def record_event(
    uow: UnitOfWork, order_id: UUID, module: str, what: str, detail: Mapping[str, object] | None = None
) -> None:
    """Add an entry to the timeline. The order does not change, whatever its status. Raises NotFound(no_such_order)."""
    uow.timeline.record(uow.orders.get(order_id).id, module, what, uow.now, detail or {})
