"""What the orders module listens to, and what it then does."""

import logging
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
from app.modules.orders.domain.cause import Cause
from app.modules.orders.domain.life import Trigger
from app.modules.orders.domain.offer import Offer
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.audits.keep_answer import keep_answer
from app.modules.orders.use_cases.orders.move_order import move_order
from app.modules.orders.use_cases.orders.record_event import record_event
from app.modules.orders.use_cases.orders.record_refund import record_dispute, record_failed_refund, record_refund

log = logging.getLogger(__name__)


def when_offer_changed(uow: UnitOfWork, event: OfferChanged) -> None:
    """Keep a copy of what is sold, and for how much."""
    offer = Offer(
        sku=event.sku,
        name=event.name,
        price=Money(event.price, event.currency),
        on_sale=event.on_sale,
        version=event.version,
    )
    uow.offers.keep(offer, UUID(event.product_id), event.revision)


def when_stock_level_changed(uow: UnitOfWork, event: StockLevelChanged) -> None:
    """Know how many can be had, to show it in carts; nothing is promised by it."""
    uow.offers.keep_level(event.sku, event.available, event.version, event.revision)


def when_stock_sold(uow: UnitOfWork, event: StockSold) -> None:
    """Part of the story."""
    record_event(uow, UUID(event.order_id), "catalog", "stock_sold")


def when_stock_released(uow: UnitOfWork, event: StockReleased) -> None:
    """Part of the story."""
    record_event(uow, UUID(event.order_id), "catalog", "stock_released")


def when_stock_returned(uow: UnitOfWork, event: StockReturned) -> None:
    """Part of the story."""
    record_event(uow, UUID(event.order_id), "catalog", "stock_returned")


def when_payment_started(uow: UnitOfWork, event: PaymentStarted) -> None:
    """Part of the story."""
    record_event(uow, UUID(event.order_id), "payments", "payment_started", _money(event))


def when_payment_captured_short(uow: UnitOfWork, event: PaymentCapturedShort) -> None:
    """Part of the story: it is not paid, and a person has to look."""
    detail: dict[str, object] = {"amount": event.captured, "currency": event.currency}
    record_event(uow, UUID(event.order_id), "payments", "payment_captured_short", detail)
    log.error("order %s: only %s of %s were captured at Stripe", event.order_id, event.captured, event.amount)


def when_refund_failed(uow: UnitOfWork, event: RefundFailed) -> None:
    """Its customer has not got the money."""
    detail = {**_money(event), "code": event.code, "refunded": event.refunded}
    record_failed_refund(uow, UUID(event.order_id), event.refunded, event.state, detail)


def when_payment_disputed(uow: UnitOfWork, event: PaymentDisputed) -> None:
    """A bank has its money, for now or for good."""
    detail: dict[str, object] = {"amount": event.disputed, "currency": event.currency, "status": event.status}
    detail |= {"reason": event.reason, "respond_by": event.respond_by or None}
    record_dispute(uow, UUID(event.order_id), event.disputed, detail)


def when_stock_audit_reported(uow: UnitOfWork, event: StockAuditReported) -> None:
    """Keep what catalog answered; where the order has moved since it was asked, ask again."""
    keep_answer(uow, UUID(event.audit), UUID(event.order_id), "catalog", event.discrepancy, event.version)


def when_payment_audit_reported(uow: UnitOfWork, event: PaymentAuditReported) -> None:
    """Keep what payments answered; where the order has moved since it was asked, ask again."""
    keep_answer(uow, UUID(event.audit), UUID(event.order_id), "payments", event.discrepancy, event.version)


def when_stock_reserved(uow: UnitOfWork, event: StockReserved) -> None:
    """Its goods are held: ask for its money."""
    _move(uow, event.order_id, Trigger.STOCK_RESERVED, Cause("catalog"))


def when_stock_rejected(uow: UnitOfWork, event: StockRejected) -> None:
    """Its goods are not available: cancel it."""
    _move(uow, event.order_id, Trigger.STOCK_REJECTED, Cause("catalog", "out_of_stock", {"short": event.short}))


def when_payment_authorized(uow: UnitOfWork, event: PaymentAuthorized) -> None:
    """Its money is promised: confirm it."""
    _move(uow, event.order_id, Trigger.PAYMENT_AUTHORIZED, Cause("payments", detail=_money(event)))


def when_payment_captured(uow: UnitOfWork, event: PaymentCaptured) -> None:
    """Its money is ours: it is paid."""
    _move(uow, event.order_id, Trigger.PAYMENT_CAPTURED, Cause("payments", detail=_money(event)))


def when_capture_failed(uow: UnitOfWork, event: CaptureFailed) -> None:
    """Its money cannot be captured after all: cancel it."""
    _move(uow, event.order_id, Trigger.CAPTURE_FAILED, Cause("payments", "capture_failed", {"code": event.code}))


def when_payment_failed(uow: UnitOfWork, event: PaymentFailed) -> None:
    """A try to pay it failed; the customer may try again, and reads this."""
    code = event.public_code or "generic_decline"  # of before there was a word for the customer
    _move(uow, event.order_id, Trigger.PAYMENT_FAILED, Cause("payments", detail={"code": code}))


def when_payment_refunded(uow: UnitOfWork, event: PaymentRefunded) -> None:
    """Its money went back: if all of it, undo it."""
    detail = {**_money(event), "refunded": event.refunded}
    how = (event.refunded, event.captured, event.state)
    record_refund(uow, UUID(event.order_id), *how, detail)


def when_payment_cancelled(uow: UnitOfWork, event: PaymentCancelled) -> None:
    """Part of the story; where nobody here called it off it can never be paid: cancel it."""
    if event.reason:
        _move(uow, event.order_id, Trigger.UNPAYABLE, Cause("payments", event.reason))
    else:
        record_event(uow, UUID(event.order_id), "payments", "payment_cancelled")


def _move(uow: UnitOfWork, order_id: str, trigger: Trigger, cause: Cause) -> None:
    move_order(uow, UUID(order_id), trigger, cause)


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
