"""Cancel the refunded units of an order that are still here and not packed: nobody sends what was not paid for."""

from collections.abc import Sequence

from app.bus.contracts.orders import Units, UnitsCancelled
from app.modules.orders.domain.orders.order import Line, Order
from app.modules.orders.ports import UnitOfWork


def cancel_refunded(uow: UnitOfWork, saved: Order, before: Sequence[Line]) -> None:
    """Count the units that are cancelled in the lines of the saved order, and were not before, and publish that they
    are on sale again. Raises Stale.
    """
    more = {line.sku: line.cancelled - was.cancelled for was, line in zip(before, saved.lines, strict=True)}
    if any(more.values()):
        uow.shipments.cancel(saved, more)
        publish_cancelled(uow, saved)


def publish_cancelled(uow: UnitOfWork, order: Order) -> None:
    """Add to the timeline that units of the order are cancelled, and publish what remains of it."""
    uow.timeline.record(order.id, "orders", "units_cancelled", uow.now, {})
    remaining = [Units(sku=line.sku, quantity=line.quantity - line.cancelled) for line in order.lines]
    about = {"order_id": str(order.id), "customer_id": str(order.customer_id)}
    uow.publish(UnitsCancelled(remaining=remaining, version=order.version, **about))
