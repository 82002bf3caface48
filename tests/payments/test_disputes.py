"""Disputes: what the shop records of them, and the deadline of the reply."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.bus.contracts import payments as contracts
from app.bus.contracts.orders import OrderCancelled
from app.modules.payments.domain.dispute import Dispute, first_to_answer
from app.modules.payments.domain.payment import Intent, Payment, Status
from app.modules.payments.infrastructure.stripe.gateway import StripeGateway
from app.modules.payments.infrastructure.stripe.objects import dispute_of
from app.modules.payments.use_cases.payments.observe import look
from tests.payments.steps import TOTAL, at_stripe, cancels, captures, gateway_of, intents, payment_of, reports
from tests.payments.test_auditing import audited
from tests.payments.test_reconciling import reconciles
from tests.payments.test_refunds import refunds_of, requests_refund
from tests.shop import ALICE, Shop


def disputes(shop: Shop, **more: Any) -> Any:
    [intent] = intents(shop)
    dispute = at_stripe(shop, "dispute", intent=intent["id"], **more)
    reports(shop, "charge.dispute.created", dispute)
    return dispute


def test_a_dispute_is_shown_and_published_with_the_deadline_of_the_reply(shop: Shop) -> None:
    payment = captures(shop)

    disputes(shop)

    after = payment_of(shop, payment["order_id"])
    assert (after["status"], after["disputed"]["amount"]) == ("captured", 1800)
    assert (after["dispute"]["status"], after["dispute"]["reason"]) == ("needs_response", "fraudulent")
    [published] = shop.published(contracts.PaymentDisputed)
    assert (published.status, published.disputed, published.respond_by) == (
        "needs_response",
        1800,
        after["dispute"]["respond_by"],
    )
    assert published.respond_by.endswith("Z")


@pytest.mark.parametrize(("outcome", "disputed"), [("won", 0), ("lost", 1800)])
def test_the_bank_decides(shop: Shop, outcome: str, disputed: int) -> None:
    payment = captures(shop)
    dispute = disputes(shop)

    reports(shop, "charge.dispute.closed", at_stripe(shop, "close_dispute", dispute=dispute["id"], status=outcome))

    after = payment_of(shop, payment["order_id"])
    assert (after["dispute"]["status"], after["disputed"]["amount"]) == (outcome, disputed)
    assert [published.status for published in shop.published(contracts.PaymentDisputed)] == ["needs_response", outcome]


@pytest.mark.parametrize("how", ["answer_dispute", "close_dispute"])
def test_no_reply_is_awaited_once_it_was_given_or_the_bank_has_decided(shop: Shop, how: str) -> None:
    payment = captures(shop)
    dispute = disputes(shop)
    more = {"status": "lost"} if how == "close_dispute" else {}

    reports(shop, "charge.dispute.updated", at_stripe(shop, how, dispute=dispute["id"], **more))

    assert payment_of(shop, payment["order_id"])["dispute"]["respond_by"] is None
    assert [bool(published.respond_by) for published in shop.published(contracts.PaymentDisputed)] == [True, False]


def test_of_several_disputes_the_one_to_reply_to_first_is_shown() -> None:
    def one(id: str, status: str, day: int | None = None) -> Dispute:
        due = datetime(2026, 12, day, tzinfo=UTC) if day else None
        return Dispute(id=id, status=status, reason="fraudulent", amount=900, respond_by=due)

    newest, later, sooner = one("a", "lost"), one("b", "needs_response", 9), one("c", "needs_response", 2)

    assert first_to_answer([newest, later, sooner]) is sooner
    assert first_to_answer([newest, one("d", "won")]) is newest
    assert first_to_answer([]) is None


@pytest.mark.parametrize(("currency", "amount", "taken"), [("eur", 900, 900), ("jpy", 2000, 1800), ("zzz", 1, 1800)])
def test_a_dispute_in_another_currency_is_over_all_that_was_captured(currency: str, amount: int, taken: int) -> None:
    intent = Intent(id="pi_1", status=Status.CAPTURED, amount=TOTAL, client_secret="s", captured=1800)
    answer = {"id": "du_1", "status": "lost", "reason": "fraudulent", "amount": amount, "currency": currency}

    assert dispute_of(answer, intent).taken == taken


def test_a_deadline_that_moves_is_published_and_without_a_webhook_it_is_drift(shop: Shop, monkeypatch: Any) -> None:
    payment = captures(shop)
    dispute = disputes(shop)
    later, reads = datetime(2027, 1, 2, tzinfo=UTC), StripeGateway.look

    def extended(gateway: StripeGateway, of: Payment) -> Intent:
        intent = reads(gateway, of)
        assert intent.reversals
        moved = tuple(replace(each, respond_by=later) for each in intent.reversals.disputes)
        return replace(intent, reversals=replace(intent.reversals, disputes=moved))

    monkeypatch.setattr(StripeGateway, "look", extended)
    assert "the reply to its dispute is due at" in reconciles(shop).output
    reports(shop, "charge.dispute.updated", dispute)

    assert payment_of(shop, payment["order_id"])["dispute"]["respond_by"] == "2027-01-02T00:00:00Z"
    assert shop.published(contracts.PaymentDisputed)[-1].respond_by == "2027-01-02T00:00:00Z"


def test_what_a_bank_has_taken_is_not_given_back_again(shop: Shop) -> None:
    payment = captures(shop)
    disputes(shop, amount=1500)

    assert requests_refund(shop, payment, 301).json["refundable"]["amount"] == 300


def test_a_disputed_order_that_is_off_owes_nothing_more(shop: Shop) -> None:
    payment = captures(shop)
    disputes(shop)
    cancels(shop, payment["order_id"])

    assert audited(shop, payment["order_id"], "refunded") == ""
    assert "0 drifted" in reconciles(shop).output


def test_an_order_that_is_off_waits_for_no_refund_of_what_a_bank_has_taken(shop: Shop) -> None:
    payment = captures(shop)
    disputes(shop)

    cancels(shop, payment["order_id"])

    assert states(shop) == ["none"]


def test_a_bank_that_is_quicker_than_the_refund_leaves_none_to_wait_for(shop: Shop) -> None:
    payment, module, gateway = captures(shop), shop.modules["payments"], gateway_of(shop)
    at_stripe(shop, "dispute", intent=intents(shop)[0]["id"])
    shop.receives(
        OrderCancelled(order_id=payment["order_id"], customer_id=str(ALICE), reason="cancelled_by_staff", version=4)
    )

    look(module.transaction, gateway, UUID(payment["id"]))
    shop.settle()

    assert (states(shop), refunds_of(shop, payment)) == (["none"], [])


def states(shop: Shop) -> list[str]:
    """Of the refunds, as they were published."""
    return [published.state for published in shop.published(contracts.PaymentRefunded)]


def test_a_dispute_that_is_won_after_the_order_is_off_is_refunded(shop: Shop) -> None:
    payment = captures(shop)
    dispute = disputes(shop)
    cancels(shop, payment["order_id"])

    reports(shop, "charge.dispute.closed", at_stripe(shop, "close_dispute", dispute=dispute["id"], status="won"))

    [request] = refunds_of(shop, payment)
    assert request["amount"]["amount"] == 1800


def test_a_bank_that_takes_what_was_refunded_before_leaves_nothing_owed(shop: Shop) -> None:
    payment = captures(shop)
    requests_refund(shop, payment, 500)
    shop.settle()
    disputes(shop)
    cancels(shop, payment["order_id"])

    assert audited(shop, payment["order_id"], "refunded") == ""
    assert "0 drifted" in reconciles(shop).output


def test_a_dispute_without_a_webhook_is_drift_and_is_corrected(shop: Shop) -> None:
    payment = captures(shop)
    [intent] = intents(shop)
    at_stripe(shop, "dispute", intent=intent["id"])

    assert "0 of it is disputed here, 1800 at Stripe" in reconciles(shop).output
    reconciles(shop, "--fix")
    shop.settle()

    assert payment_of(shop, payment["order_id"])["disputed"]["amount"] == 1800
    assert reconciles(shop).exit_code == 0
