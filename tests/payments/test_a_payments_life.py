"""A payment from the request of its order to its capture, cancellation or refund."""

from contextlib import AbstractContextManager
from uuid import UUID

import pytest
import stripe
from sqlalchemy import func, select

from app.bus.contracts import payments as contracts
from app.bus.contracts.orders import OrderConfirmed
from app.jobs import tables as jobs
from app.kernel.money import Money
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.payments.pursue_payment import pursue_payment
from tests.payments.steps import (
    authorises,
    cancels,
    captures,
    confirms,
    delivers,
    event_about,
    gateway_of,
    intents,
    opens,
    payment_of,
    pays,
    requests_payment,
    sandbox_state,
)
from tests.shop import ALICE, Shop


def test_an_order_whose_stock_is_held_can_be_paid(shop: Shop) -> None:
    payment = opens(shop)

    assert (payment["status"], payment["amount"]) == ("open", {"amount": 1800, "currency": "EUR"})
    assert payment["client_secret"].startswith("pi_")
    assert [published.order_id for published in shop.published(contracts.PaymentStarted)] == [payment["order_id"]]


def test_a_payment_is_authorised_first_and_captured_once_the_order_is_confirmed(shop: Shop) -> None:
    payment = authorises(shop)
    assert (payment["status"], payment["captured"]["amount"]) == ("authorized", 0)

    confirms(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["captured"]["amount"] == 1800
    assert [published.amount for published in shop.published(contracts.PaymentAuthorized)] == [1800]
    assert [published.amount for published in shop.published(contracts.PaymentCaptured)] == [1800]
    assert sandbox_state(shop)["captures_by_order"] == {payment["order_id"]: 1}


@pytest.mark.parametrize(("step", "expected"), [("create", 2), ("capture", 1)])
def test_a_step_takes_few_transactions_besides_those_of_its_job(shop: Shop, step: str, expected: int) -> None:
    if step == "create":
        order_id = requests_payment(shop)
    else:
        order_id = authorises(shop)["order_id"]
        shop.receives(OrderConfirmed(order_id=order_id, customer_id=str(ALICE), version=3))
    payments = shop.modules["payments"]
    begin, begun = payments.transaction, list[int]()

    def counts() -> AbstractContextManager[UnitOfWork]:
        begun.append(1)
        return begin()

    pursue_payment(counts, payments.reading, gateway_of(shop), lambda: None, UUID(payment_of(shop, order_id)["id"]))

    assert payment_of(shop, order_id)["status"] == ("open" if step == "create" else "captured")
    assert len(begun) == expected


def test_confirmed_twice_captures_once(shop: Shop) -> None:
    payment = captures(shop)

    confirms(shop, payment["order_id"])

    assert len(shop.published(contracts.PaymentCaptured)) == 1
    assert sandbox_state(shop)["captures_by_order"] == {payment["order_id"]: 1}


def test_an_order_cancelled_before_it_is_paid_takes_nothing(shop: Shop) -> None:
    payment = opens(shop)

    cancels(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"
    assert [intent["status"] for intent in intents(shop)] == ["canceled"]
    assert len(shop.published(contracts.PaymentCancelled)) == 1
    late = pays(shop.as_customer(ALICE), payment["id"])
    assert (late.status_code, late.json["code"]) == (409, "payment_closed")  # type: ignore[index]


def test_an_order_cancelled_before_the_first_call_never_calls_stripe(shop: Shop) -> None:
    order_id = requests_payment(shop)

    cancels(shop, order_id)

    assert intents(shop) == []


def test_an_order_cancelled_after_the_authorisation_releases_it(shop: Shop) -> None:
    payment = authorises(shop)

    cancels(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"
    assert sandbox_state(shop)["captures_by_order"] == {}


def test_an_order_cancelled_after_the_capture_is_refunded(shop: Shop) -> None:
    payment = captures(shop)

    cancels(shop, payment["order_id"])

    after = payment_of(shop, payment["order_id"])
    assert (after["captured"]["amount"], after["refunded"]["amount"]) == (1800, 1800)
    assert [(published.amount, published.refunded) for published in shop.published(contracts.PaymentRefunded)] == [
        (1800, 1800)
    ]


def test_a_cancelled_payment_stays_cancelled_when_the_order_is_confirmed_later(shop: Shop) -> None:
    payment = authorises(shop)
    cancels(shop, payment["order_id"])

    confirms(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["captured"]["amount"] == 0


def test_a_failed_capture_is_published(shop: Shop) -> None:
    payment = opens(shop)
    pays(shop.as_customer(ALICE), payment["id"], "pm_card_captureFails")

    confirms(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["status"] == "failed"
    assert len(shop.published(contracts.CaptureFailed)) == 1
    assert shop.published(contracts.PaymentCaptured) == []


@pytest.mark.parametrize("first", ["the order", "the bank"])
def test_an_authorisation_that_ends_before_the_capture_is_published_as_a_failed_capture(shop: Shop, first: str) -> None:
    """A webhook reports it, not the capture: without the event the order would wait for ever."""
    payment = authorises(shop)
    [intent] = intents(shop)
    client = stripe.StripeClient("sk_test_person", base_addresses={"api": shop.own["payments"].stripe_api_base})
    client.v1.payment_intents.cancel(intent["id"])
    delivers(shop, event_about(shop, payment, "payment_intent.canceled"))
    if first == "the bank":
        shop.settle()

    confirms(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["status"] == "failed"
    assert len(shop.published(contracts.CaptureFailed)) == 1


@pytest.mark.parametrize("cents", [0, 10, 100_000_000])
def test_a_payment_over_an_amount_that_stripe_never_accepts_is_cancelled(shop: Shop, cents: int) -> None:
    order_id = requests_payment(shop, Money(cents, "EUR"))

    shop.settle()

    payment = payment_of(shop, order_id)
    assert (payment["status"], payment["failure"]) == ("cancelled", "amount_not_payable")
    assert [published.reason for published in shop.published(contracts.PaymentCancelled)] == ["amount_not_payable"]
    assert shop.published(contracts.PaymentStarted) == []
    assert pays(shop.as_customer(ALICE), payment["id"]).json["code"] == "payment_closed"  # type: ignore[index]
    with shop.modules["payments"].database.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs.jobs)).scalar_one() == 0
