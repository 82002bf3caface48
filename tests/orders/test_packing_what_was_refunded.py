"""Units that were refunded before they were packed are not packed, and go back on sale; nobody sends what is unpaid."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.bus.contracts import payments
from app.bus.contracts.orders import OrderNudged, UnitsCancelled
from app.kernel import clock
from app.kernel.audit import AuditScope
from app.modules.orders.module import orders
from tests.orders.shipping import code_of, counts_of, fulfilment_of, moved, moves, packed, packs
from tests.orders.steps import order_in, paid_by, timeline_of
from tests.orders.test_refunds_of_units import refunded, reports
from tests.shop import ALICE, INVOICING, Shop


def remaining(shop: Shop, order_id: str) -> list[int]:
    """How many mugs remained each time when some were cancelled."""
    return [each.remaining[0].quantity for each in shop.published(UnitsCancelled) if each.order_id == order_id]


def test_a_unit_that_was_refunded_is_not_packed_and_goes_back_on_sale(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")

    refunded(shop, order_id, MUG=1)

    assert (counts_of(alice, order_id), remaining(shop, order_id)) == ({"MUG": (2, 1, 0, 0)}, [1])
    assert timeline_of(alice, order_id)[-1] == "orders: units_cancelled"
    assert code_of(packs(shop, order_id, MUG=2)) == (409, "nothing_left_to_pack")
    moved(shop, order_id, packed(shop, order_id), "dispatch")
    assert counts_of(alice, order_id) == {"MUG": (2, 1, 1, 1)}
    assert fulfilment_of(alice, order_id) == "dispatched"


def test_a_unit_that_has_left_is_refunded_and_the_other_one_is_still_sent(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")

    refunded(shop, order_id, MUG=1)

    assert (counts_of(alice, order_id), remaining(shop, order_id)) == ({"MUG": (2, 0, 1, 1)}, [])
    refunded(shop, order_id, MUG=1)
    assert (counts_of(alice, order_id), remaining(shop, order_id)) == ({"MUG": (2, 1, 1, 1)}, [1])
    assert fulfilment_of(alice, order_id) == "dispatched"


def test_a_packed_unit_that_was_refunded_is_cancelled_when_it_is_unpacked(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    shipment_id = packed(shop, order_id)

    refunded(shop, order_id, MUG=1)
    assert (counts_of(alice, order_id), remaining(shop, order_id)) == ({"MUG": (2, 0, 2, 0)}, [])
    moved(shop, order_id, shipment_id, "unpack")

    assert (counts_of(alice, order_id), remaining(shop, order_id)) == ({"MUG": (2, 1, 0, 0)}, [1])


def test_a_refund_that_fails_does_not_bring_the_unit_back_and_another_one_cancels_no_more(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    refunded(shop, order_id, MUG=1)

    reports(shop, order_id, 1800, "failed")
    refunded(shop, order_id, MUG=1)

    assert (counts_of(alice, order_id), remaining(shop, order_id)) == ({"MUG": (2, 1, 0, 0)}, [1])


def test_a_refund_from_before_this_is_not_offered_for_packing_either(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    refunded(shop, order_id, MUG=1)
    with shop.modules["orders"].database.begin() as connection:  # as an older version has left it
        connection.exec_driver_sql("UPDATE order_lines SET cancelled = 0")

    assert code_of(packs(shop, order_id, MUG=2)) == (409, "nothing_left_to_pack")
    moved(shop, order_id, packed(shop, order_id), "dispatch")

    assert counts_of(alice, order_id) == {"MUG": (2, 1, 1, 1)}


def test_a_nudge_has_the_units_that_are_cancelled(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    refunded(shop, order_id, MUG=1)

    shop.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "its stock differs"})

    [nudge] = shop.published(OrderNudged)
    assert [(each.sku, each.quantity) for each in nudge.cancelled] == [("MUG", 1)]


def test_an_order_of_which_nothing_is_left_to_send_has_its_invoice(tmp_path: Path) -> None:
    """Otherwise its invoice would be issued with its first shipment, which never comes."""
    with closing(Shop(tmp_path, orders, **INVOICING | {"INVOICES": "dispatched"})) as shop:
        alice = shop.as_customer(ALICE)
        order_id = order_in(shop, alice, "paid")
        refunded(shop, order_id, MUG=1)
        shop.settle()
        assert alice.get(f"/orders/{order_id}/documents").json["items"] == []  # type: ignore[index]

        refunded(shop, order_id, MUG=1)
        shop.settle()

        found: Any = alice.get(f"/orders/{order_id}/documents").json["items"]  # type: ignore[index]
        assert (fulfilment_of(alice, order_id), [each["kind"] for each in found]) == ("delivered", ["invoice"])
        scope = AuditScope(since=clock.now() - timedelta(days=1), wait=60)
        [check] = [each for each in shop.modules["orders"].audits if each.name == "documents"]
        assert [each for each in check.compare(scope) if not isinstance(each, int)] == []


@pytest.mark.parametrize("disputed", [1800, 1000])
def test_an_order_whose_money_a_bank_has_taken_back_is_neither_packed_nor_dispatched(shop: Shop, disputed: int) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")
    shipment_id = packed(shop, order_id, MUG=1)
    about = {"status": "lost", "reason": "fraudulent", "currency": "EUR", "respond_by": ""}
    shop.receives(payments.PaymentDisputed(order_id=order_id, **paid_by(disputed=disputed, **about)))

    packing, dispatching = packs(shop, order_id, MUG=1), moves(shop, order_id, shipment_id, "dispatch")

    if disputed == 1800:
        assert (code_of(packing), code_of(dispatching)) == ((409, "not_paid"), (409, "not_paid"))
        assert "the bank has taken its money back" in packing.text
        shop.receives(payments.PaymentDisputed(order_id=order_id, **paid_by(disputed=0, **about | {"status": "won"})))
        assert packs(shop, order_id, MUG=1).status_code == 201
    else:
        assert (packing.status_code, dispatching.status_code) == (201, 200)
