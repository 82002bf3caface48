"""An address may change until something is packed, within the zone of its method; staff find orders by e-mail."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.modules.orders.infrastructure.tables import order_lines
from tests.orders.methods import BERLIN, PARIS, offers, refusal, trail, zone
from tests.orders.steps import receives, timeline_of
from tests.orders.test_shipped_orders import TO_BERLIN, contact, orders, sets_up
from tests.shop import ALICE, BOB, Caller, Shop

MUNICH = {**BERLIN, "line1": "Marienplatz 1", "city": "München", "postal_code": "80331"}


@pytest.fixture
def alice(shop: Shop) -> Caller:
    sets_up(shop)
    zone(shop, "france", "FR")
    return shop.as_customer(ALICE)


def placed(alice: Caller) -> Any:
    answer = orders(alice, 1, 1390, **TO_BERLIN)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_customer_changes_it_within_the_zone(shop: Shop, alice: Caller) -> None:
    order = placed(alice)
    path = f"/orders/{order['id']}"

    answer: Any = alice.patch(f"{path}/address", {"shipping_address": MUNICH, "email": "eve@example.com"})

    assert answer.status_code == 200
    assert answer.json == contact(alice, order)
    assert answer.json["shipping_address"]["city"] == "München"
    assert (answer.json["email"], answer.json["language"]) == ("eve@example.com", "de"), "the rest stays"
    after: Any = alice.get(path).json
    assert {**after, "version": 1} == order
    assert after["version"] == 2
    assert timeline_of(alice, order["id"]) == ["orders: placed", "orders: address_changed"]
    assert "München" not in alice.get(f"{path}/timeline").text


def test_another_price_is_refused(shop: Shop, alice: Caller) -> None:
    order = placed(alice)

    answer = alice.patch(f"/orders/{order['id']}/address", {"shipping_address": PARIS})

    assert refusal(answer) == (409, "address_changes_price")
    assert contact(alice, order)["shipping_address"]["city"] == "Berlin"
    assert alice.get(f"/orders/{order['id']}").json == order


def test_the_billing_address_may_be_anywhere_and_be_taken_away(shop: Shop, alice: Caller) -> None:
    order = placed(alice)
    path = f"/orders/{order['id']}/address"

    assert alice.patch(path, {"billing_address": PARIS}).json["billing_address"]["city"] == "Paris"  # type: ignore[index]
    assert alice.patch(path, {"billing_address": None}).json["billing_address"] is None  # type: ignore[index]
    assert refusal(alice.patch(path, {"shipping_address": None})) == (422, "invalid_request")
    assert refusal(alice.patch(path, {})) == (422, "invalid_request"), "it changes nothing"


def test_staff_give_a_reason_which_is_recorded_without_the_address(shop: Shop, alice: Caller) -> None:
    order = placed(alice)
    path, staff = f"/orders/{order['id']}/address", shop.as_staff()

    assert refusal(staff.patch(path, {"shipping_address": MUNICH})) == (422, "reason_needed")
    assert staff.patch(path, {"shipping_address": MUNICH, "reason": "she rang"}).status_code == 200
    assert staff.patch(path, {"shipping_address": MUNICH, "reason": "again"}).status_code == 200

    assert trail(shop)[-1] == ("change address", order["id"], "she rang")
    assert refusal(shop.as_customer(BOB).patch(path, {"shipping_address": MUNICH})) == (404, "no_such_order")


def test_nothing_changes_once_something_is_packed(shop: Shop, alice: Caller) -> None:
    order = placed(alice)
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(update(order_lines).where(order_lines.c.order_id == UUID(order["id"])).values(packed=1))

    answer = alice.patch(f"/orders/{order['id']}/address", {"shipping_address": MUNICH})

    assert refusal(answer) == (409, "already_packed")


def test_nor_once_the_order_is_cancelled(shop: Shop, alice: Caller) -> None:
    order = placed(alice)
    receives(shop, order["id"], "stock_rejected")

    answer = alice.patch(f"/orders/{order['id']}/address", {"shipping_address": MUNICH})

    assert refusal(answer) == (409, "wrong_state")


def test_an_order_that_is_collected_may_be_of_anyone(shop: Shop, alice: Caller) -> None:
    offers(shop, "collect", None)
    order: Any = orders(alice, 1, 1390, email="ada@example.com", shipping_method="collect").json

    assert alice.patch(f"/orders/{order['id']}/address", {"shipping_address": PARIS}).status_code == 200


def found(staff: Caller, email: str, **more: Any) -> tuple[list[str], str | None]:
    answer = staff.post("/orders/search", {"email": email, **more})
    assert answer.status_code == 200, answer.text
    page: Any = answer.json
    return [each["id"] for each in page["items"]], page["next"]


def test_staff_find_orders_by_email_page_by_page(shop: Shop, alice: Caller) -> None:
    ids = [placed(alice)["id"] for _ in range(3)]
    orders(shop.as_customer(BOB), 1, 1390, **{**TO_BERLIN, "email": "bob@example.com"})
    staff = shop.as_staff()

    first, cursor = found(staff, "ADA@example.com", limit=2)
    second, end = found(staff, "ada@example.com", limit=2, cursor=cursor)

    assert (first, second, end) == (ids[:0:-1], ids[:1], None)
    assert found(staff, "nobody@example.com") == ([], None)
    assert refusal(staff.post("/orders/search", {"email": "ada@example.com", "cursor": "x"})) == (422, "bad_cursor")
    assert refusal(staff.post("/orders/search", {})) == (422, "invalid_request")
    assert refusal(alice.post("/orders/search", {"email": "ada@example.com"})) == (403, "role_missing")
