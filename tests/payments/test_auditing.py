"""The result that payments publishes in an audit: whether the payment agrees with the order's status."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.bus.contracts.orders import DispatchedShipment, OrderAuditRequested
from app.bus.contracts.payments import PaymentAuditReported
from app.jobs import tables as jobs
from app.kernel.ids import new_id
from app.modules.payments.infrastructure.tables import payments
from tests.payments.steps import authorises, breaks_stripe, cancels, captures, opens, pays
from tests.shop import ALICE, Shop

pytestmark = pytest.mark.slow

STATUSES = ("placed", "awaiting_payment", "confirmed", "paid", "cancelled", "refunded")


def audited(
    shop: Shop, order_id: str, status: str, amount: int = 1800, shipments: Sequence[DispatchedShipment] = ()
) -> str:
    """Publish the audit request of an order in its seventh version; returns the discrepancy that payments reports."""
    audit = str(new_id())
    event = OrderAuditRequested(
        audit=audit,
        order_id=order_id,
        status=status,
        lines=[],
        amount=amount,
        currency="EUR",
        version=7,
        shipments=list(shipments),
    )
    shop.receives(event)
    [answer] = [each for each in shop.published(PaymentAuditReported) if each.audit == audit]
    assert (answer.order_id, answer.version, shop.parked()) == (order_id, 7, 0)
    return str(answer.discrepancy)


def none(_: Shop) -> Any:
    return {"order_id": str(new_id())}


def cancelled_payment(shop: Shop) -> Any:
    payment = opens(shop)
    cancels(shop, payment["order_id"])
    return payment


def refunded_payment(shop: Shop) -> Any:
    payment = captures(shop)
    cancels(shop, payment["order_id"])
    return payment


def failed(shop: Shop) -> Any:
    payment = opens(shop)
    pays(shop.as_customer(ALICE), payment["id"], "pm_card_captureFails")
    change(shop, desired="captured", status="failed")
    return payment


def change(shop: Shop, **values: Any) -> None:
    """Change the database behind the shop's back."""
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(update(payments).values(**values))


AGREE: dict[Callable[[Shop], Any], set[str]] = {
    none: {"placed", "cancelled", "refunded"},
    opens: {"awaiting_payment"},
    authorises: set(),  # a confirmed order needs a capture, which was never requested here
    captures: {"paid"},
    cancelled_payment: {"cancelled", "refunded"},
    refunded_payment: {"cancelled", "refunded"},
    failed: set(),
}


@pytest.mark.parametrize(
    ("money", "status"),
    [(money, status) for money in AGREE for status in STATUSES],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_money_agrees_with_the_statuses_that_ask_for_it(shop: Shop, money: Callable[[Shop], Any], status: str) -> None:
    order_id = money(shop)["order_id"]

    discrepancy = audited(shop, order_id, status)

    assert (discrepancy == "") == (status in AGREE[money]), discrepancy
    assert discrepancy == "" or discrepancy.startswith(f"it is {status}, ")


def test_another_amount_is_found(shop: Shop) -> None:
    order_id = opens(shop)["order_id"]

    assert audited(shop, order_id, "awaiting_payment", 1700) == "it is over 17.00 EUR, its payment over 18.00 EUR"


def test_what_is_given_back_in_part_is_still_paid(shop: Shop) -> None:
    payment = captures(shop)
    change(shop, refunded=300)

    assert audited(shop, payment["order_id"], "paid") == ""


def test_money_all_given_back_is_not_paid(shop: Shop) -> None:
    payment = captures(shop)
    change(shop, refunded=1800)

    sentence = "it is paid, its payment is captured: only 0 of 18.00 EUR remains captured"
    assert audited(shop, payment["order_id"], "paid") == sentence


def test_a_queued_capture_is_no_discrepancy_and_a_missing_one_is(shop: Shop) -> None:
    payment = authorises(shop)
    change(shop, desired="captured")

    assert audited(shop, payment["order_id"], "confirmed") == ""  # its job is queued

    loses_its_jobs(shop)
    assert audited(shop, payment["order_id"], "confirmed") == "it is confirmed, its payment is authorized"


def test_a_call_that_fails_again_and_again_is_found(shop: Shop) -> None:
    payment = authorises(shop)
    breaks_stripe(shop, "down", times=50)
    cancels(shop, payment["order_id"])
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(update(jobs.jobs).values(attempts=1))
    assert audited(shop, payment["order_id"], "cancelled") == ""

    with shop.modules["payments"].database.begin() as connection:
        connection.execute(update(jobs.jobs).values(attempts=3))

    assert audited(shop, payment["order_id"], "cancelled") == "it is cancelled, its payment is authorized"


def test_money_that_is_kept_although_the_order_is_off_is_found(shop: Shop) -> None:
    payment = captures(shop)
    change(shop, desired="cancelled")
    loses_its_jobs(shop)

    discrepancy = audited(shop, payment["order_id"], "cancelled")

    assert discrepancy == "it is cancelled, its payment is captured: 1800 was not refunded"


def loses_its_jobs(shop: Shop) -> None:
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(delete(jobs.jobs))


def test_a_paid_order_whose_goods_have_left_may_be_refunded_in_full(shop: Shop) -> None:
    order_id = captures(shop)["order_id"]
    change(shop, refunded=1800)
    left = [DispatchedShipment(shipment_id=str(new_id()), lines=[])]

    assert (
        audited(shop, order_id, "paid") == "it is paid, its payment is captured: only 0 of 18.00 EUR remains captured"
    )
    assert audited(shop, order_id, "paid", shipments=left) == ""
