"""What the orders module listens to, and what it then does."""

import logging
from uuid import UUID

from app.bus.contracts.catalog import (
    OfferChanged,
    StockAudited,
    StockLevelChanged,
    StockRejected,
    StockReleased,
    StockReserved,
    StockReturned,
    StockSold,
)
from app.bus.contracts.payments import (
    CaptureFailed,
    PaymentAudited,
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
from app.modules.orders.domain.life import Happening
from app.modules.orders.domain.offer import Offer
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.audits.keep_answer import keep_answer
from app.modules.orders.use_cases.orders.hear_refund import hear_dispute, hear_refund, hear_refund_failed
from app.modules.orders.use_cases.orders.move_order import move_order
from app.modules.orders.use_cases.orders.note_event import note_event

log = logging.getLogger(__name__)


def when_offer_changed(work: Work, event: OfferChanged) -> None:
    """Keep a copy of what is sold, and for how much."""
    offer = Offer(
        sku=event.sku,
        name=event.name,
        price=Money(event.price, event.currency),
        on_sale=event.on_sale,
        version=event.version,
    )
    work.offers.keep(offer, UUID(event.product_id), event.revision)


def when_stock_level_changed(work: Work, event: StockLevelChanged) -> None:
    """Know how many can be had, to show it in carts; nothing is promised by it."""
    work.offers.keep_level(event.sku, event.available, event.version, event.revision)


def when_stock_sold(work: Work, event: StockSold) -> None:
    """Part of the story."""
    note_event(work, UUID(event.order_id), "catalog", "stock_sold")


def when_stock_released(work: Work, event: StockReleased) -> None:
    """Part of the story."""
    note_event(work, UUID(event.order_id), "catalog", "stock_released")


def when_stock_returned(work: Work, event: StockReturned) -> None:
    """Part of the story."""
    note_event(work, UUID(event.order_id), "catalog", "stock_returned")


def when_payment_started(work: Work, event: PaymentStarted) -> None:
    """Part of the story."""
    note_event(work, UUID(event.order_id), "payments", "payment_started", _money(event))


def when_payment_captured_short(work: Work, event: PaymentCapturedShort) -> None:
    """Part of the story: it is not paid, and a person has to look."""
    detail: dict[str, object] = {"amount": event.captured, "currency": event.currency}
    note_event(work, UUID(event.order_id), "payments", "payment_captured_short", detail)
    log.error("order %s: only %s of %s were captured at Stripe", event.order_id, event.captured, event.amount)


def when_refund_failed(work: Work, event: RefundFailed) -> None:
    """Its customer has not got the money."""
    detail = {**_money(event), "code": event.code, "refunded": event.refunded}
    hear_refund_failed(work, UUID(event.order_id), event.refunded, event.state, detail)


def when_payment_disputed(work: Work, event: PaymentDisputed) -> None:
    """A bank has its money, for now or for good."""
    detail: dict[str, object] = {"amount": event.disputed, "currency": event.currency, "status": event.status}
    detail |= {"reason": event.reason, "respond_by": event.respond_by or None}
    hear_dispute(work, UUID(event.order_id), event.disputed, detail)


def when_stock_audited(work: Work, event: StockAudited) -> None:
    """Keep what catalog answered; where the order has moved since it was asked, ask again."""
    keep_answer(work, UUID(event.audit), UUID(event.order_id), "catalog", event.finding, event.version)


def when_payment_audited(work: Work, event: PaymentAudited) -> None:
    """Keep what payments answered; where the order has moved since it was asked, ask again."""
    keep_answer(work, UUID(event.audit), UUID(event.order_id), "payments", event.finding, event.version)


def when_stock_reserved(work: Work, event: StockReserved) -> None:
    """Its goods are held: ask for its money."""
    _move(work, event.order_id, Happening.STOCK_RESERVED, Cause("catalog"))


def when_stock_rejected(work: Work, event: StockRejected) -> None:
    """Its goods are not available: cancel it."""
    _move(work, event.order_id, Happening.STOCK_REJECTED, Cause("catalog", "out_of_stock", {"short": event.short}))


def when_payment_authorized(work: Work, event: PaymentAuthorized) -> None:
    """Its money is promised: confirm it."""
    _move(work, event.order_id, Happening.PAYMENT_AUTHORIZED, Cause("payments", detail=_money(event)))


def when_payment_captured(work: Work, event: PaymentCaptured) -> None:
    """Its money is ours: it is paid."""
    _move(work, event.order_id, Happening.PAYMENT_CAPTURED, Cause("payments", detail=_money(event)))


def when_capture_failed(work: Work, event: CaptureFailed) -> None:
    """Its money cannot be captured after all: cancel it."""
    _move(work, event.order_id, Happening.CAPTURE_FAILED, Cause("payments", "capture_failed", {"code": event.code}))


def when_payment_failed(work: Work, event: PaymentFailed) -> None:
    """A try to pay it failed; the customer may try again, and reads this."""
    code = event.told or "generic_decline"  # of before there was a word for the customer
    _move(work, event.order_id, Happening.PAYMENT_FAILED, Cause("payments", detail={"code": code}))


def when_payment_refunded(work: Work, event: PaymentRefunded) -> None:
    """Its money went back: if all of it, undo it."""
    detail = {**_money(event), "refunded": event.refunded}
    how = (event.refunded, event.captured, event.state)
    hear_refund(work, UUID(event.order_id), *how, detail)


def when_payment_cancelled(work: Work, event: PaymentCancelled) -> None:
    """Part of the story; where nobody here called it off it can never be paid: cancel it."""
    if event.reason:
        _move(work, event.order_id, Happening.UNPAYABLE, Cause("payments", event.reason))
    else:
        note_event(work, UUID(event.order_id), "payments", "payment_cancelled")


def _move(work: Work, order_id: str, happening: Happening, cause: Cause) -> None:
    move_order(work, UUID(order_id), happening, cause)


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
    StockAudited: reaction(when_stock_audited),
    PaymentAudited: reaction(when_payment_audited),
}
