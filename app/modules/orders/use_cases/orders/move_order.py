"""Apply a trigger to an order. The status of an order is changed only here."""

from uuid import UUID

from app.modules.orders.domain.documents.document import InvoiceTime
from app.modules.orders.domain.orders.cause import Cause
from app.modules.orders.domain.orders.order import UNDONE, Order, after, recorded
from app.modules.orders.domain.orders.state_machine import Status, Trigger, Unchanged
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.documents.request_documents import request_documents
from app.modules.orders.use_cases.orders import order_events
from app.modules.orders.use_cases.orders.record_taken_back import record_taken_back
from app.modules.orders.use_cases.promotions.redeem import follow_order
from app.modules.orders.use_cases.shipments.cancel_rest import cancel_rest
from app.modules.orders.use_cases.shipments.unpack_all import unpack_all
from app.modules.orders.use_cases.tax.record_tax import request_sale


def move_order(uow: UnitOfWork, order_id: UUID, trigger: Trigger, cause: Cause) -> Order:
    """Apply a trigger to the order with this id. Raises NotFound(no_such_order), and what `move` raises."""
    return move(uow, uow.orders.get(order_id), trigger, cause)


def move(uow: UnitOfWork, order: Order, trigger: Trigger, cause: Cause) -> Order:
    """Apply a trigger to an order: save the transition, record cause and result in the timeline, publish the event.

    Raises Conflict(wrong_state, already_dispatched) if the trigger is not possible, Stale if the order was changed
    since it was read.
    """
    moved = after(order, trigger, uow.now, uow.policies.payment_window, cause.reason)
    if moved is Unchanged.IGNORED:
        uow.timeline.record(order.id, cause.module, trigger, uow.now, {**cause.detail, "ignored": True})
        return order
    uow.timeline.record(order.id, cause.module, trigger, uow.now, cause.detail)
    if moved is Unchanged.RECORDED and trigger is Trigger.FULL_REFUND:
        return cancel_rest(uow, order)
    if moved is Unchanged.RECORDED:
        return uow.orders.save(recorded(order, trigger))
    saved = uow.orders.save(moved)
    uow.timeline.record(saved.id, "orders", saved.status, uow.now, {"reason": cause.reason} if cause.reason else {})
    if saved.cart_id:
        _unlock_cart(uow, saved)
    if saved.status in UNDONE and any(line.packed for line in order.lines):
        unpack_all(uow, saved)
    if _may_need_documents(uow, saved):
        request_documents(uow, saved)
    if saved.status is Status.PAID:
        request_sale(uow, saved)
    record_taken_back(uow, order, saved)
    follow_order(uow, saved)
    uow.publish(order_events.changed(saved))
    if saved.status is Status.CONFIRMED and saved.is_free:
        return move(uow, saved, Trigger.PAYMENT_CAPTURED, Cause("orders", detail={"amount": 0}))
    return saved


def _may_need_documents(uow: UnitOfWork, order: Order) -> bool:
    """An order that ends unpaid has documents only if goods have left, whatever the setting is now."""
    if order.status is Status.CANCELLED:
        return order.is_dispatched
    return order.status is Status.PAID and uow.policies.documents.invoices is not InvoiceTime.OFF


def _unlock_cart(uow: UnitOfWork, order: Order) -> None:
    """Unlock the order's cart: emptied when the order is confirmed, with its items when the order is cancelled."""
    if order.status in {Status.CONFIRMED, Status.CANCELLED}:
        uow.carts.unlock(order.id, keep_items=order.status is Status.CANCELLED, now=uow.now)
