"""`flask demo load` in orders: a new shop ships to three zones, and one that sells without shipping goes on so."""

from typing import Any

import pytest

from tests.orders.methods import BERLIN, offers, quoted, sells, zone
from tests.orders.steps import order_in
from tests.shop import ALICE, Shop

TO = {
    "DE": ["express-de", "standard-de"],
    "AT": ["express-eu", "standard-eu"],
    "US": ["express-overseas", "standard-overseas"],
}


def loads(shop: Shop) -> None:
    result = shop.app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0, result.output


def test_each_zone_has_two_methods(shop: Shop) -> None:
    for _ in range(2):
        loads(shop)
    sells(shop, "MUG", 900)

    for country, codes in TO.items():
        code = BERLIN["postal_code"]
        quote: Any = quoted(shop.as_guest(), {"MUG": 1}, country=country, postal_code=code)
        assert sorted(each["code"] for each in quote["methods"]) == codes
    assert len(shop.as_staff().get("/shipping/zones").json["items"]) == 3  # type: ignore[index]


@pytest.mark.parametrize("has", ["orders", "a zone"])
def test_a_shop_that_is_set_up_already_stays_as_it_is(shop: Shop, has: str) -> None:
    if has == "orders":
        order_in(shop, shop.as_customer(ALICE), "placed")
    else:
        zone(shop, "france", "FR")
        offers(shop, "letter", "france")

    loads(shop)

    assert len(shop.as_staff().get("/shipping/zones").json["items"]) == (has != "orders")  # type: ignore[index]
