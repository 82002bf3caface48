"""A quote has each shipping method that is for the basket and the address, with its price and the whole totals."""

from typing import Any

import pytest

from tests.orders.methods import FLAT, FREE_ABOVE_50, V3, WHY, offers, quoted, refusal, sells, zone
from tests.shop import ALICE, Shop

BY_WEIGHT = [
    {"currency": "EUR", "from": 0, "below": 1000, "amount": 300},
    {"currency": "EUR", "from": 1000, "below": 2000, "amount": 600},
]


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """It ships to Germany, by price or by weight, and to the islands of Spain by one method; one may also collect."""
    sells(shop, "MUG", 900, weight_g=350)
    sells(shop, "PDF", 900, weight_g=350, ships=False)
    zone(shop, "germany", "DE")
    zone(shop, "spain", "ES")
    zone(shop, "canary", {"country": "ES", "postal_prefix": "35"})
    offers(shop, "standard", "germany", FREE_ABOVE_50, min_days=1, max_days=3, carrier="DHL")
    offers(shop, "light", "germany", BY_WEIGHT, by="weight")
    offers(shop, "boat", "canary")
    return shop


def prices(quote: Any) -> dict[str, int]:
    return {each["code"]: each["price"]["amount"] for each in quote["methods"]}


def test_each_method_has_its_price_and_the_whole_totals(shop: Shop) -> None:
    quote = quoted(shop.as_guest(), {"MUG": 2}, country="DE")

    assert quote["ships"] is True
    assert quote["totals"]["total"]["amount"] == 1800, "nothing is chosen yet"
    assert quote["methods"][1] == {
        "code": "standard",
        "name": "Standard",
        "carrier": "DHL",
        "needs_address": True,
        "min_days": 1,
        "max_days": 3,
        "price": {"amount": 490, "currency": "EUR"},
        "totals": quote["totals"]
        | {"shipping": {"amount": 490, "currency": "EUR"}, "total": {"amount": 2290, "currency": "EUR"}},
    }


@pytest.mark.parametrize(
    ("mugs", "expected"),
    [
        (1, {"standard": 490, "light": 300}),
        (2, {"standard": 490, "light": 300}),
        (3, {"standard": 490, "light": 600}),
        (5, {"standard": 490, "light": 600}),
        (6, {"standard": 0}),
    ],
)
def test_bands_are_half_open(shop: Shop, mugs: int, expected: dict[str, int]) -> None:
    assert prices(quoted(shop.as_guest(), {"MUG": mugs}, country="DE")) == expected


def test_what_needs_no_shipping_weighs_nothing_but_counts_for_the_price(shop: Shop) -> None:
    assert prices(quoted(shop.as_guest(), {"MUG": 1, "PDF": 5}, country="DE")) == {"standard": 0, "light": 300}
    alone = quoted(shop.as_guest(), {"PDF": 5}, country="FR")
    assert (alone["ships"], alone["methods"], alone["totals"]["shipping"]["amount"]) == (False, [], 0)


def test_a_chosen_method_gives_its_totals(shop: Shop) -> None:
    quote = quoted(shop.as_customer(ALICE), {"MUG": 2}, country="DE", shipping_method="standard")

    assert {name: amount["amount"] for name, amount in quote["totals"].items() if name != "tax_included"} == {
        "items": 1800,
        "shipping": 490,
        "tax": 0,
        "discount": 0,
        "total": 2290,
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"country": "FR"}, "not_shipped_there"),
        ({"country": "ES", "postal_code": "28001"}, "not_shipped_there"),
        ({"country": "DE", "shipping_method": "boat"}, "unknown_shipping_method"),
        ({"country": "DE", "shipping_method": "none"}, "unknown_shipping_method"),
        ({"shipping_method": "standard"}, "address_needed"),
        ({"country": "ZZ"}, "invalid_request"),
        ({"country": "DE", "postal_code": "1" * 21}, "invalid_request"),
        ({"country": "DE", "shipping_method": "a b"}, "invalid_request"),
    ],
    ids=str,
)
def test_what_cannot_be_shipped_is_refused(shop: Shop, body: dict[str, str], code: str) -> None:
    answer = shop.as_guest().post("/cart/quote", {"items": [{"sku": "MUG", "quantity": 1}], **body})

    assert refusal(answer) == (422, code)


def test_a_basket_beyond_every_band_is_not_shipped(shop: Shop) -> None:
    staff = shop.as_staff()
    staff.patch("/shipping/methods/standard", {"active": False, **WHY}, headers=V3)

    answer = shop.as_guest().post("/cart/quote", {"items": [{"sku": "MUG", "quantity": 6}], "country": "DE"})

    assert refusal(answer) == (422, "not_shipped_there")


def test_postal_codes_are_read_as_those_of_addresses(shop: Shop) -> None:
    for code in ("35001", " 35-001 ", "E-35001"):
        assert prices(quoted(shop.as_guest(), {"MUG": 1}, country="ES", postal_code=code)) == {"boat": 490}


def test_who_collects_needs_no_address(shop: Shop) -> None:
    offers(shop, "collect", None, [{**FLAT[0], "amount": 0}])
    guest = shop.as_guest()

    assert prices(quoted(guest, {"MUG": 1})) == {"collect": 0}
    assert prices(quoted(guest, {"MUG": 1}, country="FR")) == {"collect": 0}
    assert prices(quoted(guest, {"MUG": 1}, country="DE")) == {"collect": 0, "light": 300, "standard": 490}
    assert quoted(guest, {"MUG": 1}, shipping_method="collect")["totals"]["total"]["amount"] == 900


def test_without_methods_there_is_nothing_to_choose(shop: Shop) -> None:
    staff = shop.as_staff()
    for code in ("standard", "light", "boat"):
        staff.patch(f"/shipping/methods/{code}", {"active": False, **WHY}, headers=V3)

    quote = quoted(shop.as_guest(), {"MUG": 1}, country="FR")

    assert (quote["ships"], quote["methods"], quote["totals"]["total"]["amount"]) == (False, [], 900)
    answer = shop.as_guest().post(
        "/cart/quote", {"items": [{"sku": "MUG", "quantity": 1}], "shipping_method": "standard"}
    )
    assert refusal(answer) == (422, "unknown_shipping_method")
