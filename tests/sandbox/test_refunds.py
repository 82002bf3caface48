"""Refunds: in parts, and never more than was captured."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from tests.sandbox.driver import Sandbox, client


def refunded(sandbox: Sandbox, intent: stripe.PaymentIntent) -> int:
    """Return the refunded amount of the intent's charge."""
    return sandbox.stripe.v1.charges.retrieve(str(intent.latest_charge)).amount_refunded


def test_without_an_amount_all_of_it_is_given_back(sandbox: Sandbox) -> None:
    paid = sandbox.captured(1000)

    refund = sandbox.stripe.v1.refunds.create({"payment_intent": paid.id, "reason": "requested_by_customer"})

    assert (refund.amount, refund.status, refund.payment_intent) == (1000, "succeeded", paid.id)
    assert sandbox.stripe.v1.refunds.retrieve(refund.id) == refund
    assert sandbox.stripe.v1.charges.retrieve(str(paid.latest_charge)).refunded


def test_parts_add_up_to_what_was_collected_and_no_further(sandbox: Sandbox) -> None:
    held = sandbox.authorised(1000)
    paid = sandbox.stripe.v1.payment_intents.capture(held.id, {"amount_to_capture": 800})
    refunds = sandbox.stripe.v1.refunds

    refunds.create({"payment_intent": paid.id, "amount": 500})
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        refunds.create({"payment_intent": paid.id, "amount": 301})
    refunds.create({"payment_intent": paid.id, "amount": 300})
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        refunds.create({"payment_intent": paid.id})

    assert (too_much.value.http_status, too_much.value.param) == (400, "amount")
    assert nothing_left.value.code == "charge_already_refunded"
    assert refunded(sandbox, paid) == 800
    listed = refunds.list({"payment_intent": paid.id})
    assert [each.amount for each in listed.data] == [300, 500]


def test_refunds_at_once_never_give_back_more_than_there_is(sandbox: Sandbox) -> None:
    paid = sandbox.captured(1000)

    def refund(_: int) -> int:
        try:
            return client(sandbox.url).v1.refunds.create({"payment_intent": paid.id, "amount": 300}).amount
        except stripe.InvalidRequestError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        given_back = list(pool.map(refund, range(8)))

    assert sorted(given_back) == [0] * 5 + [300] * 3
    assert refunded(sandbox, paid) == 900


@pytest.mark.parametrize("held", [False, True])
def test_what_was_never_collected_cannot_be_given_back(sandbox: Sandbox, held: bool) -> None:
    intent = sandbox.authorised() if held else sandbox.intent()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.refunds.create({"payment_intent": intent.id})

    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_charge_can_be_refunded_by_its_own_id(sandbox: Sandbox) -> None:
    paid = sandbox.captured(1000)

    refund = sandbox.stripe.v1.refunds.create({"charge": str(paid.latest_charge), "amount": 1})

    assert refund.payment_intent == paid.id


def test_a_refund_needs_to_know_what_of(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.stripe.v1.refunds.create({"amount": 100})
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        sandbox.stripe.v1.refunds.create({"payment_intent": "pi_nothing"})

    assert (unknown.value.http_status, unknown.value.code) == (400, "resource_missing")


def test_a_repeated_refund_gives_back_once(sandbox: Sandbox) -> None:
    paid = sandbox.captured(1000)

    for _ in range(3):
        sandbox.stripe.v1.refunds.create(
            {"payment_intent": paid.id, "amount": 300}, {"idempotency_key": f"refund-{paid.id}"}
        )

    assert refunded(sandbox, paid) == 300
