"""Refunds that orders requests, for units of an order: made once, by the id that orders has given them."""

from typing import Any

from app.bus.contracts import orders
from app.bus.contracts import payments as contracts
from app.kernel.ids import new_id
from tests.payments.steps import captures, payment_of
from tests.payments.test_refunds import refunds_of, requests_refund
from tests.shop import ALICE, Shop


def wanted(payment: Any, amount: int, refund_id: str | None = None, currency: str = "EUR") -> orders.RefundRequested:
    return orders.RefundRequested(
        order_id=payment["order_id"],
        customer_id=str(ALICE),
        refund_id=refund_id or str(new_id()),
        amount=amount,
        currency=currency,
        version=9,
    )


def test_it_is_made_once_and_reported_by_its_id(shop: Shop) -> None:
    payment = captures(shop)
    event = wanted(payment, 667)

    shop.receives(event)
    shop.receives(event)
    shop.settle()

    [refund] = refunds_of(shop, payment)
    assert (refund["id"], refund["status"], refund["amount"]["amount"]) == (event.refund_id, "succeeded", 667)
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 667
    [published] = shop.published(contracts.PaymentRefunded)
    assert published.of_units == [contracts.UnitRefund(refund_id=event.refund_id, state="succeeded")]


def test_other_refunds_are_not_reported_as_units(shop: Shop) -> None:
    payment = captures(shop)
    requests_refund(shop, payment, 100)
    shop.settle()

    [published] = shop.published(contracts.PaymentRefunded)
    assert published.of_units == []


def test_one_that_is_too_large_is_reported_as_failed_and_alarms_nobody(shop: Shop) -> None:
    payment = captures(shop)
    requests_refund(shop, payment, 1500)
    event = wanted(payment, 667)

    shop.receives(event)
    shop.settle()

    [failed] = shop.published(contracts.RefundFailed)
    assert (failed.refund_id, failed.code, failed.amount) == (event.refund_id, "refund_too_large", 667)
    assert failed.of_units == [contracts.UnitRefund(refund_id=event.refund_id, state="failed")]
    assert [(each["status"], each["amount"]["amount"]) for each in refunds_of(shop, payment)] == [
        ("succeeded", 1500),
        ("failed", 667),
    ]
    assert shop.published(contracts.PaymentRefunded)[-1].state == "done"


def test_a_nudge_makes_one_that_was_lost_and_reports_one_that_was_made(shop: Shop) -> None:
    payment = captures(shop)
    made, lost = wanted(payment, 100), wanted(payment, 200)
    shop.receives(made)
    shop.settle()

    shop.receives(
        orders.OrderNudged(
            order_id=payment["order_id"],
            customer_id=str(ALICE),
            status="paid",
            lines=[],
            totals=orders.Totals(items=1800, shipping=0, tax=0, discount=0, total=1800),
            currency="EUR",
            deadline="",
            version=10,
            refunds=[orders.RequestedRefund(refund_id=each.refund_id, amount=each.amount) for each in (made, lost)],
        )
    )
    again = shop.published(contracts.PaymentRefunded)[-1]
    shop.settle()

    assert {each.refund_id: each.state for each in again.of_units} == {
        made.refund_id: "succeeded",
        lost.refund_id: "new",
    }
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 300
    assert {each.state for each in shop.published(contracts.PaymentRefunded)[-1].of_units} == {"succeeded"}


def test_an_audit_finds_one_that_was_lost_and_one_that_was_reported(shop: Shop) -> None:
    payment = captures(shop)
    made, lost = wanted(payment, 100), wanted(payment, 200)
    shop.receives(made)
    shop.settle()

    for waits_for in ([], [lost], [made]):
        shop.receives(
            orders.OrderAuditRequested(
                audit=str(new_id()),
                order_id=payment["order_id"],
                status="paid",
                lines=[],
                amount=1800,
                currency="EUR",
                version=10,
                refunds=[orders.RequestedRefund(refund_id=each.refund_id, amount=each.amount) for each in waits_for],
            )
        )

    found = [each.discrepancy for each in shop.published(contracts.PaymentAuditReported)]
    assert found == [
        "",
        f"it waits for refund {lost.refund_id}, which was never requested here",
        f"it waits for refund {made.refund_id}, which is succeeded",
    ]
