"""Idempotency keys: the first answer is repeated, with one effect, and another request under the same key is
refused.
"""

import threading
from typing import Any
from uuid import uuid4

import pytest
import stripe

from tests.conftest import until
from tests.sandbox.driver import NEVER_REDIRECT, Sandbox, client

ABOUT: Any = {
    "amount": 1000,
    "currency": "eur",
    "capture_method": "manual",
    "automatic_payment_methods": NEVER_REDIRECT,
}


@pytest.fixture
def once() -> Any:
    """A new idempotency key."""
    return {"idempotency_key": str(uuid4())}


def test_the_same_request_again_gets_the_first_answer(sandbox: Sandbox, once: Any) -> None:
    intents, before = sandbox.stripe.v1.payment_intents, len(sandbox.state()["intents"])

    first, second = intents.create(ABOUT, once), intents.create(ABOUT, once)

    assert second == first
    assert len(sandbox.state()["intents"]) == before + 1
    assert first.last_response is not None and second.last_response is not None
    reported = second.last_response.headers
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert reported["Idempotent-Replayed"] == "true"
    assert reported["Original-Request"] == first.last_response.request_id != second.last_response.request_id
    assert reported["Idempotency-Key"] == once["idempotency_key"]


def test_the_first_answer_stays_though_the_object_went_on(sandbox: Sandbox, once: Any) -> None:
    intents = sandbox.stripe.v1.payment_intents
    held = intents.confirm(sandbox.intent().id, {"payment_method": "pm_card_visa"}, once)
    intents.capture(held.id)

    assert intents.confirm(held.id, {"payment_method": "pm_card_visa"}, once).status == "requires_capture"
    assert intents.retrieve(held.id).status == "succeeded"


def test_a_decline_is_an_answer_too(sandbox: Sandbox, once: Any) -> None:
    intent, charges = sandbox.intent(), set()

    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            sandbox.stripe.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"}, once)
        charges.add(declined.value.json_body["error"]["charge"])

    assert declined.value.headers is not None
    assert declined.value.headers["Idempotent-Replayed"] == "true"
    assert len(charges) == 1


def test_other_parameters_under_the_same_key_are_refused(sandbox: Sandbox, once: Any) -> None:
    sandbox.stripe.v1.payment_intents.create(ABOUT, once)

    with pytest.raises(stripe.IdempotencyError) as refused:
        sandbox.stripe.v1.payment_intents.create({**ABOUT, "amount": 2000}, once)

    assert refused.value.http_status == 400
    assert refused.value.json_body["error"]["type"] == "idempotency_error"


def test_another_call_under_the_same_key_is_refused(sandbox: Sandbox, once: Any) -> None:
    intent = sandbox.stripe.v1.payment_intents.create(ABOUT, once)

    with pytest.raises(stripe.IdempotencyError):
        sandbox.stripe.v1.payment_intents.cancel(intent.id, None, once)

    assert sandbox.stripe.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_request_that_failed_validation_leaves_its_key_free(sandbox: Sandbox, once: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.stripe.v1.payment_intents.create({**ABOUT, "amount": 1}, once)

    assert sandbox.stripe.v1.payment_intents.create(ABOUT, once).amount == 1000


def test_a_mistake_that_shows_late_has_no_effect_either(sandbox: Sandbox, once: Any) -> None:
    before = len(sandbox.state()["intents"])

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.stripe.v1.payment_intents.create({**ABOUT, "expand": ["nothing"]}, once)

    assert len(sandbox.state()["intents"]) == before
    assert sandbox.stripe.v1.payment_intents.create(ABOUT, once).amount == 1000


def test_each_account_has_keys_of_its_own(sandbox: Sandbox, once: Any) -> None:
    other = client(sandbox.url, "sk_test_other")

    first = sandbox.stripe.v1.payment_intents.create(ABOUT, once)

    assert other.v1.payment_intents.create(ABOUT, once).id != first.id


def test_a_key_is_at_most_255_characters_long(sandbox: Sandbox) -> None:
    sandbox.stripe.v1.payment_intents.create(ABOUT, {"idempotency_key": str(uuid4()).ljust(255, "k")})

    with pytest.raises(stripe.IdempotencyError):
        sandbox.stripe.v1.payment_intents.create(ABOUT, {"idempotency_key": "k" * 256})


def test_while_the_first_request_is_in_progress_a_second_is_refused(sandbox: Sandbox, once: Any) -> None:
    sandbox.breaks("delay", path="/v1/payment_intents", seconds=1)
    found: list[str] = []

    def first() -> None:
        found.append(client(sandbox.url).v1.payment_intents.create(ABOUT, once).id)

    thread = threading.Thread(target=first)
    thread.start()
    until(lambda: not sandbox.faults(), "the first request is in progress")
    with pytest.raises(stripe.APIError) as refused:
        sandbox.stripe.v1.payment_intents.create(ABOUT, once)
    thread.join()

    assert refused.value.http_status == 409
    assert refused.value.json_body["error"]["code"] == "idempotency_key_in_use"
    assert sandbox.stripe.v1.payment_intents.create(ABOUT, once).id == found[0]
