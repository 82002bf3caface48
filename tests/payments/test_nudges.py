"""What payments does when orders publishes an order again (a nudge)."""

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
    cancels,
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


def nudge(order_id: str, status: str, total: int = TOTAL.amount) -> OrderNudged:
    return OrderNudged(
        order_id=order_id,
        customer_id=str(ALICE),
        status=status,
        lines=[orders.Line(sku="MUG", name="Mug", quantity=2, unit_price=total // 2)],
        totals=orders.Totals(items=total, shipping=0, tax=0, discount=0, total=total),
        currency="EUR",
        deadline="",
        version=3,
    )


def nudges(shop: Shop, order_id: str, status: str, total: int = TOTAL.amount) -> list[str]:
    """Publish the nudge of an order; returns the events that payments publishes in reply."""
    before = published(shop)
    shop.receives(nudge(order_id, status, total))
    shop.settle()
    assert shop.parked() == 0
    return published(shop)[len(before) :]


def published(shop: Shop) -> list[str]:
    """Return all events that payments has published, in order."""
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
def test_no_payment_is_opened_for_an_order_that_must_not_be_paid(shop: Shop, status: str) -> None:
    assert nudges(shop, str(new_id()), status) == []
    assert intents(shop) == []


def test_a_payment_lost_here_is_restored_from_stripe(shop: Shop) -> None:
    payment = authorises(shop)
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(delete(payments))

    reported = nudges(shop, payment["order_id"], "confirmed")

    assert reported == ["payment_started", "payment_authorized", "payment_captured"]
    assert payment_of(shop, payment["order_id"])["status"] == "captured"
    assert (len(intents(shop)), capture_count(shop)) == (1, 1)


@pytest.mark.parametrize("status", ["confirmed", "paid"])
def test_a_payment_that_was_never_captured_is_captured(shop: Shop, status: str) -> None:
    payment = authorises(shop)

    reported = nudges(shop, payment["order_id"], status)

    assert reported == ["payment_started", "payment_authorized", "payment_captured"]
    assert capture_count(shop) == 1


@pytest.mark.parametrize("status", ["cancelled", "refunded"])
def test_a_payment_that_was_never_cancelled_is_cancelled(shop: Shop, status: str) -> None:
    authorised, captured = authorises(shop), captures(shop)

    nudges(shop, authorised["order_id"], status)
    nudges(shop, captured["order_id"], status)
    nudges(shop, captured["order_id"], status)

    assert payment_of(shop, authorised["order_id"])["status"] == "cancelled"
    assert payment_of(shop, captured["order_id"])["refunded"]["amount"] == 1800
    assert len(sandbox_state(shop)["refunds"]) == 1


def test_a_nudged_payment_is_read_at_stripe(shop: Shop) -> None:
    payment = opens(shop)
    breaks_stripe(shop, "lose_answer", action="confirm")
    pays(shop.as_customer(ALICE), payment["id"])

    reported = nudges(shop, payment["order_id"], "awaiting_payment")

    assert reported == ["payment_started", "payment_authorized"]


def test_a_capture_is_published_again_but_neither_made_nor_counted_again(shop: Shop) -> None:
    payment = captures(shop)
    stock_counts = revenue()

    for status in ("awaiting_payment", "confirmed", "paid"):
        reported = nudges(shop, payment["order_id"], status)
        assert reported == ["payment_started", "payment_authorized", "payment_captured"]

    assert (capture_count(shop), revenue()) == (1, stock_counts)
    assert payment_of(shop, payment["order_id"]) == payment


def test_a_refund_is_published_again_without_a_new_amount(shop: Shop) -> None:
    payment = captures(shop)
    cancels(shop, payment["order_id"])

    reported = nudges(shop, payment["order_id"], "paid")

    assert reported == ["payment_started", "payment_authorized", "payment_captured", "payment_refunded"]
    again: Any = shop.published(contracts.PaymentRefunded)[-1]
    assert (again.amount, again.refunded, again.captured) == (0, 1800, 1800)
    assert len(sandbox_state(shop)["refunds"]) == 1


@pytest.mark.parametrize("status", STATUSES)
def test_a_nudge_never_revives_a_cancelled_payment(shop: Shop, status: str) -> None:
    payment = authorises(shop)
    cancels(shop, payment["order_id"])

    reported = nudges(shop, payment["order_id"], status)

    with shop.modules["payments"].database.read() as connection:
        assert connection.execute(select(payments.c.desired)).scalar_one() == "cancelled"
    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"
    assert reported == ([] if status in {"placed", "awaiting_payment"} else ["payment_started", "payment_cancelled"])


def test_a_payment_that_is_requested_again_is_published_and_not_made_again(shop: Shop) -> None:
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
