"""Calls to Stripe whose answer is lost: whatever happened, it has one effect."""

from datetime import timedelta
from urllib.request import urlopen

import pytest
from sqlalchemy import update

from app.bus.contracts import payments as contracts
from app.jobs import tables as jobs
from app.kernel import clock
from app.modules.payments.infrastructure.tables import payments
from tests.payments.steps import (
    authorises,
    breaks_stripe,
    cancels,
    confirms,
    delivers,
    event_about,
    intents,
    opens,
    passes,
    payment_of,
    pays,
    requests_payment,
    sandbox_state,
    settles_until,
)
from tests.shop import ALICE, Shop

FAULTS = ["lose_answer", "down"]


@pytest.mark.parametrize("kind", FAULTS)
def test_creating_a_payment(shop: Shop, kind: str) -> None:
    breaks_stripe(shop, kind, action="create", times=2)
    order_id = requests_payment(shop)

    settles_until(shop, order_id, status="open")

    assert len(intents(shop)) == 1
    assert len(shop.published(contracts.PaymentStarted)) == 1


@pytest.mark.parametrize("kind", FAULTS)
def test_capturing_a_payment(shop: Shop, kind: str) -> None:
    payment = authorises(shop)
    breaks_stripe(shop, kind, action="capture", times=2)
    confirms(shop, payment["order_id"])

    settles_until(shop, payment["order_id"], status="captured")

    assert sandbox_state(shop)["captures_by_order"] == {payment["order_id"]: 1}
    assert len(shop.published(contracts.PaymentCaptured)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_500_at_creating_is_looked_for_and_the_customer_can_pay_soon(shop: Shop, when: str) -> None:
    """Its idempotency key returns the 500 for a day: https://docs.stripe.com/api/idempotent_requests"""
    breaks_stripe(shop, "error_500", action="create", when=when)
    order_id = requests_payment(shop)
    shop.settle()
    assert payment_of(shop, order_id)["status"] == "new"

    passes(shop, timedelta(seconds=2))

    assert payment_of(shop, order_id)["status"] == "open"
    assert len(intents(shop)) == 1


@pytest.mark.parametrize(("when", "minutes"), [("before", (1, 4, 25)), ("after", (1,))])
def test_a_500_at_capturing_is_looked_for_before_it_is_asked_again(
    shop: Shop, when: str, minutes: tuple[int, ...]
) -> None:
    payment = authorises(shop)
    breaks_stripe(shop, "error_500", action="capture", when=when)
    confirms(shop, payment["order_id"])

    for passed in minutes:
        assert payment_of(shop, payment["order_id"])["status"] == "authorized"
        passes(shop, timedelta(minutes=passed))

    assert payment_of(shop, payment["order_id"])["status"] == "captured"
    assert sandbox_state(shop)["captures_by_order"] == {payment["order_id"]: 1}


def test_a_500_at_cancelling_is_looked_for_too(shop: Shop) -> None:
    payment = authorises(shop)
    breaks_stripe(shop, "error_500", action="cancel")
    cancels(shop, payment["order_id"])

    for minutes in (1, 4, 25):
        passes(shop, timedelta(minutes=minutes))

    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"


@pytest.mark.parametrize("stripe_has_it", [True, False])
def test_a_creation_of_yesterday_is_looked_up_before_it_is_repeated(shop: Shop, stripe_has_it: bool) -> None:
    """Stripe deletes an idempotency key after a day: the same call would create a second intent."""
    breaks_stripe(shop, "lose_answer" if stripe_has_it else "down", action="create")
    order_id = requests_payment(shop)
    shop.settle()
    assert len(intents(shop)) == stripe_has_it
    _begun_two_days_ago(shop)

    settles_until(shop, order_id, status="open")

    assert len(intents(shop)) == 1


def test_a_payment_in_processing_is_cancelled_once_the_bank_has_decided(shop: Shop) -> None:
    payment = opens(shop)
    assert pays(shop.as_customer(ALICE), payment["id"], "pm_card_processing").status_code == 200
    cancels(shop, payment["order_id"])
    assert payment_of(shop, payment["order_id"])["status"] == "processing"  # Stripe would refuse to cancel it now

    [intent] = intents(shop)
    urlopen(
        f"{shop.own['payments'].stripe_api_base}/sandbox/authenticate/{intent['id']}?outcome=success", timeout=5
    ).close()
    delivers(shop, event_about(shop, payment))
    shop.settle()

    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"
    assert sandbox_state(shop)["captures_by_order"] == {}


def _begun_two_days_ago(shop: Shop) -> None:
    database = shop.modules["payments"].database
    with database.begin() as connection:
        connection.execute(update(payments).values(requested_at=clock.now() - timedelta(days=2)))
        connection.execute(update(jobs.jobs).values(due_at=clock.now()))
