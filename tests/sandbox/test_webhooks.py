"""Webhooks: signed as the library expects, repeated until they are accepted, and with faults on request."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.conftest import until
from tests.sandbox.driver import SECRETS, Receiver, Sandbox

CREATED, CANCELED = "payment_intent.created", "payment_intent.canceled"


@pytest.fixture
def cancelled(sandbox: Sandbox) -> Callable[[], str]:
    """Create an intent and cancel it, which are two events."""

    def cancel() -> str:
        return sandbox.stripe.v1.payment_intents.cancel(sandbox.intent().id).id

    return cancel


def arrives(receiver: Receiver, identity: str, types: list[str]) -> None:
    """Wait until exactly these events were accepted, in this order."""
    until(lambda: len(receiver.about(identity)) >= len(types), f"{types} arrive")
    assert receiver.about(identity) == types


def delivery_of(sandbox: Sandbox, identity: str, type: str) -> Any:
    """Return the sandbox's record of the delivery of one event."""
    return next(
        each["deliveries"] for each in sandbox.state()["events"] if (each["about"], each["type"]) == (identity, type)
    )


def test_every_step_is_sent_in_order(sandbox: Sandbox, receiver: Receiver) -> None:
    paid = sandbox.captured()

    steps = [CREATED, "payment_intent.amount_capturable_updated", "payment_intent.succeeded"]
    arrives(receiver, paid.id, steps)
    assert receiver.about(str(paid.latest_charge)) == ["charge.succeeded", "charge.captured"]


@pytest.mark.parametrize("secret", SECRETS)
def test_the_library_accepts_the_signature_of_either_secret(sandbox: Sandbox, receiver: Receiver, secret: str) -> None:
    intent = sandbox.intent()
    arrives(receiver, intent.id, [CREATED])
    delivery = next(each for each in receiver.got if each.event["data"]["object"]["id"] == intent.id)

    event = stripe.Webhook.construct_event(delivery.body, delivery.signature, secret)

    assert sandbox.stripe.v1.events.retrieve(event.id).data == event.data
    assert event.data.object["id"] == intent.id
    for body, wrong in [(delivery.body, "whsec_other"), (delivery.body + b" ", secret)]:
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, delivery.signature, wrong)


@pytest.mark.parametrize("status", [500, 302, 400])
def test_a_webhook_is_repeated_until_it_is_taken(
    sandbox: Sandbox, receiver: Receiver, cancelled: Callable[[], str], status: int
) -> None:
    receiver.status = status
    intent = cancelled()

    until(lambda: (delivery_of(sandbox, intent, CREATED) or {})["attempts"] >= 2, "it is tried again")
    assert receiver.about(intent) == []
    waiting = delivery_of(sandbox, intent, CREATED)
    assert (waiting["delivered"], waiting["last_answer"]) == (0, str(status))
    receiver.status = 200

    until(lambda: sorted(receiver.about(intent)) == [CANCELED, CREATED], "both arrive")
    until(lambda: delivery_of(sandbox, intent, CREATED)["delivered"] == 1, "it is written down")


def test_an_event_can_be_sent_again(sandbox: Sandbox, receiver: Receiver) -> None:
    intent = sandbox.intent()
    arrives(receiver, intent.id, [CREATED])
    event = next(each["id"] for each in sandbox.state()["events"] if each["about"] == intent.id)

    assert sandbox.ask("POST", "/sandbox/webhooks/redeliver", {"event": event}) == (200, {"redelivered": 1})
    arrives(receiver, intent.id, [CREATED] * 2)

    sent = sandbox.ask("POST", "/sandbox/webhooks/redeliver", {"event": "all"})
    assert sent == (200, {"redelivered": len(sandbox.state()["events"])})
    arrives(receiver, intent.id, [CREATED] * 3)


def test_a_webhook_can_come_twice(sandbox: Sandbox, receiver: Receiver, cancelled: Callable[[], str]) -> None:
    sandbox.breaks("webhook_twice", type=CREATED)

    intent = cancelled()

    until(lambda: CANCELED in receiver.about(intent) and len(receiver.about(intent)) == 3, "three arrive")
    until(lambda: delivery_of(sandbox, intent, CREATED)["delivered"] == 2, "it is written down")
    following = cancelled()
    until(lambda: CANCELED in receiver.about(following), "later ones arrive")
    assert sorted(receiver.about(intent)) == [CANCELED, CREATED, CREATED]
    ids = [each.event["id"] for each in receiver.got if each.event["data"]["object"]["id"] == intent]
    assert len(set(ids)) == 2


@pytest.mark.parametrize("fault", [{"kind": "webhook_reversed"}, {"kind": "webhook_late", "seconds": 2}])
def test_a_webhook_can_come_after_the_one_that_follows_it(
    sandbox: Sandbox, receiver: Receiver, cancelled: Callable[[], str], fault: dict[str, Any]
) -> None:
    sandbox.breaks(**fault, type=CREATED)

    arrives(receiver, cancelled(), [CANCELED, CREATED])


def test_a_dropped_webhook_comes_only_when_it_is_asked_for(
    sandbox: Sandbox, receiver: Receiver, cancelled: Callable[[], str]
) -> None:
    sandbox.breaks("webhook_dropped", type=CREATED)

    intent = cancelled()

    arrives(receiver, intent, [CANCELED])
    assert delivery_of(sandbox, intent, CREATED)["wanted"] == 0
    event = next(each for each in sandbox.state()["events"] if (each["about"], each["type"]) == (intent, CREATED))
    sandbox.ask("POST", "/sandbox/webhooks/redeliver", {"event": event["id"]})
    arrives(receiver, intent, [CANCELED, CREATED])


def test_the_api_shows_which_events_are_not_delivered_yet(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.status = 503
    intent = sandbox.intent()

    def pending() -> dict[str, int]:
        events = sandbox.stripe.v1.events.list({"delivery_success": False}).data
        return {each.data.object["id"]: each.pending_webhooks for each in events}

    assert pending()[intent.id] == 1
    receiver.status = 200
    until(lambda: intent.id not in pending(), "it has arrived")


def test_only_the_types_asked_for_are_sent(tmp_path: Any, receiver: Receiver) -> None:
    hooks = ["--webhook-url", receiver.url, "--webhook-event", CANCELED]
    alone = Sandbox(tmp_path, *hooks)
    alone.start()
    try:
        intent = alone.stripe.v1.payment_intents.cancel(alone.intent().id).id
        arrives(receiver, intent, [CANCELED])
        assert delivery_of(alone, intent, CREATED) is None
    finally:
        assert alone.stop() == 0
