"""Orders are quoted and placed with their tax, and keep it as it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bus.contracts.catalog import OfferChanged
from app.bus.contracts.orders import OrderPlaced
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.orders.module import orders
from tests.orders.methods import BERLIN, offers, quoted, refusal, sells, zone
from tests.orders.taxes import AUSTIN, GERMAN, VIENNA, WHY, ZURICH, category, collects, rate, registration
from tests.shop import ALICE, Shop


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """It collects in Germany and Austria, and ships everywhere for 5.95."""
    shop = Shop(tmp_path_factory.mktemp("orders"), orders, **GERMAN)
    sells(shop, "MUG", 1190)
    sells(shop, "PDF", 1190, ships=False)
    collects(shop, DE=190_000, AT=200_000)
    zone(shop, "world", "DE", "AT", "CH", "US")
    offers(shop, "post", "world", [{"currency": "EUR", "from": 0, "amount": 595}])
    offers(shop, "collect", None, [{"currency": "EUR", "from": 0, "amount": 0}])
    yield shop
    shop.close()


def places(shop: Shop, items: dict[str, int], total: int, **more: Any) -> Any:
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in items.items()]
    body = {"items": lines, "expected_total": {"amount": total, "currency": "EUR"}, "email": "a@example.com", **more}
    return shop.as_customer(ALICE).post("/orders", body)


def taxes(shown: Any) -> list[tuple[str, int, int, str]]:
    return [(each["target"], each["base"], each["amount"], each["reason"]) for each in shown["tax_lines"]]


@pytest.mark.parametrize(
    ("address", "tax", "expected"),
    [
        (BERLIN, 285, [("line:MUG", 1000, 190, "standard_rated"), ("shipping", 500, 95, "standard_rated")]),
        (VIENNA, 298, [("line:MUG", 991, 199, "standard_rated"), ("shipping", 496, 99, "standard_rated")]),
        (ZURICH, 0, [("line:MUG", 1190, 0, "export"), ("shipping", 595, 0, "export")]),
        (AUSTIN, 0, [("line:MUG", 1190, 0, "export"), ("shipping", 595, 0, "export")]),
    ],
)
def test_a_quote_is_what_is_placed(one_shop: Shop, address: Any, tax: int, expected: Any) -> None:
    where = {"country": address["country"], "region": address.get("region", ""), "postal_code": address["postal_code"]}
    quote = quoted(one_shop.as_guest(), {"MUG": 1}, shipping_method="post", **where)

    order = places(one_shop, {"MUG": 1}, 1785, shipping_method="post", shipping_address=address).json

    assert taxes(quote) == taxes(order) == expected
    assert quote["totals"] == order["totals"]
    assert order["totals"]["tax"] == {"amount": tax, "currency": "EUR"}
    assert order["totals"]["tax_included"] is True
    buyer = one_shop.as_customer(ALICE)
    again: Any = buyer.get(f"/orders/{order['id']}").json
    listed: Any = buyer.get("/orders").json
    assert taxes(again) == expected
    assert listed["items"][0]["tax_lines"] is None, "lists do not read them"
    event = one_shop.published(OrderPlaced)[-1]
    assert (event.totals.tax, event.totals.tax_included) == (tax, True)


def test_what_is_collected_is_taxed_at_home(one_shop: Shop) -> None:
    order = places(one_shop, {"MUG": 1}, 1190, shipping_method="collect", shipping_address=ZURICH).json

    assert taxes(order)[0] == ("line:MUG", 1000, 190, "standard_rated")


def test_what_does_not_ship_is_taxed_where_it_is_billed(one_shop: Shop) -> None:
    billed = places(one_shop, {"PDF": 1}, 1190, billing_address=VIENNA, shipping_address=BERLIN).json
    nowhere = places(one_shop, {"PDF": 1}, 1190).json

    assert taxes(billed) == [("line:PDF", 992, 198, "standard_rated")]
    assert taxes(nowhere) == [("line:PDF", 1000, 190, "standard_rated")]


def test_an_address_under_another_tax_is_refused(one_shop: Shop) -> None:
    order = places(one_shop, {"MUG": 1}, 1785, shipping_method="post", shipping_address=BERLIN).json
    path, buyer = f"/orders/{order['id']}/address", one_shop.as_customer(ALICE)

    assert refusal(buyer.patch(path, {"shipping_address": VIENNA})) == (409, "address_changes_price")
    assert buyer.patch(path, {"shipping_address": BERLIN | {"line1": "Moved 2"}}).status_code == 200


def test_net_prices_and_a_rate_that_changes(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders, **GERMAN, PRICES="net")
    sells(shop, "MUG", 1000)
    collects(shop, DE=190_000)
    buyer = shop.as_customer(ALICE)
    placed: Any = buyer.orders({"MUG": 1}, Money(1190, "EUR"), key="one").json
    cart: Any = buyer.put("/cart/items/MUG", {"quantity": 1}).json
    listed: Any = shop.as_staff().get("/tax/rates").json
    (old,) = listed["items"]
    soon = "2500-01-01T00:00:00Z"
    tag = {"If-Match": '"v1"'}
    assert (
        shop.as_staff().patch(f"/tax/rates/{old['id']}", {"valid_until": soon, **WHY}, headers=tag).status_code == 200
    )
    assert rate(shop, "DE", 10_000, name="Levy").status_code == 201

    refused = buyer.orders({"MUG": 1}, Money(1190, "EUR"))

    assert placed["totals"]["total"]["amount"] == cart["total"]["amount"] == 1190
    assert refusal(refused) == (409, "price_changed")
    assert buyer.get(f"/orders/{placed['id']}").json["tax_lines"] == placed["tax_lines"]  # type: ignore[index]
    assert buyer.orders({"MUG": 1}, Money(1190, "EUR"), key="one").json == placed, "a repeated request"
    levied: Any = buyer.orders({"MUG": 1}, Money(1200, "EUR")).json
    assert [(each["name"], each["amount"]) for each in levied["tax_lines"]] == [("Levy", 10), ("VAT", 190)]
    shop.close()


def test_where_a_rate_has_ended_nothing_is_sold(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders, **GERMAN)
    sells(shop, "MUG", 1000)
    rate(shop, "US", 62_500, name="State", region="TX", valid_until="2021-01-01T00:00:00Z")
    assert refusal(registration(shop, "US", "TX")) == (409, "tax_rates_needed")
    collects(shop, DE=190_000)
    with shop.modules["orders"].database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM tax_rates")
    buyer = shop.as_customer(ALICE)

    assert refusal(buyer.orders({"MUG": 1}, Money(1000, "EUR"))) == (409, "tax_rate_missing")
    cart: Any = buyer.put("/cart/items/MUG", {"quantity": 1}).json
    assert [each["code"] for each in cart["problems"]] == ["tax_rate_missing"]
    shop.close()


def test_books_and_their_shipping_are_reduced(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders, **GERMAN)
    about = {
        "product_id": str(new_id()),
        "price": 1070,
        "currency": "EUR",
        "on_sale": True,
        "version": 1,
        "revision": 2,
    }
    shop.receives(OfferChanged(sku="NOVEL", name="Novel", tax_category="books", **about))  # type: ignore[arg-type]
    shop.receives(OfferChanged(sku="ODD", name="Odd", tax_category="nobody-knows", **about))  # type: ignore[arg-type]
    category(shop, "books")
    rate(shop, "DE", 70_000, "books", tax_reason="reduced_rated")
    collects(shop, DE=190_000)
    zone(shop, "germany", "DE")
    staff, path = shop.as_staff(), "/shipping/methods/post"
    offers(shop, "post", "germany", [{"currency": "EUR", "from": 0, "amount": 535}], tax_category="proportional")
    assert refusal(staff.delete("/tax/categories/books")) == (409, "tax_category_in_use")
    unknown = staff.patch(path, {"tax_category": "music", **WHY}, headers={"If-Match": '"v3"'})
    assert refusal(unknown) == (422, "unknown_tax_category")

    novel = quoted(shop.as_guest(), {"NOVEL": 1}, country="DE", shipping_method="post")
    odd = quoted(shop.as_guest(), {"ODD": 1}, country="DE", shipping_method="post")

    assert taxes(novel) == [("line:NOVEL", 1000, 70, "reduced_rated"), ("shipping", 500, 35, "reduced_rated")]
    assert [each[3] for each in taxes(odd)] == ["standard_rated", "standard_rated"]
    shop.close()
