"""What banks and people do to a payment later."""

from typing import Any

import pytest
import stripe

from tests.conftest import until
from tests.sandbox.driver import Receiver, Sandbox


def charge_of(sandbox: Sandbox, intent: stripe.PaymentIntent) -> stripe.Charge:
    return sandbox.stripe.v1.charges.retrieve(str(intent.latest_charge))


def test_a_refund_that_succeeded_fails_days_later(sandbox: Sandbox, receiver: Receiver) -> None:
    paid = sandbox.captured(1000)
    refund = sandbox.stripe.v1.refunds.create({"payment_intent": paid.id, "amount": 400})
    assert refund.status == "succeeded"

    sandbox.dashboard("fail_refund", refund=refund.id)

    failed = sandbox.stripe.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert charge_of(sandbox, paid).amount_refunded == 0
    reported = {"refund.failed", "charge.refund.updated"}
    until(lambda: reported <= set(receiver.about(refund.id)), "the webhooks arrive")
    assert sandbox.stripe.v1.refunds.create({"payment_intent": paid.id}).amount == 1000


@pytest.mark.parametrize(
    ("card", "first", "last"), [("refundFail", "succeeded", "failed"), ("pendingRefund", "pending", "succeeded")]
)
def test_with_its_test_card_it_happens_by_itself(sandbox: Sandbox, card: str, first: str, last: str) -> None:
    held = sandbox.authorised(1000, f"pm_card_{card}")
    sandbox.stripe.v1.payment_intents.capture(held.id)

    refund = sandbox.stripe.v1.refunds.create({"payment_intent": held.id})

    assert refund.status == first
    until(lambda: sandbox.stripe.v1.refunds.retrieve(refund.id).status == last, f"the refund is {last}")


def test_a_dispute_takes_the_money_until_it_is_won(sandbox: Sandbox, receiver: Receiver) -> None:
    paid = sandbox.captured(1000)

    dispute = sandbox.dashboard("dispute", intent=paid.id, amount=600)

    [listed] = sandbox.stripe.v1.disputes.list({"payment_intent": paid.id}).data
    assert (listed.id, listed.amount, listed.status) == (dispute["id"], 600, "needs_response")
    assert listed.evidence_details.due_by is not None and listed.evidence_details.due_by > listed.created
    assert charge_of(sandbox, paid).disputed
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.refunds.create({"payment_intent": paid.id})
    assert refused.value.code == "charge_disputed"

    sandbox.dashboard("answer_dispute", dispute=dispute["id"])
    sandbox.dashboard("close_dispute", dispute=dispute["id"], status="won")
    types = ["created", "funds_withdrawn", "updated", "closed", "funds_reinstated"]
    until(
        lambda: receiver.about(dispute["id"]) == [f"charge.dispute.{each}" for each in types],
        "all webhooks arrive in order",
    )


def test_its_test_card_is_disputed_by_itself(sandbox: Sandbox) -> None:
    held = sandbox.authorised(1000, "pm_card_createDispute")
    sandbox.stripe.v1.payment_intents.capture(held.id)

    until(lambda: sandbox.stripe.v1.disputes.list({"payment_intent": held.id}).data, "its cardholder disputes it")


def test_an_intent_is_captured_in_part_or_cancelled_by_hand(sandbox: Sandbox) -> None:
    part, off = sandbox.authorised(1000), sandbox.intent(1000)

    assert sandbox.dashboard("capture", intent=part.id, amount=100)["amount_received"] == 100
    assert sandbox.dashboard("cancel", intent=off.id)["status"] == "canceled"


def test_events_of_foreign_objects_are_sent_too(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.dashboard("send_event", type="invoice.paid", object={"id": "in_1", "object": "invoice"})

    until(lambda: receiver.about("in_1") == ["invoice.paid"], "the webhook of the invoice arrives")


@pytest.mark.parametrize(
    ("what", "given"), [("steal", {}), ("cancel", {}), ("cancel", {"intent": "pi_1", "why": 1}), ("dispute", [])]
)
def test_an_invalid_action_is_answered_with_an_error(sandbox: Sandbox, what: str, given: Any) -> None:
    assert sandbox.ask("POST", f"/sandbox/dashboard/{what}", given)[0] == 400


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (5050, "isk", "parameter_invalid_integer"),
        (5050, "ugx", "parameter_invalid_integer"),
        (5005, "kwd", "parameter_invalid_integer"),
        (49, "eur", "amount_too_small"),
        (1499, "czk", "amount_too_small"),
        (100_000_000, "eur", "amount_too_large"),
    ],
)
def test_an_amount_that_its_currency_does_not_have_is_refused(
    sandbox: Sandbox, amount: int, currency: str, code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.intent(amount, currency=currency)

    assert (refused.value.code, refused.value.param) == (code, "amount")


def test_a_currency_that_stripe_does_not_take_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.intent(1000, currency="iqd")

    assert refused.value.param == "currency"


def test_the_endpoint_lists_its_event_types(sandbox: Sandbox, receiver: Receiver) -> None:
    [endpoint] = sandbox.stripe.v1.webhook_endpoints.list().data

    assert (endpoint.url, endpoint.enabled_events) == (receiver.url, ["*"])
