"""Calls to Stripe whose answer never came: whatever happened, it happens once."""

from datetime import timedelta
from urllib.request import urlopen

import pytest
from sqlalchemy import update

from app.bus import tables as bus
from app.bus.contracts import payments as contracts
from app.kernel import clock
from app.modules.payments.infrastructure.tables import payments
from tests.payments.steps import (
    authorises,
    breaks_stripe,
    calls_off,
    confirms,
    event_about,
    intents,
    opens,
    payment_of,
    pays,
    requests_payment,
    sandbox_state,
    settles_until,
    tells,
)
from tests.shop import ALICE, Shop

FAULTS = ["lose_answer", "down", "error_500"]


@pytest.mark.parametrize("kind", FAULTS)
def test_creating_a_payment(shop: Shop, kind: str) -> None:
    breaks_stripe(shop, kind, action="create", times=2)
    order_id = requests_payment(shop)

    settles_until(shop, order_id, status="open")

    assert len(intents(shop)) == 1
    assert len(shop.said(contracts.PaymentStarted)) == 1


@pytest.mark.parametrize("kind", FAULTS)
def test_capturing_a_payment(shop: Shop, kind: str) -> None:
    payment = authorises(shop)
    breaks_stripe(shop, kind, action="capture", times=2)
    confirms(shop, payment["order_id"])

    settles_until(shop, payment["order_id"], status="captured")

    assert sandbox_state(shop)["captures_by_order"] == {payment["order_id"]: 1}
    assert len(shop.said(contracts.PaymentCaptured)) == 1


@pytest.mark.parametrize("stripe_has_it", [True, False])
def test_a_creation_of_yesterday_is_looked_up_before_it_is_repeated(shop: Shop, stripe_has_it: bool) -> None:
    """Stripe forgets an idempotency key after a day: the same call would make a second intent."""
    breaks_stripe(shop, "lose_answer" if stripe_has_it else "down", action="create")
    order_id = requests_payment(shop)
    shop.settle()
    assert len(intents(shop)) == stripe_has_it
    _begun_two_days_ago(shop)

    settles_until(shop, order_id, status="open")

    assert len(intents(shop)) == 1


def test_a_payment_that_its_bank_is_working_on_is_called_off_once_it_is_through(shop: Shop) -> None:
    payment = opens(shop)
    assert pays(shop.as_customer(ALICE), payment["id"], "pm_card_processing").status_code == 200
    calls_off(shop, payment["order_id"])
    assert payment_of(shop, payment["order_id"])["status"] == "processing"  # Stripe would refuse to cancel it now

    [intent] = intents(shop)
    urlopen(f"{shop.settings.stripe_api_base}/sandbox/authenticate/{intent['id']}?outcome=success", timeout=5).close()
    tells(shop, event_about(shop, payment))
    shop.settle()

    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"
    assert sandbox_state(shop)["captures_by_order"] == {}


def _begun_two_days_ago(shop: Shop) -> None:
    database = shop.modules["payments"].database
    with database.begin() as connection:
        connection.execute(update(payments).values(asked_at=clock.now() - timedelta(days=2)))
        connection.execute(update(bus.work).values(due_at=clock.now()))
