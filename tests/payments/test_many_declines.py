"""Cards tried one after the other: the answers reveal nothing about the cards, and the attempts are limited."""

from typing import Any

import pytest

from app.bus.contracts import payments as contracts
from app.bus.contracts.orders import PaymentRequested
from app.kernel.ids import new_id
from app.modules.payments.domain.payment import MAX_DECLINES
from tests.payments.steps import (
    at_stripe,
    breaks_stripe,
    delivers,
    event_about,
    gateway_of,
    intents,
    opens,
    payment_of,
    pays,
)
from tests.payments.test_auditing import audited
from tests.shop import ALICE, Shop

TELLING = ("", "InsufficientFunds", "ExpiredCard", "IncorrectCvc", "Fraudulent", "LostCard", "StolenCard")


def tries(shop: Shop, payment: Any, times: int) -> list[Any]:
    """Confirm with this many declined cards; returns the codes of the answers."""
    alice = shop.as_customer(ALICE)
    answers: list[Any] = [pays(alice, payment["id"], "pm_card_chargeDeclined").json for _ in range(times)]
    return [each["code"] for each in answers]


def tries_at_stripe(shop: Shop, intent_id: str, times: int) -> None:
    """Try cards with the client secret alone, on a page that never calls the shop."""
    gateway: Any = gateway_of(shop)
    with shop.modules["payments"].reading() as uow:
        payment = uow.payments.of_intent(intent_id)
    for _ in range(times):
        gateway.confirm(payment, "pm_card_chargeDeclined", new_id())


def reasons(shop: Shop) -> list[str]:
    return [published.reason for published in shop.published(contracts.PaymentCancelled)]


def test_after_ten_declines_a_payment_closes_and_says_why(shop: Shop) -> None:
    payment = opens(shop)

    codes = tries(shop, payment, 12)
    shop.settle()

    assert codes == ["card_declined"] * 9 + ["too_many_declines"] * 3
    assert len(shop.published(contracts.PaymentFailed)) == MAX_DECLINES == 10
    assert reasons(shop) == ["too_many_declines"]
    assert payment_of(shop, payment["order_id"])["status"] == "cancelled"
    assert [each["status"] for each in intents(shop)] == ["canceled"]


def test_a_good_card_is_refused_before_the_intent_is_cancelled_at_stripe(shop: Shop) -> None:
    payment = opens(shop)
    tries(shop, payment, 10)

    late: Any = pays(shop.as_customer(ALICE), payment["id"])

    assert (late.status_code, late.json["code"]) == (409, "too_many_declines")
    assert [each["status"] for each in intents(shop)] == ["requires_payment_method"]
    breaks_stripe(shop, "error_500", action="cancel")
    shop.settle()
    assert shop.published(contracts.PaymentAuthorized) == []


def test_nine_declines_and_a_good_card_pay(shop: Shop) -> None:
    payment = opens(shop)
    tries(shop, payment, 9)

    paid: Any = pays(shop.as_customer(ALICE), payment["id"]).json

    assert paid["status"] == "authorized" and reasons(shop) == []


def test_one_attempt_repeated_is_one_decline(shop: Shop) -> None:
    payment, key = opens(shop), str(new_id())

    answers: list[Any] = [
        pays(shop.as_customer(ALICE), payment["id"], "pm_card_chargeDeclined", key=key).json for _ in range(12)
    ]

    assert {each["code"] for each in answers} == {"card_declined"}


def test_cards_tried_directly_at_stripe_count_even_if_only_one_webhook_arrives(shop: Shop) -> None:
    payment = opens(shop)
    [intent] = intents(shop)
    tries_at_stripe(shop, intent["id"], 10)

    delivers(shop, event_about(shop, payment, "payment_intent.payment_failed"))
    shop.settle()

    assert reasons(shop) == ["too_many_declines"]


