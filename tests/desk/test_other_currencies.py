"""The desk of a shop that sells in a currency with other decimals than the euro."""

from functools import partial
from pathlib import Path

import pytest

from app.kernel.money import Money
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.desk.steps import Browser, text_of
from tests.journeys.steps import places, signs_up, stocks
from tests.shop import SAM, Shop
from tests.users.conftest import CHEAP


@pytest.mark.parametrize(
    ("price", "enough", "too_much"), [(Money(5000, "JPY"), "5000", "5001"), (Money(12_500, "KWD"), "12.5", "12.501")]
)
def test_orders_are_filtered_by_totals_in_the_currency_of_the_shop(
    tmp_path: Path, running_sandbox: str, price: Money, enough: str, too_much: str
) -> None:
    own = {"STRIPE_API_BASE": running_sandbox, "DESK": "on", "SHOP_CURRENCY": price.currency}
    shop = Shop(tmp_path, catalog, orders, payments, partial(users, passwords=CHEAP), **own)
    client = shop.app.test_client()
    client.set_cookie("desk_token", shop.token(SAM, "staff"), path="/desk")
    staff = Browser(client)
    nothing = staff.get(f"/desk/orders?min={enough}")
    stocks(shop, "MUG", price, on_hand=5)
    places(shop, signs_up(shop, "alice@example.com"), "MUG", 1, price)

    def count(query: str) -> int:
        answer = staff.get(f"/desk/orders?{query}")
        assert answer.status_code == 200
        return answer.text.count('<th scope="row" class="nowrap">')

    counts = [count(query) for query in (f"min={enough}", f"max={enough}", f"min={too_much}", f"max={too_much}")]
    shop.close()

    assert nothing.status_code == 200 and "No order matches" in text_of(nothing.text)
    assert counts == [1, 1, 0, 1]
