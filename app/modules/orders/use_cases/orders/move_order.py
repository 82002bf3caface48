"""Let something happen to an order: the only way in which its status changes."""

from uuid import UUID

from app.modules.orders.domain.cause import Cause
from app.modules.orders.domain.life import Status, Trigger, Unchanged
from app.modules.orders.domain.order import Order, after, recorded
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders import order_events


def move_order(uow: UnitOfWork, order_id: UUID, trigger: Trigger, cause: Cause) -> Order:
    """Let it happen to the order of this id. Raises NotFound(no_such_order), and what `move` does."""
    return move(uow, uow.orders.get(order_id), trigger, cause)


def move(uow: UnitOfWork, order: Order, trigger: Trigger, cause: Cause) -> Order:
    """Do what the order's life says; write down who set it off and what came of it; tell the others.

    Raises Conflict(wrong_state) where this cannot happen, Stale where someone else moved it since it was read.
    """
    moved = after(order, trigger, uow.now, uow.policies.payment_window, cause.reason)
    if moved is Unchanged.IGNORED:
        uow.timeline.record(order.id, cause.module, trigger, uow.now, {**cause.detail, "ignored": True})
        return order
    uow.timeline.record(order.id, cause.module, trigger, uow.now, cause.detail)
    if moved is Unchanged.RECORDED:
        return uow.orders.save(recorded(order, trigger))
    saved = uow.orders.save(moved)
    uow.timeline.record(saved.id, "orders", saved.status, uow.now, {"reason": cause.reason} if cause.reason else {})
    if saved.cart_id:
        _let_go_of_cart(uow, saved)
    uow.publish(order_events.changed(saved))
    if saved.status is Status.CONFIRMED and saved.is_free:
        return move(uow, saved, Trigger.PAYMENT_CAPTURED, Cause("orders", detail={"amount": 0}))
    return saved


def _let_go_of_cart(uow: UnitOfWork, order: Order) -> None:
    """Confirmed, what it held is bought; cancelled, it is the customer's again, as it was."""
    if order.status in {Status.CONFIRMED, Status.CANCELLED}:
        uow.carts.unlock(order.id, keep_items=order.status is Status.CANCELLED, now=uow.now)
