"""The lifecycle of a payment intent, as Stripe documents it."""

import pytest
import stripe

from sandbox.cards import CARDS, Bank, Card
from tests.sandbox.driver import Sandbox

DECLINING = [card for card in CARDS if card.bank is Bank.DECLINES]
ASKING = [card for card in CARDS if card.bank is Bank.ASKS_CUSTOMER]
APPROVING = [card for card in CARDS if card.bank is Bank.APPROVES]


def test_money_is_held_first_and_collected_later(sandbox: Sandbox) -> None:
    intents = sandbox.stripe.v1.payment_intents
    created = sandbox.intent(1000, metadata={"order_id": "first"})
    assert (created.status, created.amount_received, created.latest_charge) == ("requires_payment_method", 0, None)
    assert created.client_secret and created.client_secret.startswith(f"{created.id}_secret_")

    held = intents.confirm(created.id, {"payment_method": "pm_card_visa"})
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 1000, 0)

    paid = intents.capture(created.id)
    assert (paid.status, paid.amount_capturable, paid.amount_received) == ("succeeded", 0, 1000)
    assert intents.retrieve(created.id) == paid
    charge = sandbox.stripe.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.captured, charge.amount_captured, charge.payment_intent) == (True, 1000, created.id)


def test_less_may_be_captured_and_the_rest_is_let_go(sandbox: Sandbox) -> None:
    paid = sandbox.stripe.v1.payment_intents.capture(sandbox.authorised(1000).id, {"amount_to_capture": 400})

    assert (paid.status, paid.amount, paid.amount_received, paid.amount_capturable) == ("succeeded", 1000, 400, 0)


def test_more_than_is_held_cannot_be_captured(sandbox: Sandbox) -> None:
    held = sandbox.authorised(1000)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.payment_intents.capture(held.id, {"amount_to_capture": 1001})

    assert (refused.value.http_status, refused.value.code) == (400, "amount_too_large")
    assert sandbox.stripe.v1.payment_intents.retrieve(held.id) == held


def test_an_intent_is_captured_once(sandbox: Sandbox) -> None:
    paid = sandbox.captured()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.payment_intents.capture(paid.id)

    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.json_body["error"]["payment_intent"]["status"] == "succeeded"


def test_with_automatic_capture_a_confirmation_collects_at_once(sandbox: Sandbox) -> None:
    about = {"confirm": True, "payment_method": "pm_card_visa", "capture_method": "automatic"}

    paid = sandbox.intent(700, **about)

    assert (paid.status, paid.amount_received) == ("succeeded", 700)


@pytest.mark.parametrize("card", APPROVING, ids=lambda card: card.name)
def test_a_good_card_holds_the_money(sandbox: Sandbox, card: Card) -> None:
    name, last4 = card.name, card.last4

    held = sandbox.authorised(card=f"pm_card_{name}")

    charge = sandbox.stripe.v1.charges.retrieve(str(held.latest_charge))
    assert (held.status, charge.status, charge.captured) == ("requires_capture", "succeeded", False)
    assert charge.payment_method_details is not None
    assert charge.payment_method_details["card"]["last4"] == last4


@pytest.mark.parametrize("card", DECLINING, ids=lambda card: card.name)
def test_a_declined_card_leaves_the_intent_open_for_another(sandbox: Sandbox, card: Card) -> None:
    intent = sandbox.intent()

    with pytest.raises(stripe.CardError) as declined:
        sandbox.stripe.v1.payment_intents.confirm(intent.id, {"payment_method": f"pm_card_{card.name}"})

    reported = declined.value.json_body["error"]
    assert declined.value.http_status == 402
    assert (reported["code"], reported["decline_code"]) == (card.code, card.decline_code)
    assert reported["payment_intent"]["status"] == "requires_payment_method"
    assert reported["payment_intent"]["last_payment_error"]["charge"] == reported["charge"]
    assert sandbox.stripe.v1.charges.retrieve(reported["charge"]).status == "failed"
    held = sandbox.stripe.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (held.status, held.last_payment_error) == ("requires_capture", None)


@pytest.mark.parametrize("card", ASKING, ids=lambda card: card.name)
def test_a_card_that_asks_its_customer_declines_when_nobody_is_there(sandbox: Sandbox, card: Card) -> None:
    about = {"payment_method": f"pm_card_{card.name}", "off_session": True}

    with pytest.raises(stripe.CardError) as declined:
        sandbox.stripe.v1.payment_intents.confirm(sandbox.intent().id, about)

    assert declined.value.code == "authentication_required"


def test_an_authorization_that_expired_ends_the_intent(sandbox: Sandbox) -> None:
    held = sandbox.authorised(card="pm_card_captureFails")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.payment_intents.capture(held.id)

    assert (refused.value.http_status, refused.value.code) == (400, "charge_expired_for_capture")
    assert sandbox.stripe.v1.payment_intents.retrieve(held.id).status == "canceled"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_every_card_can_be_kept_by_its_number(sandbox: Sandbox, card: Card) -> None:
    details = {"number": card.number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}

    stored = sandbox.stripe.v1.payment_methods.create({"type": "card", "card": details})

    again = sandbox.stripe.v1.payment_methods.retrieve(stored.id)
    assert again == stored
    assert again.card is not None
    assert again.card.last4 == card.last4


def test_a_card_that_is_no_test_card_is_declined(sandbox: Sandbox) -> None:
    details = {"number": "4111111111111112", "exp_month": 12, "exp_year": 2034}

    with pytest.raises(stripe.CardError) as declined:
        sandbox.stripe.v1.payment_methods.create({"type": "card", "card": details})

    assert declined.value.json_body["error"]["decline_code"] == "test_mode_live_card"


@pytest.mark.parametrize("held", [False, True])
def test_a_cancelled_intent_holds_nothing_and_stays_cancelled(sandbox: Sandbox, held: bool) -> None:
    intent = sandbox.authorised() if held else sandbox.intent()

    gone = sandbox.stripe.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})

    assert (gone.status, gone.amount_capturable, gone.cancellation_reason) == ("canceled", 0, "abandoned")
    for forbidden in (sandbox.stripe.v1.payment_intents.capture, sandbox.stripe.v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            forbidden(intent.id)
        assert refused.value.code == "payment_intent_unexpected_state"


def test_what_was_collected_cannot_be_cancelled(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.payment_intents.cancel(sandbox.captured().id)

    assert refused.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"currency": "euro"}, None, "currency"),
        ({"payment_method": "pm_nothing"}, "resource_missing", "payment_method"),
    ],
)
def test_an_intent_that_makes_no_sense_is_refused(
    sandbox: Sandbox, wrong: dict[str, object], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.intent(**wrong)

    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
