"""The shop is killed while a provider of tax is told something, or asked about a tax number: it happens once."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from app.kernel.ids import new_id
from app.kernel.money import Money
from sandbox import verifier
from tests.chaos.conftest import PRICE, Before
from tests.chaos.live import LiveShop
from tests.conftest import until

pytestmark = pytest.mark.slow
POINTS_OF_TAX = ["before_tax_commit", "after_tax_commit", "before_tax_reverse", "after_tax_reverse", "after_tax_saved"]
POINTS_OF_NUMBERS = ["before_tax_number_check", "after_tax_number_check", "after_tax_number_saved"]
TAX = {"TAX": "stripe", "HOME_COUNTRY": "DE", "STRIPE_TAX_KEY": "sk_test_tax"}


def quotes(shop: LiveShop, token: str) -> None:
    body = {"items": [{"sku": "MUG", "quantity": 1}]}
    status, quote = shop.call("POST", "/cart/quote", body, Authorization=f"Bearer {token}")
    assert status == 200, quote
    assert quote["tax_known"]


def recorded(shop: LiveShop) -> list[tuple[Any, ...]]:
    """By `n`: what Stripe calls it, for each thing that was to be told and was."""
    with sqlite3.connect(shop.folder / "orders.sqlite") as connection:
        rows = connection.execute("SELECT n, recorded_as FROM tax_records WHERE recorded_at IS NOT NULL ORDER BY n")
        found = rows.fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("point", POINTS_OF_TAX)
def test_killed_at(point: str, stocked: Before, tmp_path: Path) -> None:
    with stocked.in_new_folder(tmp_path) as shop:
        marker, token = shop.folder / "killed", stocked.token
        shop.start(**TAX, STRIPE_TAX_URL=f"http://127.0.0.1:{shop.sandbox_port}", CRASH_AT=f"{point}@{marker}")
        quotes(shop, token)
        order_id = shop.buys(token, "MUG", PRICE)
        until(lambda: len(recorded(shop)) == 1, "the sale is told", 60)
        shop.order_is(token, order_id, "paid")
        path = f"/orders/{order_id}/cancel"
        shop.call("POST", path, {}, Authorization=f"Bearer {token}", Idempotency_Key=order_id)

        until(lambda: len(recorded(shop)) == 2, "the refund is told", 60)
        shop.settles()

        assert marker.exists(), f"nothing died at {point}"
        known = shop.state()["tax_transactions"]
        assert [each["type"] for each in known] == ["transaction", "reversal"]
        assert [each["id"] for each in known] == [row[1] for row in recorded(shop)]
        amounts = [sum(line["amount"] for line in each["line_items"]) for each in known]
        assert amounts == [PRICE.amount, -PRICE.amount]


def test_killed_between_quote_and_order(stocked: Before, tmp_path: Path) -> None:
    with stocked.in_new_folder(tmp_path) as shop:
        token, url = stocked.token, f"http://127.0.0.1:{shop.sandbox_port}"
        shop.start(**TAX, STRIPE_TAX_URL=url)
        quotes(shop, token)
        shop.kill()
        shop.start(**TAX, STRIPE_TAX_URL=url)

        order_id = shop.buys(token, "MUG", Money(900, "EUR"))

        shop.order_is(token, order_id, "paid")
        until(lambda: len(recorded(shop)) == 1, "the sale is told", 60)
        shop.settles()
        assert len(shop.state()["tax_transactions"]) == 1


@pytest.mark.parametrize("point", POINTS_OF_NUMBERS)
def test_killed_while_a_number_is_verified(point: str, stocked: Before, tmp_path: Path) -> None:
    with verifier.serving(0) as server, stocked.in_new_folder(tmp_path) as shop:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        marker, url = shop.folder / "killed", f"http://127.0.0.1:{server.server_address[1]}"
        internal = {"TAX": "internal", "HOME_COUNTRY": "DE", "TAX_VERIFIER_URL": url}
        shop.start(**internal, CRASH_AT=f"{point}@{marker}")
        signed = {"Authorization": f"Bearer {stocked.token}", "Idempotency_Key": str(new_id())}
        number = {"country": "AT", "number": "U12345678"}
        assert shop.call("POST", "/tax-ids", number, **signed)[0] == 201

        def states() -> list[str]:
            found = shop.call("GET", "/tax-ids", Authorization=f"Bearer {stocked.token}")[1]
            return [each["state"] for each in found["items"]]

        until(lambda: states() == ["valid"], "it is verified", 60)
        shop.settles()
        assert marker.exists(), f"nothing died at {point}"
        server.shutdown()
