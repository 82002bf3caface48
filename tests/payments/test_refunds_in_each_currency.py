"""Refunds in currencies of which a charge is a multiple of more than the smallest unit."""

from uuid import UUID

import pytest

from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.payments.domain.refund import BY_ORDERS, Refund
from tests.payments.steps import cancels, captures, payment_of
from tests.payments.test_disputes import disputes
from tests.payments.test_reconciling import reconciles
from tests.payments.test_refunds import refunds_of, requests_refund
from tests.shop import Shop


@pytest.mark.parametrize("amount", [Money(150, "MGA"), Money(1235, "KWD"), Money(1, "BHD")])
def test_a_fraction_that_can_never_be_refunded_is_refused(shop: Shop, amount: Money) -> None:
    payment = captures(shop, Money(5000, amount.currency))

    refused = requests_refund(shop, payment, amount.amount, amount.currency)

    assert (refused.status_code, refused.json["code"]) == (422, "bad_amount")
    assert refunds_of(shop, payment) == []


def test_what_a_dispute_leaves_is_refunded_as_far_as_it_can_be(shop: Shop) -> None:
    payment = captures(shop, Money(5000, "KWD"))
    disputes(shop, amount=1235)

    assert requests_refund(shop, payment, 3770, "KWD").json["refundable"]["amount"] == 3760


def test_less_than_can_be_refunded_is_not_owed(shop: Shop) -> None:
    payment = captures(shop, Money(5000, "KWD"))
    disputes(shop, amount=4995)

    cancels(shop, payment["order_id"])

    assert refunds_of(shop, payment) == []
    assert "0 drifted" in reconciles(shop).output


def test_a_refund_of_such_a_fraction_from_an_older_release_fails_and_frees_its_amount(shop: Shop) -> None:
    payment = captures(shop, Money(5000, "MGA"))
    older = _stored(shop, payment["id"], Money(150, "MGA"))

    shop.settle()

    [refund] = refunds_of(shop, payment)
    assert (refund["id"], refund["status"], refund["failure"]) == (older, "failed", "amount_not_payable")
    assert requests_refund(shop, payment).json["amount"]["amount"] == 5000
    shop.settle()
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 5000


def _stored(shop: Shop, payment_id: str, amount: Money) -> str:
    with shop.modules["payments"].transaction() as uow:
        refund = uow.refunds.save(
            Refund(
                id=new_id(),
                payment_id=UUID(payment_id),
                amount=amount,
                reason="a chip",
                requested_by=BY_ORDERS,
                created_at=clock.now(),
            )
        )
        uow.enqueue("refund", refund.id)
    return str(refund.id)
