"""The control API under /sandbox/, which tests use."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.sandbox.driver import Sandbox


def test_the_state_of_an_order_adds_up(sandbox: Sandbox) -> None:
    order, other = str(uuid4()), str(uuid4())
    about = {"metadata": {"order_id": order}}
    paid = sandbox.captured(1000, **about)
    refund = sandbox.stripe.v1.refunds.create({"payment_intent": paid.id, "amount": 300})
    let_go = sandbox.stripe.v1.payment_intents.cancel(sandbox.authorised(500, **about).id)
    held = sandbox.authorised(200, metadata={"order_id": other})

    state = sandbox.state(order)

    assert [each["id"] for each in state["intents"]] == [paid.id, let_go.id]
    assert [each["id"] for each in state["charges"]] == [paid.latest_charge, let_go.latest_charge]
    assert [each["id"] for each in state["refunds"]] == [refund.id]
    assert state["sums_by_order"] == {order: {"authorized": 1500, "captured": 1000, "refunded": 300}}
    assert state["captures_by_order"] == {order: 1}
    whole = sandbox.state()
    assert whole["sums_by_order"][order] == state["sums_by_order"][order]
    assert whole["sums_by_order"][other] == {"authorized": 200, "captured": 0, "refunded": 0}
    assert other not in whole["captures_by_order"]
    assert held.id in {each["id"] for each in whole["intents"]}


def test_a_decline_holds_nothing(sandbox: Sandbox) -> None:
    order = str(uuid4())
    intent = sandbox.intent(metadata={"order_id": order})
    sandbox.ask_raw(
        "POST",
        f"/v1/payment_intents/{intent.id}/confirm",
        b"payment_method=pm_card_chargeDeclined",
        {"Authorization": "Bearer sk_test_any"},
    )

    state = sandbox.state(order)

    assert [charge["status"] for charge in state["charges"]] == ["failed"]
    assert state["sums_by_order"] == {order: {"authorized": 0, "captured": 0, "refunded": 0}}


def test_the_events_of_an_order_are_listed_with_their_deliveries(sandbox: Sandbox) -> None:
    order = str(uuid4())
    paid = sandbox.captured(metadata={"order_id": order})

    events = sandbox.state(order)["events"]

    assert [(each["type"], each["about"]) for each in events] == [
        ("payment_intent.created", paid.id),
        ("charge.succeeded", paid.latest_charge),
        ("payment_intent.amount_capturable_updated", paid.id),
        ("charge.captured", paid.latest_charge),
        ("payment_intent.succeeded", paid.id),
    ]
    assert {each["deliveries"]["wanted"] for each in events} == {1}


def test_an_order_that_nobody_paid_has_nothing(sandbox: Sandbox) -> None:
    state = sandbox.state("nothing")

    assert not any(state.values())
    lists = {"intents", "charges", "refunds", "disputes", "tax_transactions", "events"}
    assert set(state) == {*lists, "sums_by_order", "captures_by_order"}


def test_an_intent_without_an_order_is_listed_and_not_added_up(sandbox: Sandbox) -> None:
    before = sandbox.state()["sums_by_order"]

    paid = sandbox.captured()

    state = sandbox.state()
    assert paid.id in {each["id"] for each in state["intents"]}
    assert state["sums_by_order"] == before


FAULTS = "/sandbox/faults"
REDELIVER = "/sandbox/webhooks/redeliver"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/sandbox/nothing", None, 404),
        ("POST", "/sandbox/state", None, 404),
        ("PUT", FAULTS, {}, 404),
        ("GET", "/sandbox/state?order=1", None, 400),
        ("GET", "/sandbox/state?order_id=", None, 400),
        ("POST", FAULTS, None, 400),
        ("POST", FAULTS, [], 400),
        ("POST", FAULTS, {}, 400),
        ("POST", FAULTS, {"kind": "earthquake"}, 400),
        ("POST", FAULTS, {"kind": ["down"]}, 400),
        ("POST", FAULTS, {"kind": "down", "colour": "red"}, 400),
        ("POST", FAULTS, {"kind": "down", "path": 7}, 400),
        ("POST", FAULTS, {"kind": "down", "path": "payment_intents"}, 400),
        ("POST", FAULTS, {"kind": "down", "method": "post"}, 400),
        ("POST", FAULTS, {"kind": "down", "action": "steal"}, 400),
        ("POST", FAULTS, {"kind": "down", "action": {}}, 400),
        ("POST", FAULTS, {"kind": "delay", "seconds": -1}, 400),
        ("POST", FAULTS, {"kind": "delay", "seconds": "1"}, 400),
        ("POST", FAULTS, {"kind": "delay", "seconds": float("nan")}, 400),
        ("POST", FAULTS, {"kind": "delay", "when": "never"}, 400),
        ("POST", FAULTS, {"kind": "down", "times": 0}, 400),
        ("POST", FAULTS, {"kind": "down", "times": True}, 400),
        ("POST", FAULTS, {"kind": "webhook_late", "type": []}, 400),
        ("POST", REDELIVER, None, 400),
        ("POST", REDELIVER, {}, 400),
        ("POST", REDELIVER, {"event": 1}, 400),
        ("POST", REDELIVER, {"event": "evt_nothing"}, 404),
        ("POST", REDELIVER, {"event": "all", "times": 2}, 400),
    ],
)
def test_an_invalid_request_is_answered_with_a_sentence(
    sandbox: Sandbox, method: str, path: str, body: Any, status: int
) -> None:
    found, answer = sandbox.ask(method, path, body)

    assert found == status
    assert len(answer["error"]["message"].split()) > 2
    assert sandbox.faults() == []


def test_a_body_that_is_no_json_is_a_mistake(sandbox: Sandbox) -> None:
    for body in (b"kind=down", b"\xff", b"{"):
        status, _, text = sandbox.ask_raw("POST", FAULTS, body)
        assert (status, json.loads(text)["error"]["message"]) == (400, "The body is not JSON.")


def test_everything_can_be_forgotten(tmp_path: Path) -> None:
    alone = Sandbox(tmp_path)
    alone.start()
    try:
        alone.intent()
        alone.breaks("down", path="/v1/refunds")

        assert alone.ask("DELETE", "/sandbox/state")[0] == 200

        state = alone.state()
        assert (state["intents"], state["events"]) == ([], [])
        assert alone.ask("GET", "/sandbox/faults")[1] == {"faults": []}
        assert alone.intent().status == "requires_payment_method"
    finally:
        alone.stop()


def test_the_clock_moves_forward_and_banks_release_what_has_expired(sandbox: Sandbox) -> None:
    held, captured = sandbox.authorised(500), sandbox.captured(500)
    day = 86_400

    _, six = sandbox.ask("POST", "/sandbox/clock", {"forward": 6 * day})
    still = sandbox.stripe.v1.payment_intents.retrieve(held.id).status
    _, seven = sandbox.ask("POST", "/sandbox/clock", {"forward": day + 1})

    assert (six["released"], still) == (0, "requires_capture")
    assert seven["released"] >= 1, "with those of other tests"
    after = sandbox.stripe.v1.payment_intents.retrieve(held.id)
    assert (after.status, after.cancellation_reason) == ("canceled", "expired")
    assert sandbox.stripe.v1.payment_intents.retrieve(captured.id).status == "succeeded"


@pytest.mark.parametrize("body", [{}, {"forward": -1}, {"forward": True}, {"forward": 10**9}, {"back": 1}, []])
def test_the_clock_takes_whole_seconds(sandbox: Sandbox, body: Any) -> None:
    assert sandbox.ask("POST", "/sandbox/clock", body)[0] == 400
