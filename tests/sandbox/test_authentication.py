"""The bank's page: 3-D Secure, and a bank that decides later."""

import pytest
import stripe

from sandbox.cards import CARDS, Bank, Card
from tests.sandbox.driver import Sandbox

ASKING = [card for card in CARDS if card.bank is Bank.ASKS_CUSTOMER]


def page_of(intent: stripe.PaymentIntent) -> str:
    """Return the path of the bank's page."""
    assert intent.next_action is not None and intent.next_action.redirect_to_url is not None
    return "/sandbox/authenticate/" + str(intent.next_action.redirect_to_url.url).rpartition("/")[2]


@pytest.mark.parametrize("card", ASKING, ids=lambda card: card.name)
def test_a_customer_who_says_yes_has_paid(sandbox: Sandbox, card: Card) -> None:
    asked = sandbox.authorised(card=f"pm_card_{card.name}")
    assert asked.status == "requires_action"
    assert asked.next_action is not None and asked.next_action.redirect_to_url is not None
    assert asked.next_action.redirect_to_url.url == sandbox.url + page_of(asked)

    status, _ = sandbox.ask("POST", page_of(asked) + "?outcome=success")

    held = sandbox.stripe.v1.payment_intents.retrieve(asked.id)
    assert (status, held.status, held.next_action) == (200, "requires_capture", None)
    assert sandbox.stripe.v1.payment_intents.capture(asked.id).status == "succeeded"


@pytest.mark.parametrize("card", ASKING, ids=lambda card: card.name)
def test_a_customer_who_says_no_may_pay_another_way(sandbox: Sandbox, card: Card) -> None:
    asked = sandbox.authorised(card=f"pm_card_{card.name}")

    sandbox.ask("GET", page_of(asked) + "?outcome=fail")

    failed = sandbox.stripe.v1.payment_intents.retrieve(asked.id)
    assert (failed.status, failed.latest_charge) == ("requires_payment_method", None)
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    again = sandbox.stripe.v1.payment_intents.confirm(asked.id, {"payment_method": "pm_card_visa"})
    assert again.status == "requires_capture"


def test_the_page_has_a_button_for_each_answer(sandbox: Sandbox) -> None:
    asked = sandbox.authorised(1234, "pm_card_threeDSecure2Required")

    status, headers, html = sandbox.ask_raw("GET", page_of(asked))

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert html.count("<button>") == 2
    assert 'action="?outcome=success"' in html and 'action="?outcome=fail"' in html and "1234" in html
    assert sandbox.stripe.v1.payment_intents.retrieve(asked.id).status == "requires_action"


def test_afterwards_the_customer_is_sent_back_to_the_shop(sandbox: Sandbox) -> None:
    back = "https://shop.example.com/done?order=1&x=\r\nSet-Cookie: a=b"
    about = {"payment_method": "pm_card_threeDSecure2Required", "return_url": back}
    asked = sandbox.stripe.v1.payment_intents.confirm(sandbox.intent().id, about)

    status, headers, _ = sandbox.ask_raw("POST", page_of(asked) + "?outcome=success")

    assert status == 303
    assert headers["Location"].startswith("https://shop.example.com/done?order=1&x=%0D%0A")
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(("outcome", "then"), [("success", "requires_capture"), ("fail", "requires_payment_method")])
def test_a_slow_bank_answers_later(sandbox: Sandbox, outcome: str, then: str) -> None:
    slow = sandbox.authorised(card="pm_card_processing")
    assert slow.status == "processing"

    sandbox.ask("POST", f"/sandbox/authenticate/{slow.id}?outcome={outcome}")

    assert sandbox.stripe.v1.payment_intents.retrieve(slow.id).status == then


def test_an_answer_is_given_once_and_only_when_it_was_asked_for(sandbox: Sandbox) -> None:
    asked = sandbox.authorised(card="pm_card_threeDSecure2Required")
    answer = page_of(asked) + "?outcome=success"

    statuses = [sandbox.ask("POST", answer)[0] for _ in range(2)]

    assert statuses == [200, 400]
    assert sandbox.ask("GET", f"/sandbox/authenticate/{sandbox.intent().id}")[0] == 400
    assert sandbox.ask("GET", "/sandbox/authenticate/pi_nothing")[0] == 404


@pytest.mark.parametrize(
    "query", ["?outcome=maybe", "?outcome=", "?result=success", "?outcome=fail&outcome=success", ""]
)
def test_an_answer_that_is_none_changes_nothing(sandbox: Sandbox, query: str) -> None:
    asked = sandbox.authorised(card="pm_card_threeDSecure2Required")

    status, answer = sandbox.ask("POST", page_of(asked) + query)

    assert status == 400 and answer["error"]["message"].endswith(".")
    assert sandbox.stripe.v1.payment_intents.retrieve(asked.id).status == "requires_action"
