"""The subscriptions of orders: the events it consumes, and the handler of each."""

import logging
from datetime import datetime
from uuid import UUID

from app.bus.contracts.catalog import (
    OfferChanged,
    StockAuditReported,
    StockLevelChanged,
    StockRejected,
    StockReleased,
    StockReserved,
    StockReturned,
    StockSold,
)
from app.bus.contracts.payments import (
    CaptureFailed,
    PaymentAuditReported,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentCaptured,
    PaymentCapturedShort,
    PaymentDisputed,
    PaymentFailed,
    PaymentRefunded,
    PaymentStarted,
    RefundFailed,
)
from app.bus.subscription import Subscriptions, projection, reaction
from app.kernel.money import Money
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.domain.orders.cause import Cause
from app.modules.orders.domain.orders.state_machine import Trigger
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.audits.keep_answer import keep_answer
from app.modules.orders.use_cases.orders.authorize_order import authorize_order
from app.modules.orders.use_cases.orders.move_order import move_order
from app.modules.orders.use_cases.orders.record_event import record_event
from app.modules.orders.use_cases.orders.record_refund import record_dispute, record_failed_refund, record_refund

log = logging.getLogger(__name__)


def when_offer_changed(uow: UnitOfWork, event: OfferChanged) -> None:
    """Store a copy of the offer: its price, weight and categories, whether it is on sale, and whether it ships."""
    offer = Offer(
        sku=event.sku,
        name=event.name,
        price=Money(event.price, event.currency),
        weight_g=event.weight_g,
        ships=event.ships,
        category=event.category,
        tax_category=event.tax_category,
        on_sale=event.on_sale,
        version=event.version,
    )
    uow.offers.keep(offer, UUID(event.product_id), event.revision)


def when_stock_level_changed(uow: UnitOfWork, event: StockLevelChanged) -> None:
    """Store a copy of the stock level. Carts show it; it does not reserve anything."""
    uow.offers.keep_level(event.sku, event.available, event.version, event.revision)


def when_stock_sold(uow: UnitOfWork, event: StockSold) -> None:
    """Add an entry to the order's timeline: the held stock was sold. The order does not change."""
    record_event(uow, UUID(event.order_id), "catalog", "stock_sold")


def when_stock_released(uow: UnitOfWork, event: StockReleased) -> None:
    """Add an entry to the order's timeline: the held stock was released. The order does not change."""
    record_event(uow, UUID(event.order_id), "catalog", "stock_released")


def when_stock_returned(uow: UnitOfWork, event: StockReturned) -> None:
    """Add an entry to the order's timeline: the sold stock was returned. The order does not change."""
    record_event(uow, UUID(event.order_id), "catalog", "stock_returned")


def when_payment_started(uow: UnitOfWork, event: PaymentStarted) -> None:
    """Add an entry to the order's timeline: the customer started to pay. The order does not change."""
    record_event(uow, UUID(event.order_id), "payments", "payment_started", _money(event))


def when_payment_captured_short(uow: UnitOfWork, event: PaymentCapturedShort) -> None:
    """Add an entry to the order's timeline and log an error: the order is not paid in full, so a person must decide."""
    detail: dict[str, object] = {"amount": event.captured, "currency": event.currency}
    record_event(uow, UUID(event.order_id), "payments", "payment_captured_short", detail)
    log.error("order %s: Stripe captured only %s of %s", event.order_id, event.captured, event.amount)


def when_refund_failed(uow: UnitOfWork, event: RefundFailed) -> None:
    """Record the failed refund. The status stays; the order is stuck until a refund succeeds or it is written off."""
    detail = {**_money(event), "code": event.code, "refunded": event.refunded}
    record_failed_refund(uow, UUID(event.order_id), event.refunded, event.state, detail, _of_units(event))


def when_payment_disputed(uow: UnitOfWork, event: PaymentDisputed) -> None:
    """Record the dispute: the amount that the bank has taken back. The status does not change."""
    detail: dict[str, object] = {"amount": event.disputed, "currency": event.currency, "status": event.status}
    detail |= {"reason": event.reason, "respond_by": event.respond_by or None}
    record_dispute(uow, UUID(event.order_id), event.disputed, detail)


def when_stock_audit_reported(uow: UnitOfWork, event: StockAuditReported) -> None:
    """Store catalog's answer of an audit; request it again if it differs and the order has changed in the meantime."""
    keep_answer(uow, UUID(event.audit), UUID(event.order_id), "catalog", event.discrepancy, event.version)


