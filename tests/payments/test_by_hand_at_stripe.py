"""Actions in Stripe's dashboard, and answers of Stripe that are recorded out of order."""

from typing import Any
from uuid import UUID

import pytest

from app.bus.contracts import payments as contracts
from app.kernel.money import Money
from app.modules.payments.infrastructure.stripe.gateway import StripeGateway
from app.modules.payments.use_cases.payments.observe import record
from tests.payments.steps import (
    TOTAL,
    at_stripe,
    authorises,
    breaks_stripe,
    cancels,
    confirms,
    delivers,
    event_about,
    gateway_of,
    intents,
    opens,
    payment_of,
    pays,
    requests_payment,
    sandbox_state,
)
from tests.payments.test_auditing import audited
from tests.shop import ALICE, Shop


def test_a_part_that_was_captured_by_hand_does_not_pay_the_order(shop: Shop) -> None:
    payment = authorises(shop)
    [intent] = intents(shop)
    at_stripe(shop, "capture", intent=intent["id"], amount=100)

    confirms(shop, payment["order_id"])

    after = payment_of(shop, payment["order_id"])
    assert (after["status"], after["captured"]["amount"]) == ("captured_short", 100)
    assert shop.published(contracts.PaymentCaptured) == []
    assert [(published.captured, published.amount) for published in shop.published(contracts.PaymentCapturedShort)] == [
        (100, 1800)
    ]
    assert "captured_short" in audited(shop, payment["order_id"], "confirmed")
    cancels(shop, payment["order_id"])
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 100


def test_a_payment_that_was_cancelled_by_hand_ends_its_order(shop: Shop) -> None:
    payment = opens(shop)
    [intent] = intents(shop)
    at_stripe(shop, "cancel", intent=intent["id"])
    delivers(shop, event_about(shop, payment, "payment_intent.canceled"))
    shop.settle()

    assert [published.reason for published in shop.published(contracts.PaymentCancelled)] == ["cancelled_at_stripe"]


def test_a_payment_that_orders_cancelled_has_no_reason(shop: Shop) -> None:
    cancels(shop, opens(shop)["order_id"])

    assert [published.reason for published in shop.published(contracts.PaymentCancelled)] == [""]


@pytest.mark.parametrize("amount", [Money(30, "EUR"), Money(100_000_000, "EUR"), Money(5005, "KWD"), Money(1, "IQD")])
def test_what_stripe_never_takes_ends_its_order(shop: Shop, amount: Money) -> None:
    requests_payment(shop, amount)
    shop.settle()

    assert [published.reason for published in shop.published(contracts.PaymentCancelled)] == ["amount_not_payable"]


def test_declined_and_then_paid_is_no_failure(shop: Shop) -> None:
    payment = opens(shop)
    pays(shop.as_customer(ALICE), payment["id"], "pm_card_chargeDeclined")
    assert payment_of(shop, payment["order_id"])["failure"] == "generic_decline"

    pays(shop.as_customer(ALICE), payment["id"])

    assert payment_of(shop, payment["order_id"])["failure"] is None


def test_an_older_answer_recorded_after_a_newer_publishes_nothing_twice(shop: Shop) -> None:
    payment, module = opens(shop), shop.modules["payments"]
    gateway = gateway_of(shop)
    pays(shop.as_customer(ALICE), payment["id"], "pm_card_chargeDeclined")
    with module.reading() as uow:
        then = uow.payments.get(UUID(payment["id"]))
    older = gateway.look(then)
    pays(shop.as_customer(ALICE), payment["id"], "pm_card_chargeDeclinedInsufficientFunds")

    record(module.transaction, gateway, then, older)
    shop.settle()

    assert [published.code for published in shop.published(contracts.PaymentFailed)] == [
        "generic_decline",
        "insufficient_funds",
    ]
    seen: Any = shop.as_staff().get(f"/payments/{payment['id']}").json
    assert seen["failure"] == "insufficient_funds"


def test_what_could_not_be_captured_and_is_authorised_after_all_is_let_go(shop: Shop, monkeypatch: Any) -> None:
    """The capture is refused and leaves an intent that the customer's page can still pay."""
    payment = authorises(shop)
    take, refused = StripeGateway.take, []

    def refuses_once(gateway: Any, step: Any, of: Any) -> Any:
        if step != "capture":
            return take(gateway, step, of)
        refused.append(step)
        reported = gateway.look(of)
        return type(reported)(**vars(reported) | {"capture_failed": True})

    monkeypatch.setattr(StripeGateway, "take", refuses_once)
    confirms(shop, payment["order_id"])
    assert [published.code for published in shop.published(contracts.CaptureFailed)] == ["capture_failed"]
    cancels(shop, payment["order_id"])

    after = payment_of(shop, payment["order_id"])
    assert (after["status"], intents(shop)[0]["status"], refused) == ("failed", "canceled", ["capture"])


@pytest.mark.parametrize(
    ("amount", "sent"),
    [
        (TOTAL, 1800),
        (Money(5000, "ISK"), 500_000),
        (Money(5000, "UGX"), 500_000),
        (Money(5000, "JPY"), 5000),
        (Money(5000, "MGA"), 50),
        (Money(5000, "KWD"), 5000),
        (Money(250_000_000_00, "IDR"), 250_000_000_00),
    ],
)
def test_the_customer_pays_the_orders_amount_in_every_currency(shop: Shop, amount: Money, sent: int) -> None:
    order_id = requests_payment(shop, amount)
    shop.settle()
    assert [each["amount"] for each in intents(shop)] == [sent]

    pays(shop.as_customer(ALICE), payment_of(shop, order_id)["id"])
    confirms(shop, order_id)
    cancels(shop, order_id)

    after = payment_of(shop, order_id)
    assert (after["captured"]["amount"], after["refunded"]["amount"]) == (amount.amount, amount.amount)
    assert [each["amount"] for each in sandbox_state(shop)["refunds"]] == [sent]


def test_a_confirm_that_stripe_broke_on_is_found(shop: Shop) -> None:
    payment = opens(shop)
    breaks_stripe(shop, "error_500", action="confirm", when="after")

    assert pays(shop.as_customer(ALICE), payment["id"]).json["status"] == "authorized"  # type: ignore[index]