def test_a_card_tried_while_stripe_is_looked_at_counts_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = opens(shop)
    [intent] = intents(shop)
    charges: Any = type(gateway_of(shop)._charges)
    listed = charges.list

    def tried_meanwhile(*about: Any) -> Any:
        monkeypatch.setattr(charges, "list", listed)
        tries_at_stripe(shop, intent["id"], 1)
        return listed(*about)

    monkeypatch.setattr(charges, "list", tried_meanwhile)
    tries_at_stripe(shop, intent["id"], 1)

    counts = []
    for _ in range(3):
        delivers(shop, event_about(shop, payment, "payment_intent.payment_failed"))
        shop.settle()
        with shop.modules["payments"].reading() as uow:
            counts.append(uow.payments.of_intent(intent["id"]).declines)

    assert counts == [1, 2, 2]


def test_who_has_paid_after_many_declines_at_stripe_has_paid(shop: Shop) -> None:
    payment = opens(shop)
    [intent] = intents(shop)
    tries_at_stripe(shop, intent["id"], 11)
    pays(shop.as_customer(ALICE), payment["id"])

    delivers(shop, event_about(shop, payment))
    shop.settle()

    assert payment_of(shop, payment["order_id"])["status"] == "authorized" and reasons(shop) == []


def test_the_closing_of_a_payment_is_published_again_for_an_order_that_lost_it(shop: Shop) -> None:
    payment = opens(shop)
    tries(shop, payment, 10)
    shop.settle()
    total = payment["amount"]

    shop.receives(
        PaymentRequested(
            order_id=payment["order_id"],
            customer_id=str(ALICE),
            amount=total["amount"],
            currency=total["currency"],
            deadline="2026-12-01T00:00:00Z",
            version=2,
        )
    )

    assert reasons(shop) == ["too_many_declines"] * 2


def test_a_payment_about_to_close_is_no_discrepancy_and_one_that_does_not_close_is(shop: Shop) -> None:
    payment = opens(shop)
    tries(shop, payment, 10)
    before = audited(shop, payment["order_id"], "awaiting_payment")
    shop.settle()
    after = audited(shop, payment["order_id"], "awaiting_payment")

    assert before == "" and "cancellation was requested" in after, "its order has consumed the event by then"


def test_a_payment_cancelled_by_hand_after_a_decline_has_that_reason(shop: Shop) -> None:
    payment = opens(shop)
    tries(shop, payment, 1)
    at_stripe(shop, "cancel", intent=intents(shop)[0]["id"])

    delivers(shop, event_about(shop, payment, "payment_intent.canceled"))
    shop.settle()

    assert reasons(shop) == ["cancelled_at_stripe"]


def test_whatever_a_bank_says_of_the_card_a_customer_is_answered_alike(shop: Shop) -> None:
    payment, alice = opens(shop), shop.as_customer(ALICE)
    answers, shown = [], []

    for card in TELLING:
        reported: Any = pays(alice, payment["id"], f"pm_card_chargeDeclined{card}").json
        answers.append({name: value for name, value in reported.items() if name != "request_id"})
        shown.append(payment_of(shop, payment["order_id"])["failure"])

    assert answers == [answers[0]] * len(TELLING) and answers[0]["decline_code"] == "generic_decline"
    assert shown == ["generic_decline"] * len(TELLING)
    assert {each.public_code for each in shop.published(contracts.PaymentFailed)} == {"generic_decline"}


def test_staff_see_what_the_bank_said(shop: Shop) -> None:
    payment = opens(shop)
    pays(shop.as_customer(ALICE), payment["id"], "pm_card_chargeDeclinedStolenCard")

    seen: Any = shop.as_staff().get(f"/payments/{payment['id']}").json

    assert seen["failure"] == "stolen_card"
    assert [published.code for published in shop.published(contracts.PaymentFailed)] == ["stolen_card"]


@pytest.mark.parametrize(
    ("card", "code"),
    [("chargeDeclinedProcessingError", "processing_error"), ("authenticationRequired", "requires_action")],
)
def test_codes_that_do_not_describe_the_card_are_shown(shop: Shop, card: str, code: str) -> None:
    payment = opens(shop)

    reported: Any = pays(shop.as_customer(ALICE), payment["id"], f"pm_card_{card}").json

    assert reported.get("decline_code", reported["status"]) == code
