"""A payment that stays authorised until orders requests its capture, as it does where money is taken at dispatch."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.bus.contracts import payments as contracts
from app.bus.contracts.orders import CaptureRequested, Line, OrderAuditRequested, OrderConfirmed, OrderNudged, Totals
from app.jobs import tables as jobs
from app.kernel import clock
from app.kernel.ids import new_id
from tests.payments.steps import (
    authorises,
    cancels,
    delivers,
    event_about,
    moves_clock,
    opens,
    passes,
    payment_of,
    sandbox_state,
)
from tests.shop import ALICE, Shop

WEEK = timedelta(days=7)
LINE = Line(sku="MUG", name="Mug", quantity=2, unit_price=900)


def held(shop: Shop) -> Any:
    """Authorise a payment of an order that is captured later."""
    payment = authorises(shop)
    shop.receives(OrderConfirmed(order_id=payment["order_id"], customer_id=str(ALICE), version=3, capture="later"))
    shop.settle()
    return payment


def requests_capture(shop: Shop, order_id: str, amount: int = 1800) -> None:
    about = {"order_id": order_id, "customer_id": str(ALICE), "version": 4}
    shop.receives(CaptureRequested(amount=amount, currency="EUR", **about))
    shop.settle()


def audited(shop: Shop, order_id: str, capture: str) -> str:
    """What payments reports about a confirmed order."""
    about: dict[str, Any] = {"order_id": order_id, "status": "confirmed", "lines": [LINE], "currency": "EUR"}
    shop.receives(OrderAuditRequested(audit=str(new_id()), amount=1800, version=3, capture=capture, **about))
    return str(shop.published(contracts.PaymentAuditReported)[-1].discrepancy)


def nudges(shop: Shop, order_id: str, capture: str) -> None:
    about: dict[str, Any] = {"order_id": order_id, "customer_id": str(ALICE), "status": "confirmed", "lines": [LINE]}
    totals = Totals(items=1800, shipping=0, tax=0, discount=0, total=1800)
    shop.receives(OrderNudged(totals=totals, currency="EUR", deadline="", version=3, capture=capture, **about))
    shop.settle()


def test_it_is_captured_once_on_request(shop: Shop) -> None:
    payment = held(shop)
    before = payment_of(shop, payment["order_id"])["status"]

    for _ in range(2):
        requests_capture(shop, payment["order_id"])

    assert before == "authorized"
    assert payment_of(shop, payment["order_id"])["captured"]["amount"] == 1800
    assert sandbox_state(shop)["captures_by_order"] == {payment["order_id"]: 1}


def test_the_end_of_the_hold_is_published(shop: Shop) -> None:
    begun = clock.now()

    payment = held(shop)

    [authorized] = shop.published(contracts.PaymentAuthorized)
    ends = datetime.fromisoformat(authorized.capture_before)
    assert begun + WEEK - timedelta(minutes=1) < ends < begun + WEEK + timedelta(minutes=2)
    assert datetime.fromisoformat(payment["capture_before"]) == ends.astimezone(UTC)


def test_an_end_that_is_learned_later_is_published_then(shop: Shop) -> None:
    held(shop)
    with shop.modules["payments"].database.begin() as connection:  # as the version before has recorded it
        connection.exec_driver_sql("UPDATE payments SET capture_before = NULL")

    for _ in range(2):
        passes(shop, timedelta(hours=2))

    assert len(shop.published(contracts.PaymentAuthorized)) == 2
    assert shop.published(contracts.PaymentAuthorized)[1].capture_before != ""


@pytest.mark.parametrize("capture", ["later", "now"])
def test_a_nudge_captures_what_was_requested_only(shop: Shop, capture: str) -> None:
    payment = held(shop)

    nudges(shop, payment["order_id"], capture)

    after = payment_of(shop, payment["order_id"])["status"]
    assert after == ("authorized" if capture == "later" else "captured")
    assert shop.published(contracts.PaymentAuthorized)[-1].capture_before != ""


def test_an_audit_knows_that_it_waits(shop: Shop) -> None:
    payment = held(shop)
    waits, requested = (audited(shop, payment["order_id"], capture) for capture in ("later", "now"))
    requests_capture(shop, payment["order_id"])
    captured = audited(shop, payment["order_id"], "later")

    assert waits == ""
    assert requested == "it is confirmed, its payment is authorized"
    assert captured == "it is confirmed, its payment is captured, though it is to be captured later"


def test_a_part_of_it_is_never_captured(shop: Shop) -> None:
    payment = held(shop)

    requests_capture(shop, payment["order_id"], 900)

    assert payment_of(shop, payment["order_id"])["status"] == "authorized"
    assert shop.parked() == 1


def test_a_cancelled_one_is_released_and_never_captured(shop: Shop) -> None:
    payment = held(shop)
    cancels(shop, payment["order_id"])

    requests_capture(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"
    assert sandbox_state(shop)["captures_by_order"] == {}


def test_after_six_days_it_can_be_captured(shop: Shop) -> None:
    payment = held(shop)
    moves_clock(shop, timedelta(days=6))

    requests_capture(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["status"] == "captured"


@pytest.mark.parametrize("found_by", ["webhook", "look", "capture"])
def test_after_seven_days_the_bank_has_released_it(shop: Shop, found_by: str) -> None:
    payment = held(shop)
    assert moves_clock(shop, WEEK)["released"] == 1

    if found_by == "webhook":
        delivers(shop, event_about(shop, payment, "payment_intent.canceled"))
        shop.settle()
    elif found_by == "look":
        passes(shop, timedelta(hours=2))
    requests_capture(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["status"] == "failed"
    assert len(shop.published(contracts.CaptureFailed)) == 1
    assert sandbox_state(shop)["captures_by_order"] == {}


def test_stripe_is_asked_about_it_once_an_hour(shop: Shop) -> None:
    held(shop)
    passes(shop, timedelta(minutes=6))

    with shop.modules["payments"].database.read() as connection:
        [due] = connection.execute(select(jobs.jobs.c.due_at)).scalars().all()

    assert timedelta(minutes=59) < due - clock.now() <= timedelta(hours=1)


def test_an_open_payment_has_no_end(shop: Shop) -> None:
    assert opens(shop)["capture_before"] is None
