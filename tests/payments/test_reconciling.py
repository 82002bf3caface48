"""`flask payments reconcile`: payments compared with Stripe."""

from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen

import pytest
import stripe
from sqlalchemy import update

from app.kernel import clock
from app.kernel.money import Money
from app.modules.payments.domain.refund import Outcome, RefundStatus
from app.modules.payments.infrastructure.stripe.gateway import StripeGateway
from app.modules.payments.infrastructure.tables import payments
from tests.payments.steps import (
    at_stripe,
    breaks_stripe,
    cancels,
    captures,
    intents,
    opens,
    payment_of,
    pays,
    requests_payment,
)
from tests.shop import ALICE, Shop


def reconciles(shop: Shop, *options: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=["payments", "reconcile", *options])


def test_without_a_difference_it_exits_with_0(shop: Shop) -> None:
    opens(shop)
    captures(shop)

    result = reconciles(shop)

    assert result.exit_code == 0, result.output
    assert "2 payments compared, 0 drifted." in result.output


@pytest.mark.parametrize("what", ["dispute", "refund"])
def test_money_that_goes_back_months_later_is_found_though_no_webhook_tells(shop: Shop, what: str) -> None:
    payment = captures(shop)
    months_ago = clock.now() - timedelta(days=100)
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(update(payments).values(created_at=months_ago, requested_at=months_ago))
    captures(shop)
    assert "1 payments compared, 0 drifted." in reconciles(shop).output

    [old] = [each for each in intents(shop) if each["metadata"]["order_id"] == payment["order_id"]]
    at_stripe(shop, what, intent=old["id"])

    listed = reconciles(shop, "--fix")
    shop.settle()
    assert "2 payments compared, 1 drifted." in listed.output
    gone = payment_of(shop, payment["order_id"])["disputed" if what == "dispute" else "refunded"]
    assert gone["amount"] == 1800


def test_a_payment_that_stripe_knows_better_is_listed_and_mended(shop: Shop) -> None:
    payment = opens(shop)
    breaks_stripe(shop, "lose_answer", action="confirm")
    pays(shop.as_customer(ALICE), payment["id"])

    listed = reconciles(shop)
    assert listed.exit_code == 1
    sentence = "it is open here (captured 0, refunded 0), authorized at Stripe (0, 0)"
    assert f"order {payment['order_id']}: {sentence}" in listed.output

    assert reconciles(shop, "--fix").exit_code == 0
    shop.settle()
    assert payment_of(shop, payment["order_id"])["status"] == "authorized"
    assert reconciles(shop).exit_code == 0


def test_money_given_back_at_stripe_is_drift(shop: Shop) -> None:
    payment = captures(shop)
    [intent] = intents(shop)
    client = stripe.StripeClient("sk_test_person", base_addresses={"api": shop.own["payments"].stripe_api_base})
    client.v1.refunds.create({"payment_intent": intent["id"], "amount": 100})

    assert "refunded 0), captured at Stripe (1800, 100)" in reconciles(shop).output

    reconciles(shop, "--fix")
    shop.settle()
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 100


def test_another_amount_is_drift(shop: Shop) -> None:
    opens(shop)
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(update(payments).values(amount=1))

    assert "its amount is 0.01 EUR here, 18.00 EUR at Stripe" in reconciles(shop).output


def test_an_intent_that_stripe_does_not_know_is_drift(shop: Shop) -> None:
    """It happens with the key of another account, for example."""
    payment = opens(shop)
    urlopen(Request(f"{shop.own['payments'].stripe_api_base}/sandbox/state", method="DELETE"), timeout=60).close()

    result = reconciles(shop)

    assert f"order {payment['order_id']}: Stripe has no intent for it" in result.output, result.exception
    answer: Any = pays(shop.as_customer(ALICE), payment["id"])
    assert (answer.status_code, answer.json["code"]) == (404, "no_such_intent")


def is_an_hour_old(shop: Shop) -> None:
    """A payment opened just now may still be in progress, so make it older."""
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(update(payments).values(created_at=clock.now() - timedelta(hours=1)))


@pytest.mark.parametrize("stripe_has_it", [True, False])
def test_a_payment_whose_creation_was_never_answered_is_drift(shop: Shop, stripe_has_it: bool) -> None:
    breaks_stripe(shop, "lose_answer" if stripe_has_it else "down", action="create", times=9)
    requests_payment(shop)
    shop.settle()
    is_an_hour_old(shop)

    output = reconciles(shop).output

    assert ("which is not recorded here" in output) is stripe_has_it
    assert ("Stripe has no intent for it" in output) is not stripe_has_it


def test_money_that_is_kept_although_the_order_is_off_is_drift(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = captures(shop)
    refused = Outcome(id=None, status=RefundStatus.FAILED, failure="refused")
    monkeypatch.setattr(StripeGateway, "refund", lambda *_: refused)
    cancels(shop, payment["order_id"])

    assert "0 drifted" in reconciles(shop).output  # it may still be in progress
    is_an_hour_old(shop)
    assert f"order {payment['order_id']}: the order is cancelled, and 1800 was not refunded" in reconciles(shop).output


def test_a_payment_that_stripe_would_not_take_is_no_drift(shop: Shop) -> None:
    requests_payment(shop, Money(10, "EUR"))
    shop.settle()
    is_an_hour_old(shop)

    assert "1 payments compared, 0 drifted." in reconciles(shop).output


@pytest.mark.parametrize("since", ["2020-01-01", "2099-01-01"])
def test_only_payments_since_then_are_compared(shop: Shop, since: str) -> None:
    opens(shop)

    assert f"{1 if since < '2026' else 0} payments compared" in reconciles(shop, "--since", since).output


def test_an_unreachable_stripe_is_an_error_with_advice(shop: Shop) -> None:
    opens(shop)
    breaks_stripe(shop, "down", times=5)

    result = reconciles(shop)

    assert result.exit_code == 1
    assert "Stripe does not answer" in result.output
    assert "set the shop's PORT" in result.output
