"""Orders are found at the desk by totals as they are typed in the currency of the shop."""

from pathlib import Path

import pytest

from app.kernel.money import Money
from app.modules.orders.module import orders
from tests.desk.steps import Browser
from tests.shop import ALICE, SAM, Shop


@pytest.mark.parametrize(
    ("price", "below", "above"),
    [
        (Money(1500, "JPY"), "1499", "1501"),
        (Money(12_340, "KWD"), "12.339", "12.341"),
        (Money(1500, "EUR"), "14.99", "15.01"),
    ],
)
def test_an_order_is_found_by_its_total(tmp_path: Path, price: Money, below: str, above: str) -> None:
    shop = Shop(tmp_path, orders, DESK="on")
    shop.offers("MUG", price)
    number = shop.as_customer(ALICE).orders({"MUG": 1}, price).json["number"]  # type: ignore[index]
    client = shop.app.test_client()
    client.set_cookie("desk_token", shop.token(SAM, "staff"), path="/desk")
    staff = Browser(client)

    def finds(wanted: str) -> bool:
        return number in staff.get(f"/desk/orders?{wanted}").text

    found = finds(f"min={below}"), finds(f"max={above}"), finds(f"min={above}"), finds(f"max={below}")
    shop.close()
    assert found == (True, True, False, False)


def test_an_empty_shop_has_no_currency_and_finds_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders, DESK="on")
    client = shop.app.test_client()
    client.set_cookie("desk_token", shop.token(SAM, "staff"), path="/desk")

    status = client.get("/desk/orders?min=12.50").status_code
    shop.close()
    assert status == 200
