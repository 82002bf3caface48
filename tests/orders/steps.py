"""Steps of the tests of orders: what customers do, and the events that other modules publish."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.bus.contracts import catalog, payments
from app.bus.event import Event
from app.kernel import clock
from app.kernel.money import Money
from app.modules.orders.infrastructure.unit_of_work import transaction_on
from app.modules.orders.schedules import sweep_deadlines
from tests.shop import Caller, Shop

MUG = Money(900, "EUR")
PAYMENT = "0195d1a0-0000-7000-8000-000000000001"


def paid_by(**more: Any) -> dict[str, Any]:
    """The fields of an event of payments; payment_id and version are the same in all of them."""
    return {"payment_id": PAYMENT, "version": 1, **more}


EVENTS: dict[str, Callable[[str], Event]] = {
    "stock_reserved": lambda id: catalog.StockReserved(order_id=id, version=1),
    "stock_rejected": lambda id: catalog.StockRejected(
        order_id=id, short=[catalog.Shortage(sku="MUG", wanted=2, available=1)], version=1
    ),
    "payment_authorized": lambda id: payments.PaymentAuthorized(order_id=id, **paid_by(amount=1800, currency="EUR")),
    "payment_captured": lambda id: payments.PaymentCaptured(order_id=id, **paid_by(amount=1800, currency="EUR")),
    "capture_failed": lambda id: payments.CaptureFailed(order_id=id, **paid_by(code="expired")),
    "payment_failed": lambda id: payments.PaymentFailed(
        order_id=id, **paid_by(code="stolen_card", public_code="generic_decline")
    ),
    "full_refund": lambda id: payments.PaymentRefunded(
        order_id=id, **paid_by(amount=1800, refunded=1800, captured=1800, currency="EUR")
    ),
    "unpayable": lambda id: payments.PaymentCancelled(order_id=id, **paid_by(reason="cancelled_at_stripe")),
}
MONEY: dict[str, Callable[[str], Event]] = {  # events that never change the status
    "part_refund": lambda id: payments.PaymentRefunded(
        order_id=id, **paid_by(amount=500, refunded=500, captured=1800, currency="EUR", state="pending")
    ),
    "refund_failed": lambda id: payments.RefundFailed(
        order_id=id,
        **paid_by(
            refund_id=PAYMENT,
            amount=1800,
            refunded=0,
            captured=1800,
            currency="EUR",
            code="lost_or_stolen_card",
            state="failed",
        ),
    ),
    "disputed": lambda id: payments.PaymentDisputed(
        order_id=id,
        **paid_by(
            status="needs_response",
            reason="fraudulent",
            disputed=1800,
            currency="EUR",
            respond_by="2026-12-01T00:00:00Z",
        ),
    ),
    "captured_short": lambda id: payments.PaymentCapturedShort(
        order_id=id, **paid_by(amount=1800, captured=100, currency="EUR")
    ),
}
PATH_TO = {  # the triggers that bring a placed order to a status
    "placed": [],
    "awaiting_payment": ["stock_reserved"],
    "confirmed": ["stock_reserved", "payment_authorized"],
    "paid": ["stock_reserved", "payment_authorized", "payment_captured"],
    "cancelled": ["stock_rejected"],
    "refunded": ["stock_reserved", "payment_authorized", "payment_captured", "full_refund"],
}


def places(shop: Shop, customer: Caller) -> str:
    """Order two mugs; returns the order's id."""
    shop.offers("MUG", MUG)
    return str(customer.orders({"MUG": 2}, MUG * 2).json["id"])  # type: ignore[index]


def receives(shop: Shop, order_id: str, *triggers: str) -> None:
    """Deliver these events of other modules about an order."""
    for trigger in triggers:
        shop.receives((EVENTS | MONEY)[trigger](order_id))


def order_in(shop: Shop, customer: Caller, status: str) -> str:
    """Place an order and bring it to this status; returns its id."""
    order_id = places(shop, customer)
    receives(shop, order_id, *PATH_TO[status])
    return order_id


def sweeps(shop: Shop, after: timedelta) -> None:
    """Run the sweep of deadlines as it would run this long from now."""
    sweep_deadlines(lambda: later(shop, after), lambda: later(shop, after))


def later(shop: Shop, after: timedelta) -> AbstractContextManager[Any]:
    """A transaction of orders whose clock is this far ahead."""
    with shop.modules["orders"].reading() as uow:
        policies = uow.policies
    return transaction_on(shop.modules["orders"].database, policies, lambda: clock.now() + after)()


def status_of(caller: Caller, order_id: str) -> str:
    return str(caller.get(f"/orders/{order_id}").json["status"])  # type: ignore[index]


def timeline_of(caller: Caller, order_id: str) -> list[str]:
    """Its timeline, as module: what."""
    items: Any = caller.get(f"/orders/{order_id}/timeline").json["items"]  # type: ignore[index]
    return [f"{each['module']}: {each['what']}" for each in items]


def published_about(shop: Shop, order_id: str) -> list[str]:
    """The names of the events that orders has published about an order, the oldest first."""
    module = shop.modules["orders"]
    with module.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT key, type FROM outbox ORDER BY position").all()
    return [type.split(".")[1] for key, type in rows if UUID(key) == UUID(order_id)]
