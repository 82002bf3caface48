"""The customer's confirmation: declined, repeated, in a race, and with an authentication at the bank."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import urlopen

import pytest

from app.bus.contracts import payments as contracts
from app.bus.contracts.orders import OrderCancelled
from app.kernel.ids import new_id
from app.modules.payments.infrastructure.stripe.gateway import StripeGateway
from tests.payments.steps import (
    breaks_stripe,
    cancels,
    confirms,
    delivers,
    event_about,
    intents,
    opens,
    payment_of,
    pays,
    requests_payment,
    sandbox_state,
)
from tests.shop import ALICE, BOB, Shop


def test_a_declined_card_is_answered_with_402_and_another_may_be_tried(shop: Shop) -> None:
    payment, alice = opens(shop), shop.as_customer(ALICE)

    declined: Any = pays(alice, payment["id"], "pm_card_chargeDeclinedInsufficientFunds")
    assert (declined.status_code, declined.json["code"]) == (402, "card_declined")
    assert declined.json["decline_code"] == "generic_decline"
    assert declined.mimetype == "application/problem+json"
    assert [published.code for published in shop.published(contracts.PaymentFailed)] == ["insufficient_funds"]

    assert pays(alice, payment["id"]).json["status"] == "authorized"  # type: ignore[index]


def test_a_repeated_declined_attempt_gets_the_same_answer_and_is_published_once(shop: Shop) -> None:
    payment, alice, key = opens(shop), shop.as_customer(ALICE), str(new_id())

    for _ in range(2):
        assert pays(alice, payment["id"], "pm_card_chargeDeclined", key=key).status_code == 402

    assert len(shop.published(contracts.PaymentFailed)) == 1


def test_the_same_attempt_again_gets_the_same_answer_and_takes_no_more_money(shop: Shop) -> None:
    payment, alice, key = opens(shop), shop.as_customer(ALICE), str(new_id())

    first = pays(alice, payment["id"], key=key)
    again = pays(alice, payment["id"], key=key)

    assert (again.status_code, again.json) == (200, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(shop.published(contracts.PaymentAuthorized)) == 1


def test_the_same_key_for_another_card_is_refused(shop: Shop) -> None:
    payment, alice, key = opens(shop), shop.as_customer(ALICE), str(new_id())
    pays(alice, payment["id"], "pm_card_chargeDeclined", key=key)

    answer: Any = pays(alice, payment["id"], "pm_card_visa", key=key)

    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("same_key", [True, False])
def test_two_clicks_at_once_set_the_money_aside_once(shop: Shop, same_key: bool) -> None:
    payment, alice, key = opens(shop), shop.as_customer(ALICE), str(new_id())

    def click(_: int) -> Any:
        return pays(alice, payment["id"], key=key if same_key else None).json

    with ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(click, range(4)))

    assert {each.get("code", each["status"]) for each in answers} <= {"authorized", "payment_in_progress"}, answers
    assert "authorized" in {each["status"] for each in answers}
    confirms(shop, payment["order_id"])
    ends = [each.capture_before for each in shop.published(contracts.PaymentAuthorized)]
    assert len(set(ends)) == len(ends), "it is published again only to say when the bank releases the money"
    assert sandbox_state(shop)["captures_by_order"] == {payment["order_id"]: 1}


@pytest.mark.parametrize("first", ["webhook", "browser"])
def test_the_webhook_races_the_browser_and_the_customer_pays_once(shop: Shop, first: str) -> None:
    payment, alice, key = opens(shop), shop.as_customer(ALICE), str(new_id())
    if first == "webhook":
        breaks_stripe(shop, "lose_answer", action="confirm")
        assert pays(alice, payment["id"], key=key).status_code == 503
    else:
        assert pays(alice, payment["id"], key=key).status_code == 200
    assert delivers(shop, event_about(shop, payment)).status_code == 200
    shop.settle()
    assert pays(alice, payment["id"], key=key).status_code == 200

    confirms(shop, payment["order_id"])

    assert len(shop.published(contracts.PaymentAuthorized)) == 1
    assert sandbox_state(shop)["captures_by_order"] == {payment["order_id"]: 1}


@pytest.mark.parametrize("kind", ["lose_answer", "down", "error_500"])
def test_an_unreachable_stripe_is_answered_with_503_and_the_same_attempt_succeeds_later(shop: Shop, kind: str) -> None:
    payment, alice, key = opens(shop), shop.as_customer(ALICE), str(new_id())
    breaks_stripe(shop, kind, action="confirm")

    away: Any = pays(alice, payment["id"], key=key)

    assert (away.status_code, away.json["code"]) == (503, "stripe_unavailable")
    assert int(away.headers["Retry-After"]) >= 1
    assert pays(alice, payment["id"], key=key).json["status"] == "authorized"  # type: ignore[index]
    assert len(shop.published(contracts.PaymentAuthorized)) == 1


@pytest.mark.parametrize(("outcome", "status"), [("success", "authorized"), ("fail", "open")])
def test_the_result_of_an_authentication_arrives_by_webhook(shop: Shop, outcome: str, status: str) -> None:
    payment = opens(shop)
    asked: Any = pays(shop.as_customer(ALICE), payment["id"], "pm_card_threeDSecure2Required").json
    assert asked["status"] == "requires_action"

    [intent] = intents(shop)
    urlopen(
        f"{shop.own['payments'].stripe_api_base}/sandbox/authenticate/{intent['id']}?outcome={outcome}", timeout=5
    ).close()
    delivers(shop, event_about(shop, payment))
    shop.settle()

    assert payment_of(shop, payment["order_id"])["status"] == status
    assert len(shop.published(contracts.PaymentFailed)) == (outcome == "fail")


def test_a_payment_method_that_stripe_does_not_know_is_the_callers_mistake(shop: Shop) -> None:
    payment = opens(shop)

    answer: Any = pays(shop.as_customer(ALICE), payment["id"], "pm_nonsense")

    assert (answer.status_code, answer.json["code"]) == (422, "unknown_payment_method")


@pytest.mark.parametrize("body", [{}, {"payment_method": 7}, {"payment_method": ""}, {"payment_method": "x" * 101}])
def test_an_invalid_body_is_refused_without_a_call_to_stripe(shop: Shop, body: Any) -> None:
    payment = opens(shop)

    assert shop.as_customer(ALICE).post(f"/payments/{payment['id']}/confirm", body).status_code == 422


def test_a_payment_not_created_at_stripe_yet_is_answered_with_retry_after(shop: Shop) -> None:
    order_id = requests_payment(shop)
    payment = payment_of(shop, order_id)

    answer: Any = pays(shop.as_customer(ALICE), payment["id"])

    assert (payment["status"], payment["client_secret"]) == ("new", None)
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (409, "payment_not_ready", "1")


def test_nobody_sees_or_makes_the_payment_of_another(shop: Shop) -> None:
    payment, bob = opens(shop), shop.as_customer(BOB)

    assert bob.get(f"/payments?order_id={payment['order_id']}").json == {"items": [], "next": None}
    assert bob.get(f"/payments/{payment['id']}").status_code == 404
    assert pays(bob, payment["id"]).status_code == 404


def test_staff_see_every_payment_but_no_client_secret(shop: Shop) -> None:
    payment, staff = opens(shop), shop.as_staff()

    listed: Any = staff.get(f"/payments?order_id={payment['order_id']}").json

    assert [each["client_secret"] for each in listed["items"]] == [None]
    assert staff.get(f"/payments/{payment['id']}").json == {**payment, "client_secret": None}
    assert shop.as_customer(ALICE).get(f"/payments/{payment['id']}").json == payment


def test_no_answer_shows_a_secret_of_ours(shop: Shop) -> None:
    payment = opens(shop)

    text = json.dumps(payment)

    assert "sk_test" not in text and "whsec" not in text


@pytest.mark.parametrize("first", ["the card", "the order"])
def test_a_confirmation_that_races_the_cancellation_of_its_order_is_refused_as_closed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    payment = opens(shop)
    confirm = StripeGateway.confirm

    def ends_meanwhile(*about: Any) -> Any:
        if first == "the order":
            cancels(shop, payment["order_id"])
            return confirm(*about)
        intent = confirm(*about)
        off = OrderCancelled(order_id=payment["order_id"], customer_id=str(ALICE), reason="deadline_passed", version=4)
        shop.receives(off)
        return intent

    monkeypatch.setattr(StripeGateway, "confirm", ends_meanwhile)

    answer: Any = pays(shop.as_customer(ALICE), payment["id"])

    assert (answer.status_code, answer.json["code"]) == (409, "payment_closed")
    shop.settle()
    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"
