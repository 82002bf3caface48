"""Two hundred customers order the last fifty units: fifty get one, the others are cancelled, and only the fifty pay."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.kernel.money import Money
from tests.chaos.live import LiveShop
from tests.conftest import until

pytestmark = pytest.mark.slow
PRICE = Money(900, "EUR")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[LiveShop]:
    live = LiveShop(tmp_path)
    live.start()
    yield live
    live.stop()


def test_two_hundred_buyers_for_fifty(shop: LiveShop) -> None:
    shop.stocks("LAST", PRICE, on_hand=50)

    with ThreadPoolExecutor(16) as crowd:
        ends = Counter(crowd.map(lambda token: wants_one(shop, token), shop.tokens(200)))

    assert ends == {("paid", None): 50, ("cancelled", "out_of_stock"): 150}
    shop.settles()
    assert sum(shop.captures().values()) == 50
    assert shop.stock("LAST") == (0, 0)


def wants_one(shop: LiveShop, token: str) -> tuple[str, str | None]:
    """Order one unit, and pay if the order awaits payment. Returns the last status of the order, and the reason."""
    signed = f"Bearer {token}"
    order_id = shop.places(token, "LAST", PRICE)

    def decided() -> Any:
        order = shop.call("GET", f"/orders/{order_id}", Authorization=signed)[1]
        return order if order["status"] != "placed" else None

    if until(decided, "the stock is held or refused", 60)["status"] == "awaiting_payment":
        shop.pays(token, order_id)

    def ended() -> Any:
        order = shop.call("GET", f"/orders/{order_id}", Authorization=signed)[1]
        return order if order["status"] in {"paid", "cancelled"} else None

    order = until(ended, "the order is paid or cancelled", 60)
    return order["status"], order["reason"]
