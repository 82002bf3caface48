"""The prices that are accepted, and the one currency of a shop."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.bus.contracts.catalog import OfferChanged
from app.modules.catalog.infrastructure.tables import variants
from app.modules.catalog.module import catalog
from app.web.etags import etag_of
from tests.doctor.steps import examined
from tests.shop import Shop


def adds(shop: Shop, *prices: tuple[int, str]) -> Any:
    """Staff add a product with a variant at each of these prices."""
    made = [
        {"sku": f"MUG-{number}", "price": {"amount": amount, "currency": currency}}
        for number, (amount, currency) in enumerate(prices)
    ]
    return shop.as_staff().post("/products", {"name": "Mug", "variants": made})


def in_currency(folder: Path, currency: str) -> Shop:
    return Shop(folder, catalog, SHOP_CURRENCY=currency)


def test_a_price_below_the_minimum_charge_is_accepted_with_a_warning(shop: Shop) -> None:
    answer = adds(shop, (30, "EUR"), (50, "EUR"), (0, "EUR"))

    assert answer.status_code == 201
    [warning] = answer.json["warnings"]
    assert (warning["code"], warning["sku"]) == ("price_below_minimum", "MUG-0")
    assert "0.50 EUR" in warning["detail"]


def test_a_changed_price_has_the_same_warning(shop: Shop) -> None:
    product = adds(shop, (900, "EUR")).json
    path = f"/products/{product['id']}/variants/MUG-0"

    answer: Any = shop.as_staff().patch(
        path, {"price": {"amount": 20, "currency": "EUR"}}, headers={"If-Match": f'"{etag_of(1)}"'}
    )

    assert [each["code"] for each in answer.json["warnings"]] == ["price_below_minimum"]
    assert "warnings" not in shop.as_guest().get(f"/products/{product['id']}").json["variants"][0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(100_000_000, "EUR"), (1_000_000, "ISK"), (1_000_000, "UGX"), (5005, "KWD"), (5050, "MGA"), (900, "IQD")],
)
def test_a_price_that_can_never_be_charged_is_refused(tmp_path: Path, amount: int, currency: str) -> None:
    shop = in_currency(tmp_path, "EUR" if currency == "IQD" else currency)

    answer = adds(shop, (amount, currency))

    assert (answer.status_code, answer.json["code"]) == (422, "bad_price")
    shop.close()


@pytest.mark.parametrize(("amount", "currency"), [(5000, "ISK"), (5010, "KWD"), (5000, "MGA"), (1900, "JPY")])
def test_a_shop_may_sell_in_any_one_currency_that_can_be_charged(tmp_path: Path, amount: int, currency: str) -> None:
    shop = in_currency(tmp_path, currency)

    assert adds(shop, (amount, currency)).status_code == 201
    shop.close()


def test_another_currency_than_the_shops_is_refused(shop: Shop) -> None:
    both = adds(shop, (2500, "EUR"), (1900, "JPY"))
    assert (both.status_code, both.json["code"]) == (409, "other_currency")

    product = adds(shop, (2500, "EUR")).json
    yen = {"sku": "YEN", "price": {"amount": 1900, "currency": "JPY"}}
    one_more: Any = shop.as_staff().post(f"/products/{product['id']}/variants", yen)
    assert (one_more.status_code, one_more.json["code"]) == (409, "other_currency")


def test_without_a_setting_an_empty_shop_sells_in_euros(shop: Shop) -> None:
    assert adds(shop, (900, "USD")).json["code"] == "other_currency"
    assert adds(shop, (900, "EUR")).status_code == 201


def test_older_prices_in_other_currencies_are_taken_off_sale_and_doctor_lists_them(tmp_path: Path) -> None:
    before = Shop(tmp_path, catalog)
    product = adds(before, (2500, "EUR"), (1900, "EUR"), (900, "EUR")).json
    with before.modules["catalog"].database.begin() as connection:
        connection.execute(update(variants).where(variants.c.sku == "MUG-1").values(currency="JPY"))
    before.close()

    shop = Shop(tmp_path, catalog)  # starts as after an upgrade
    shop.settle()

    offers = {published.sku: published.on_sale for published in shop.published(OfferChanged)}
    assert offers == {"MUG-0": True, "MUG-1": False, "MUG-2": True}
    [shown] = shop.as_guest().get("/products").json["items"]  # type: ignore[index]
    assert shown["price"] == {"amount": 900, "currency": "EUR"}
    [(state, sentence, _)] = examined(shop.app).of("currency")
    assert (state, "MUG-1" in sentence) == ("warn", True)
    again: Any = shop.as_staff().patch(
        f"/products/{product['id']}/variants/MUG-1", {"on_sale": True}, headers={"If-Match": f'"{etag_of(2)}"'}
    )
    assert (again.status_code, again.json["code"]) == (409, "other_currency")
    shop.close()
