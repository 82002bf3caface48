"""`flask payments reconcile --fix` on records of an older release that missed changes at Stripe."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from app.bus.contracts import payments as contracts
from app.kernel import clock
from app.modules.payments.infrastructure.tables import payments, refunds
from app.modules.payments.schedules import reconcile_daily
from tests.payments.steps import (
    at_stripe,
    authorises,
    captures,
    gateway_of,
    intents,
    opens,
    payment_of,
    pays,
    sandbox_state,
)
from tests.payments.test_reconciling import reconciles
from tests.payments.test_refunds import refunds_of, requests_refund
from tests.shop import ALICE, Shop


def was_left(shop: Shop, payment: Any, **values: Any) -> Any:
    """Store the values as the older release had left them."""
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(update(payments).where(payments.c.id == UUID(payment["id"])).values(**values))
    return payment


def a_refund_that_failed_after_it_succeeded(shop: Shop) -> Any:
    payment = captures(shop)
    requests_refund(shop, payment)
    shop.settle()
    at_stripe(shop, "fail_refund", refund=sandbox_state(shop)["refunds"][0]["id"])
    return payment


def a_refund_made_at_stripe_that_only_the_sum_knows(shop: Shop) -> Any:
    payment = captures(shop)
    at_stripe(shop, "refund", intent=intents(shop)[0]["id"], amount=100)
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(delete(refunds))
    return was_left(shop, payment, refunded=100)


def a_part_captured_by_hand_that_counted_as_paid(shop: Shop) -> Any:
    payment = authorises(shop)
    at_stripe(shop, "capture", intent=intents(shop)[0]["id"], amount=100)
    return was_left(shop, payment, status="captured", captured=100, desired="captured")


def an_intent_cancelled_by_hand(shop: Shop) -> Any:
    payment = opens(shop)
    at_stripe(shop, "cancel", intent=intents(shop)[0]["id"])
    return payment


def a_dispute_that_was_left_at_that(shop: Shop) -> Any:
    payment = captures(shop)
    at_stripe(shop, "dispute", intent=intents(shop)[0]["id"])
    return payment


def money_held_of_a_payment_that_failed(shop: Shop) -> Any:
    return was_left(shop, authorises(shop), status="failed", desired="cancelled", failure="capture_failed")


def a_decline_that_was_over(shop: Shop) -> Any:
    payment = opens(shop)
    pays(shop.as_customer(ALICE), payment["id"], "pm_card_chargeDeclined")
    pays(shop.as_customer(ALICE), payment["id"])
    return was_left(shop, payment, failure="generic_decline")


MENDED: dict[Callable[[Shop], Any], dict[str, Any]] = {
    a_refund_that_failed_after_it_succeeded: {"status": "captured", "refunded": 0},
    a_refund_made_at_stripe_that_only_the_sum_knows: {"status": "captured", "refunded": 100},
    a_part_captured_by_hand_that_counted_as_paid: {"status": "captured_short", "captured": 100},
    an_intent_cancelled_by_hand: {"status": "cancelled"},
    a_dispute_that_was_left_at_that: {"status": "captured", "disputed": 1800},
    money_held_of_a_payment_that_failed: {"status": "failed"},
    a_decline_that_was_over: {"status": "authorized", "failure": None},
}


@pytest.mark.parametrize("drift", MENDED, ids=lambda each: each.__name__)
def test_the_difference_is_found_and_corrected(shop: Shop, drift: Callable[[Shop], Any]) -> None:
    payment = drift(shop)
    assert "1 drifted" in reconciles(shop).output

    reconciles(shop, "--fix")
    shop.settle()

    after = payment_of(shop, payment["order_id"])
    shown = {name: after[name]["amount"] if isinstance(after[name], dict) else after[name] for name in MENDED[drift]}
    assert shown == MENDED[drift]
    assert "0 drifted" in reconciles(shop).output


def test_a_failed_refund_is_published_and_can_be_made_again(shop: Shop) -> None:
    payment = a_refund_that_failed_after_it_succeeded(shop)

    reconciles(shop, "--fix")
    shop.settle()

    assert [published.amount for published in shop.published(contracts.RefundFailed)] == [1800]
    assert [each["failure"] for each in refunds_of(shop, payment)] == ["expired_or_canceled_card"]
    assert requests_refund(shop, payment).status_code == 201


def test_money_left_authorised_is_released(shop: Shop) -> None:
    money_held_of_a_payment_that_failed(shop)

    reconciles(shop, "--fix")
    shop.settle()

    assert [each["status"] for each in intents(shop)] == ["canceled"]


def test_it_is_compared_by_itself_once_a_day(shop: Shop, caplog: Any) -> None:
    module, gateway = shop.modules["payments"], gateway_of(shop)
    a_dispute_that_was_left_at_that(shop)

    def after(hours: int) -> int | None:
        then = clock.now() + timedelta(hours=hours)
        how: Any = (module.transaction, module.reading, gateway, lambda: then)
        return reconcile_daily(*how, wait=0.1)

    assert [after(0), after(1), after(24)] == [1, None, 1]
    assert "0 of it is disputed here, 1800 at Stripe" in caplog.text
    assert "payments: reconcile" in [schedule.name for schedule in module.schedules]
