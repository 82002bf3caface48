"""A paid order is packed, dispatched and delivered; catalog knows what is still on the shelf."""

from typing import Any

import pytest
from sqlalchemy import delete

from app.bus.contracts.orders import ShipmentChanged
from app.bus.tables import outbox
from app.kernel.money import Money
from tests.journeys.losing import Losses
from tests.journeys.steps import assert_consistent, buys, signs_up, stock_of, stocks
from tests.journeys.test_auditing import audits_it, sentences
from tests.orders.shipping import code_of, counts_of, fulfilment_of, moved, packed, shipments_of
from tests.orders.steps import status_of, timeline_of
from tests.shop import Caller, Shop

PRICE = Money(900, "EUR")


def unshipped(shop: Shop) -> int:
    explained: Any = shop.as_staff().get("/stock/MUG/explain").json
    return int(explained["unshipped"])


def test_an_order_leaves_in_two_shipments(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = buys(shop, alice, "MUG", 3, PRICE)
    assert unshipped(shop) == 3

    first, second = packed(shop, order_id, MUG=1), packed(shop, order_id)
    moved(shop, order_id, first, "dispatch")
    shop.settle()
    assert (fulfilment_of(alice, order_id), unshipped(shop)) == ("part", 2)
    assert code_of(alice.post(f"/orders/{order_id}/cancel")) == (409, "already_dispatched")
    moved(shop, order_id, second, "dispatch")
    assert fulfilment_of(alice, order_id) == "dispatched"
    for id in (first, second):
        moved(shop, order_id, id, "delivered")
    shop.settle()

    assert (status_of(alice, order_id), fulfilment_of(alice, order_id)) == ("paid", "delivered")
    assert [each["tracking_number"] for each in shipments_of(alice, order_id)] == ["00340434161094021501"] * 2
    assert (stock_of(shop, "MUG"), unshipped(shop)) == ((2, 0), 0)
    assert_consistent(shop)


@pytest.fixture
def alice(embedded: Shop) -> Caller:
    stocks(embedded, "MUG", PRICE, on_hand=5)
    return signs_up(embedded, "alice@example.com")


def test_a_packed_order_is_cancelled(embedded: Shop, alice: Caller) -> None:
    order_id = buys(embedded, alice, "MUG", 2, PRICE)
    packed(embedded, order_id, MUG=1)

    assert alice.post(f"/orders/{order_id}/cancel").status_code == 200
    embedded.settle()

    assert (status_of(alice, order_id), counts_of(alice, order_id)) == ("refunded", {"MUG": (2, 2, 0, 0)})
    assert (stock_of(embedded, "MUG"), unshipped(embedded)) == ((5, 0), 0)
    assert_consistent(embedded)


@pytest.mark.parametrize("lost", ["nothing", "units_cancelled"])
def test_what_has_not_left_is_on_sale_again_once_all_money_was_given_back(carried: Shop, lost: str) -> None:
    shop = carried
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = buys(shop, alice, "MUG", 2, PRICE)
    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")
    shop.settle()
    [payment] = alice.get(f"/payments?order_id={order_id}").json["items"]  # type: ignore[index]
    losses = Losses(shop) if lost != "nothing" else None
    if losses:
        losses.begin("catalog", lost)

    answer = shop.as_staff().post(f"/payments/{payment['id']}/refunds", {"reason": "it came broken"})
    assert answer.status_code == 201, answer.text
    shop.settle()

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["status"], order["refunded"]["amount"], order["due"]["amount"]) == ("paid", 1800, 0)
    assert {"payments: full_refund", "orders: units_cancelled"} <= set(timeline_of(alice, order_id))
    assert counts_of(alice, order_id) == {"MUG": (2, 1, 1, 1)}
    if losses:
        losses.end()
        assert (losses.lost, unshipped(shop)) == (1, 1)
        shop.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "it was lost"})
        shop.settle()
    assert (stock_of(shop, "MUG"), unshipped(shop)) == ((4, 0), 0)
    assert_consistent(shop)
    if not losses:
        shop.background.start()
        assert sentences(audits_it(shop).output) == []


@pytest.mark.parametrize("lost", ["shipment_changed", "order_confirmed"])
def test_one_nudge_mends_what_catalog_has_lost(embedded: Shop, alice: Caller, lost: str) -> None:
    losses = Losses(embedded)
    losses.begin("catalog", lost)
    order_id = buys(embedded, alice, "MUG", 2, PRICE)
    for _ in range(2):
        moved(embedded, order_id, packed(embedded, order_id, MUG=1), "dispatch")
    embedded.settle()
    losses.end()
    before = unshipped(embedded)

    for _ in range(2):
        embedded.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "it was lost"})
        embedded.settle()

    assert losses.lost > 0 and before != 0
    assert (stock_of(embedded, "MUG"), unshipped(embedded)) == ((3, 0), 0)
    assert_consistent(embedded)


def test_an_audit_finds_a_shipment_that_catalog_never_got(embedded: Shop, alice: Caller) -> None:
    order_id = buys(embedded, alice, "MUG", 2, PRICE)
    moved(embedded, order_id, packed(embedded, order_id, MUG=1), "dispatch")
    with embedded.modules["orders"].database.begin() as connection:
        connection.execute(delete(outbox).where(outbox.c.type == ShipmentChanged.event_type()))
    embedded.background.start()

    found = sentences(audits_it(embedded).output)
    audits_it(embedded, "--fix")
    after = sentences(audits_it(embedded).output)

    assert found == [f"order {order_id}: catalog reports: 1 MUG of it was dispatched, in stock nothing"]
    assert (after, unshipped(embedded)) == ([], 1)
    assert_consistent(embedded)