def when_payment_audit_reported(uow: UnitOfWork, event: PaymentAuditReported) -> None:
    """Store payments' answer of an audit; request it again if it differs and the order has changed in the meantime."""
    keep_answer(uow, UUID(event.audit), UUID(event.order_id), "payments", event.discrepancy, event.version)


def when_stock_reserved(uow: UnitOfWork, event: StockReserved) -> None:
    """The stock is held: the order awaits its payment, and the payment is requested."""
    _move(uow, event.order_id, Trigger.STOCK_RESERVED, Cause("catalog"))


def when_stock_rejected(uow: UnitOfWork, event: StockRejected) -> None:
    """The stock is not available: cancel the order as out of stock."""
    _move(uow, event.order_id, Trigger.STOCK_REJECTED, Cause("catalog", "out_of_stock", {"short": event.short}))


def when_payment_authorized(uow: UnitOfWork, event: PaymentAuthorized) -> None:
    """The payment is authorized: confirm the order."""
    ends = datetime.fromisoformat(event.capture_before) if event.capture_before else None
    authorize_order(uow, UUID(event.order_id), ends, Cause("payments", detail=_money(event)))


def when_payment_captured(uow: UnitOfWork, event: PaymentCaptured) -> None:
    """The payment is captured: the order becomes paid."""
    _move(uow, event.order_id, Trigger.PAYMENT_CAPTURED, Cause("payments", detail=_money(event)))


def when_capture_failed(uow: UnitOfWork, event: CaptureFailed) -> None:
    """The authorized payment could not be captured: cancel the order. Goods that have left are lost with the money."""
    order = move_order(
        uow, UUID(event.order_id), Trigger.CAPTURE_FAILED, Cause("payments", "capture_failed", {"code": event.code})
    )
    if order.is_dispatched:
        log.error("order %s: goods have left, and the money could not be captured (%s)", order.id, event.code)


def when_payment_failed(uow: UnitOfWork, event: PaymentFailed) -> None:
    """Record the failed attempt to pay, with the code that the customer is shown. The customer may try again."""
    code = event.public_code or "generic_decline"  # events from before this field existed have no public code
    _move(uow, event.order_id, Trigger.PAYMENT_FAILED, Cause("payments", detail={"code": code}))


def when_payment_refunded(uow: UnitOfWork, event: PaymentRefunded) -> None:
    """Record the refund. When the whole amount was refunded, the order becomes refunded."""
    detail = {**_money(event), "refunded": event.refunded}
    how = (event.refunded, event.captured, event.state)
    record_refund(uow, UUID(event.order_id), *how, detail, _of_units(event))


def when_payment_cancelled(uow: UnitOfWork, event: PaymentCancelled) -> None:
    """Add an entry to the order's timeline. If payments gives a reason, the order can never be paid: cancel it."""
    if event.reason:
        _move(uow, event.order_id, Trigger.UNPAYABLE, Cause("payments", event.reason))
    else:
        record_event(uow, UUID(event.order_id), "payments", "payment_cancelled")


def _move(uow: UnitOfWork, order_id: str, trigger: Trigger, cause: Cause) -> None:
    move_order(uow, UUID(order_id), trigger, cause)


def _of_units(event: PaymentRefunded | RefundFailed) -> dict[UUID, str]:
    return {UUID(each.refund_id): each.state for each in event.of_units}


def _money(
    event: PaymentStarted | PaymentAuthorized | PaymentCaptured | PaymentRefunded | RefundFailed,
) -> dict[str, object]:
    return {"amount": event.amount, "currency": event.currency}


SUBSCRIPTIONS: Subscriptions = {
    OfferChanged: projection(when_offer_changed),
    StockLevelChanged: projection(when_stock_level_changed),
    StockReserved: reaction(when_stock_reserved),
    StockRejected: reaction(when_stock_rejected),
    PaymentAuthorized: reaction(when_payment_authorized),
    PaymentCaptured: reaction(when_payment_captured),
    CaptureFailed: reaction(when_capture_failed),
    PaymentFailed: reaction(when_payment_failed),
    PaymentRefunded: reaction(when_payment_refunded),
    StockSold: reaction(when_stock_sold),
    StockReleased: reaction(when_stock_released),
    StockReturned: reaction(when_stock_returned),
    PaymentStarted: reaction(when_payment_started),
    PaymentCancelled: reaction(when_payment_cancelled),
    PaymentCapturedShort: reaction(when_payment_captured_short),
    RefundFailed: reaction(when_refund_failed),
    PaymentDisputed: reaction(when_payment_disputed),
    StockAuditReported: reaction(when_stock_audit_reported),
    PaymentAuditReported: reaction(when_payment_audit_reported),
}
