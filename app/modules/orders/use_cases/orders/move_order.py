"""Let something happen to an order: the only way in which its status changes."""

from uuid import UUID

from app.modules.orders.domain.cause import Cause
from app.modules.orders.domain.life import Happening, Status, Unmoved
from app.modules.orders.domain.order import Order, after, noted
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.orders import news


def move_order(work: Work, order_id: UUID, happening: Happening, cause: Cause) -> Order:
    """Let it happen to the order of this id. Raises NotFound(no_such_order), and what `move` does."""
    return move(work, work.orders.get(order_id), happening, cause)


def move(work: Work, order: Order, happening: Happening, cause: Cause) -> Order:
    """Do what the order's life says; write down who set it off and what came of it; tell the others.

    Raises Conflict(wrong_state) where this cannot happen, Stale where someone else moved it since it was read.
    """
    moved = after(order, happening, work.now, work.policies.patience, cause.reason)
    if moved is Unmoved.MOOT:
        work.timeline.note(order.id, cause.module, happening, work.now, {**cause.detail, "moot": True})
        return order
    work.timeline.note(order.id, cause.module, happening, work.now, cause.detail)
    if moved is Unmoved.NOTED:
        return work.orders.save(noted(order, happening))
    saved = work.orders.save(moved)
    work.timeline.note(saved.id, "orders", saved.status, work.now, {"reason": cause.reason} if cause.reason else {})
    if saved.cart_id:
        _let_go_of_cart(work, saved)
    work.publish(news.changed(saved))
    if saved.status is Status.CONFIRMED and saved.is_free:
        return move(work, saved, Happening.PAYMENT_CAPTURED, Cause("orders", detail={"amount": 0}))
    return saved


def _let_go_of_cart(work: Work, order: Order) -> None:
    """Confirmed, what it held is bought; cancelled, it is the customer's again, as it was."""
    if order.status in {Status.CONFIRMED, Status.CANCELLED}:
        work.carts.unlock(order.id, keep_items=order.status is Status.CANCELLED, now=work.now)
