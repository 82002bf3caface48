"""Request the money of an order that is confirmed, and that the bank holds."""

from app.bus.contracts.orders import CaptureRequested
from app.modules.orders.domain.orders.hold import with_capture_requested
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.ports import UnitOfWork


def request_capture(uow: UnitOfWork, order: Order) -> Order:
    """Save the request and publish it; the order is returned as it is if its money is not on hold. Raises Stale."""
    requested = with_capture_requested(order, uow.now)
    return order if requested is order else publish_capture(uow, uow.orders.save(requested))


def publish_capture(uow: UnitOfWork, order: Order) -> Order:
    """Add the request that was just saved to the timeline, and publish it."""
    detail: dict[str, object] = {"amount": order.due.amount, "currency": order.currency}
    uow.timeline.record(order.id, "orders", "capture_requested", uow.now, detail)
    uow.publish(
        CaptureRequested(
            order_id=str(order.id),
            customer_id=str(order.customer_id),
            amount=order.due.amount,
            currency=order.currency,
            version=order.version,
        )
    )
    return order
