"""The shop is killed while a provider of tax is told something, or asked about a tax number: it happens once."""

import sqlite3
from collections.abc import Iterator

import pytest

from sandbox import verifier
from tests.chaos.conftest import PRICE, Before
from tests.chaos.live import LiveShop
from tests.conftest import answering, until

pytestmark = pytest.mark.slow
POINTS_OF_TAX = ["before_tax_commit", "after_tax_commit", "before_tax_reverse", "after_tax_reverse", "after_tax_saved"]
POINTS_OF_NUMBERS = ["before_tax_number_check", "after_tax_number_check", "after_tax_number_saved"]
TAX = {"TAX": "stripe", "HOME_COUNTRY": "DE", "STRIPE_TAX_KEY": "sk_test_tax"}


def quotes(shop: LiveShop, token: str) -> None:
    body = {"items": [{"sku": "MUG", "quantity": 1}]}
    status, quote = shop.call("POST", "/cart/quote", body, Authorization=f"Bearer {token}")
    assert status == 200, quote
    assert quote["tax_known"]


def recorded(shop: LiveShop) -> list[str]:
    """What Stripe calls each thing that was to be told and was."""
    with sqlite3.connect(shop.folder / "orders.sqlite") as connection:
        rows = connection.execute(
            "SELECT recorded_as FROM tax_records WHERE recorded_at IS NOT NULL ORDER BY recorded_at"
        )
        found = [str(row[0]) for row in rows]
    connection.close()
    return found


@pytest.fixture(scope="module")
def shop(stocked: Before, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop whose tax is computed by the sandbox."""
    with stocked.in_new_folder(tmp_path_factory.mktemp("tax"), **TAX) as live:
        live.with_crash_points(*POINTS_OF_TAX)
        live.variables["STRIPE_TAX_URL"] = f"http://127.0.0.1:{live.sandbox_port}"
        live.start()
        yield live
        assert live.stop() == 0


@pytest.mark.parametrize("point", POINTS_OF_TAX)
def test_killed_at(point: str, shop: LiveShop, stocked: Before) -> None:
    token, before = stocked.token, len(recorded(shop))
    with shop.killed_at(point):
        quotes(shop, token)
        order_id = shop.buys(token, "MUG", PRICE)
        until(lambda: len(recorded(shop)) == before + 1, "the sale is told", 60)
        shop.order_is(token, order_id, "paid")
        path = f"/orders/{order_id}/cancel"
        shop.call("POST", path, {}, Authorization=f"Bearer {token}", Idempotency_Key=order_id)

        until(lambda: len(recorded(shop)) == before + 2, "the refund is told", 60)
        shop.settles()

    known = shop.state()["tax_transactions"]
    assert [each["id"] for each in known] == recorded(shop)
    assert [each["type"] for each in known[before:]] == ["transaction", "reversal"]
    amounts = [sum(line["amount"] for line in each["line_items"]) for each in known[before:]]
    assert amounts == [PRICE.amount, -PRICE.amount]


def test_killed_between_quote_and_order(shop: LiveShop, stocked: Before) -> None:
    token, before = stocked.token, len(recorded(shop))
    quotes(shop, token)
    shop.kill()
    shop.start()

    order_id = shop.buys(token, "MUG", PRICE)

    shop.order_is(token, order_id, "paid")
    until(lambda: len(recorded(shop)) == before + 1, "the sale is told", 60)
    shop.settles()
    assert len(shop.state()["tax_transactions"]) == before + 1


@pytest.fixture(scope="module")
def verifying(stocked: Before, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop that asks another server about tax numbers."""
    with verifier.serving(0) as server, answering(server):
        url = f"http://127.0.0.1:{server.server_address[1]}"
        internal = {"TAX": "internal", "HOME_COUNTRY": "DE", "TAX_VERIFIER_URL": url}
        folder = tmp_path_factory.mktemp("numbers")
        with stocked.with_crash_points(folder, *POINTS_OF_NUMBERS, **internal) as live:
            yield live


@pytest.mark.parametrize("point", POINTS_OF_NUMBERS)
def test_killed_while_a_number_is_verified(point: str, verifying: LiveShop, stocked: Before) -> None:
    token, number = f"Bearer {stocked.token}", f"U1234567{POINTS_OF_NUMBERS.index(point)}"

    def state() -> str:
        found = verifying.call("GET", "/tax-ids", Authorization=token)[1]
        return next(str(each["state"]) for each in found["items"] if each["number"] == number)

    with verifying.killed_at(point):
        body = {"country": "AT", "number": number}
        assert verifying.call("POST", "/tax-ids", body, Authorization=token, Idempotency_Key=point)[0] == 201

        until(lambda: state() == "valid", "it is verified", 60)
        verifying.settles()
