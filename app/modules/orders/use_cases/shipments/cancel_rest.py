"""Cancel what has not left of an order whose money was all given back."""

from dataclasses import replace

from app.modules.orders.domain.orders.order import Order, rest_cancelled
from app.modules.orders.domain.shipping.packing import fulfilment_of
from app.modules.orders.domain.shipping.shipment import LEFT
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.shipments.cancel_refunded import publish_cancelled
from app.modules.orders.use_cases.shipments.unpack_all import unpack_all


def cancel_rest(uow: UnitOfWork, order: Order) -> Order:
    """Save the order without the units that have not left, unpack them, and publish that they are on sale again.

    One of which all has left is only saved. Raises Stale.
    """
    lines = tuple(map(rest_cancelled, order.lines))
    if lines == order.lines:
        return uow.orders.save(order)
    left = [each for each in uow.shipments.of(order.id).values() if each.status in LEFT]
    saved = uow.orders.save(replace(order, lines=lines, fulfilment=fulfilment_of(lines, left)))
    uow.shipments.cancel_rest(saved)
    unpack_all(uow, saved)
    publish_cancelled(uow, saved)
    return saved
