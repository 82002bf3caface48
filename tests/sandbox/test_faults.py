"""Faults of calls, which the shop's Stripe client must handle."""

from typing import Any
from uuid import uuid4

import pytest
import stripe

from tests.conftest import until
from tests.sandbox.driver import NEVER_REDIRECT, Sandbox, client

INTENTS = "/v1/payment_intents"


@pytest.fixture
def order() -> str:
    """A new order id."""
    return str(uuid4())


def about(order: str) -> Any:
    """The parameters of an intent for the order."""
    base = {"amount": 1000, "currency": "eur", "capture_method": "manual", "metadata": {"order_id": order}}
    return {**base, "automatic_payment_methods": NEVER_REDIRECT}


def made(sandbox: Sandbox, order: str) -> list[str]:
    """Return the ids of the order's intents."""
    return [each["id"] for each in sandbox.state(order)["intents"]]


def test_an_answer_can_be_lost_after_its_effect(sandbox: Sandbox, order: str) -> None:
    sandbox.breaks("lose_answer", path=INTENTS, action="create")
    once: Any = {"idempotency_key": order}

    with pytest.raises(stripe.APIConnectionError):
        sandbox.stripe.v1.payment_intents.create(about(order), once)
    lost = made(sandbox, order)
    again = sandbox.stripe.v1.payment_intents.create(about(order), once)

    assert lost == [again.id] == made(sandbox, order)


def test_without_a_key_a_lost_answer_makes_a_second_intent(sandbox: Sandbox, order: str) -> None:
    sandbox.breaks("lose_answer")

    with pytest.raises(stripe.APIConnectionError):
        sandbox.stripe.v1.payment_intents.create(about(order))
    sandbox.stripe.v1.payment_intents.create(about(order))

    assert len(made(sandbox, order)) == 2


def test_it_can_be_down(sandbox: Sandbox, order: str) -> None:
    sandbox.breaks("down")

    with pytest.raises(stripe.APIConnectionError):
        sandbox.stripe.v1.payment_intents.create(about(order))

    assert made(sandbox, order) == []


@pytest.mark.parametrize(("when", "effect"), [("before", 0), ("after", 1)])
def test_a_500_is_kept_and_replayed_for_its_key(sandbox: Sandbox, order: str, when: str, effect: int) -> None:
    """https://docs.stripe.com/api/idempotent_requests: the first answer, "including 500 errors"."""
    sandbox.breaks("error_500", when=when)
    requests = []

    for _ in range(3):
        with pytest.raises(stripe.APIError) as broken:
            sandbox.stripe.v1.payment_intents.create(about(order), {"idempotency_key": order})
        assert broken.value.http_status == 500
        requests.append(broken.value.headers.get("Original-Request"))

    assert requests[0] is None and requests[1] is not None and requests[1] == requests[2]
    assert len(made(sandbox, order)) == effect
    assert sandbox.stripe.v1.payment_intents.create(about(order), {"idempotency_key": f"{order}-2"}).amount == 1000


@pytest.mark.parametrize(("when", "effect"), [("before", False), ("after", True)])
def test_an_answer_can_take_longer_than_its_client_waits(sandbox: Sandbox, order: str, when: str, effect: bool) -> None:
    sandbox.breaks("delay", seconds=2, when=when)

    with pytest.raises(stripe.APIConnectionError):
        client(sandbox.url, timeout=0.5).v1.payment_intents.create(about(order))

    assert bool(made(sandbox, order)) is effect
    until(lambda: len(made(sandbox, order)) == 1, "it happens all the same")


def test_a_fault_hits_only_the_calls_it_names(sandbox: Sandbox, order: str) -> None:
    held = sandbox.authorised()
    sandbox.breaks("error_500", path=f"{INTENTS}/{held.id}", method="POST", action="capture")

    sandbox.intent()
    sandbox.stripe.v1.payment_intents.retrieve(held.id)
    sandbox.stripe.v1.refunds.list()
    with pytest.raises(stripe.APIError):
        sandbox.stripe.v1.payment_intents.capture(held.id)

    assert sandbox.stripe.v1.payment_intents.capture(held.id).status == "succeeded"


def test_a_path_is_no_prefix_of_a_longer_name(sandbox: Sandbox) -> None:
    sandbox.breaks("error_500", path="/v1/payment")

    sandbox.intent()

    assert len(sandbox.faults()) == 1


def test_faults_are_used_up_one_by_one(sandbox: Sandbox, order: str) -> None:
    sandbox.breaks("error_500", times=2)
    sandbox.breaks("down")
    statuses = []

    for _ in range(4):
        try:
            sandbox.stripe.v1.payment_intents.create(about(order))
            statuses.append("made")
        except stripe.APIConnectionError:
            statuses.append("down")
        except stripe.APIError:
            statuses.append("500")

    assert statuses == ["500", "500", "down", "made"]


def test_a_fault_without_an_end_lasts_until_it_is_taken_away(sandbox: Sandbox) -> None:
    sandbox.breaks("error_500", times=None)

    for _ in range(3):
        with pytest.raises(stripe.APIError):
            sandbox.intent()
    assert sandbox.ask("DELETE", "/sandbox/faults") == (200, {"removed": 1})

    assert sandbox.intent().status == "requires_payment_method"


def test_the_remaining_faults_are_listed(sandbox: Sandbox) -> None:
    sandbox.breaks("delay", path=INTENTS, seconds=0.5, times=2)

    sandbox.intent()

    assert sandbox.faults() == [
        {
            "kind": "delay",
            "path": INTENTS,
            "method": None,
            "action": None,
            "type": None,
            "seconds": 0.5,
            "when": "before",
            "times": 1,
        }
    ]


def test_a_fault_as_it_is_listed_can_be_added_again(sandbox: Sandbox) -> None:
    sandbox.breaks("webhook_late", type="charge.failed", seconds=1)

    sandbox.breaks(**sandbox.faults()[0])

    first, second = sandbox.faults()
    assert first == second
