"""What payments does when orders asks where an order's money stands."""

from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import delete, select

from app.bus.contracts import orders
from app.bus.contracts import payments as contracts
from app.bus.contracts.orders import OrderNudged, PaymentRequested
from app.bus.event import Event
from app.kernel.ids import new_id
from app.modules.payments.infrastructure.tables import payments
from tests.payments.steps import (
    TOTAL,
    authorises,
    breaks_stripe,
    calls_off,
    captures,
    intents,
    opens,
    payment_of,
    pays,
    sandbox_state,
)
from tests.shop import ALICE, Shop

STATUSES = ("placed", "awaiting_payment", "confirmed", "paid", "cancelled", "refunded")
OF_PAYMENTS: tuple[type[Event], ...] = (
    contracts.PaymentStarted,
    contracts.PaymentFailed,
    contracts.PaymentAuthorized,
    contracts.PaymentCaptured,
    contracts.CaptureFailed,
    contracts.PaymentCancelled,
    contracts.PaymentRefunded,
)


def nudges(shop: Shop, order_id: str, status: str, total: int = TOTAL.amount) -> list[str]:
    """orders says where an order stands; what payments says to that."""
    before = published(shop)
    event = OrderNudged(
        order_id=order_id,
        customer_id=str(ALICE),
        status=status,
        lines=[orders.Line(sku="MUG", name="Mug", quantity=2, unit_price=total // 2)],
        totals=orders.Totals(items=total, shipping=0, tax=0, discount=0, total=total),
        currency="EUR",
        deadline="",
        version=3,
    )
    shop.receives(event)
    shop.settle()
    assert shop.parked() == 0
    return published(shop)[len(before) :]


def published(shop: Shop) -> list[str]:
    """All that payments has said, in order."""
    with shop.modules["payments"].database.read() as connection:
        types = connection.exec_driver_sql("SELECT type FROM outbox ORDER BY position").scalars().all()
    return [type.split(".")[1] for type in types]


def revenue() -> float:
    return REGISTRY.get_sample_value("quartet_revenue_total", {"currency": "EUR"}) or 0.0


def capture_count(shop: Shop) -> int:
    return int(sum(sandbox_state(shop)["captures_by_order"].values()))


@pytest.mark.parametrize("status", ["awaiting_payment", "confirmed"])
def test_a_payment_that_is_missing_is_opened(shop: Shop, status: str) -> None:
    order_id = str(new_id())

    assert nudges(shop, order_id, status) == ["payment_started"]

    payment = payment_of(shop, order_id)
    assert (payment["status"], payment["amount"]["amount"]) == ("open", 1800)
    assert nudges(shop, order_id, status) == ["payment_started"]
    assert len(intents(shop)) == 1


@pytest.mark.parametrize("status", ["placed", "paid", "cancelled", "refunded"])
def test_no_payment_is_opened_that_nobody_shall_pay(shop: Shop, status: str) -> None:
    assert nudges(shop, str(new_id()), status) == []
    assert intents(shop) == []


def test_a_payment_that_was_lost_here_is_taken_up_again_as_stripe_has_it(shop: Shop) -> None:
    payment = authorises(shop)
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(delete(payments))

    reported = nudges(shop, payment["order_id"], "confirmed")

    assert reported == ["payment_started", "payment_authorized", "payment_captured"]
    assert payment_of(shop, payment["order_id"])["status"] == "captured"
    assert (len(intents(shop)), capture_count(shop)) == (1, 1)


@pytest.mark.parametrize("status", ["confirmed", "paid"])
def test_what_was_never_asked_to_be_captured_is(shop: Shop, status: str) -> None:
    payment = authorises(shop)

    reported = nudges(shop, payment["order_id"], status)

    assert reported == ["payment_started", "payment_authorized", "payment_captured"]
    assert capture_count(shop) == 1


@pytest.mark.parametrize("status", ["cancelled", "refunded"])
def test_what_was_never_called_off_is(shop: Shop, status: str) -> None:
    authorised, captured = authorises(shop), captures(shop)

    nudges(shop, authorised["order_id"], status)
    nudges(shop, captured["order_id"], status)
    nudges(shop, captured["order_id"], status)

    assert payment_of(shop, authorised["order_id"])["status"] == "cancelled"
    assert payment_of(shop, captured["order_id"])["refunded"]["amount"] == 1800
    assert len(sandbox_state(shop)["refunds"]) == 1


def test_stripe_is_looked_at(shop: Shop) -> None:
    payment = opens(shop)
    breaks_stripe(shop, "lose_answer", action="confirm")
    pays(shop.as_customer(ALICE), payment["id"])

    reported = nudges(shop, payment["order_id"], "awaiting_payment")

    assert reported == ["payment_started", "payment_authorized"]


def test_what_is_captured_is_said_again_and_neither_captured_nor_counted_again(shop: Shop) -> None:
    payment = captures(shop)
    stock_counts = revenue()

    for status in ("awaiting_payment", "confirmed", "paid"):
        reported = nudges(shop, payment["order_id"], status)
        assert reported == ["payment_started", "payment_authorized", "payment_captured"]

    assert (capture_count(shop), revenue()) == (1, stock_counts)
    assert payment_of(shop, payment["order_id"]) == payment


def test_a_refund_is_said_again_as_nothing_more(shop: Shop) -> None:
    payment = captures(shop)
    calls_off(shop, payment["order_id"])

    reported = nudges(shop, payment["order_id"], "paid")

    assert reported == ["payment_started", "payment_authorized", "payment_captured", "payment_refunded"]
    again: Any = shop.published(contracts.PaymentRefunded)[-1]
    assert (again.amount, again.refunded, again.captured) == (0, 1800, 1800)
    assert len(sandbox_state(shop)["refunds"]) == 1


@pytest.mark.parametrize("status", STATUSES)
def test_nothing_brings_back_what_was_called_off(shop: Shop, status: str) -> None:
    payment = authorises(shop)
    calls_off(shop, payment["order_id"])

    reported = nudges(shop, payment["order_id"], status)

    with shop.modules["payments"].database.read() as connection:
        assert connection.execute(select(payments.c.desired)).scalar_one() == "cancelled"
    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"
    assert reported == ([] if status in {"placed", "awaiting_payment"} else ["payment_started", "payment_cancelled"])


def test_a_payment_that_is_requested_again_is_told_of_and_not_made_again(shop: Shop) -> None:
    payment = captures(shop)
    before = published(shop)

    shop.receives(requested(payment["order_id"], 1800))
    shop.settle()

    assert published(shop)[len(before) :] == ["payment_started", "payment_authorized", "payment_captured"]
    assert (len(intents(shop)), capture_count(shop), shop.parked()) == (1, 1, 0)


def test_a_payment_that_is_requested_again_over_another_amount_parks(shop: Shop) -> None:
    payment = opens(shop)

    shop.receives(requested(payment["order_id"], 1))

    assert shop.parked() == 1


def requested(order_id: str, amount: int) -> PaymentRequested:
    return PaymentRequested(
        order_id=order_id,
        customer_id=str(ALICE),
        amount=amount,
        currency="EUR",
        deadline="2026-01-31T12:00:00Z",
        version=2,
    )
