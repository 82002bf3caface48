"""Purchases whose tax Stripe computes, over all four modules, on SQLite and on PostgreSQL."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from sandbox import verifier as double
from tests.conftest import answering
from tests.journeys.steps import assert_consistent
from tests.journeys.test_shipped_purchases import rows
from tests.journeys.test_taxed_purchases import NUMBER, amounts, buys, opened
from tests.orders.methods import BERLIN
from tests.orders.taxes import AUSTIN, VIENNA
from tests.servers import fresh_databases
from tests.shop import Shop


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def databases(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    on_postgresql = request.param == "PostgreSQL"
    with fresh_databases("catalog", "orders", "payments", "users") if on_postgresql else nullcontext({}) as variables:
        yield variables


@pytest.fixture
def verifier() -> Iterator[str]:
    with double.serving(0) as server, answering(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


def asking(folder: Path, sandbox: str, verifier: str, currency: str, **variables: str) -> Shop:
    stripe = {"TAX": "stripe", "STRIPE_TAX_KEY": "sk_test_tax", "STRIPE_TAX_URL": sandbox}
    return opened(folder, sandbox, verifier, currency, **stripe, **variables)


def recorded(sandbox: str, order_id: str) -> list[tuple[str, int]]:
    """The kind of each transaction of tax at Stripe, and its sum of taxes."""
    with urlopen(f"{sandbox}/sandbox/state?order_id={order_id}", timeout=60) as response:
        found = json.load(response)["tax_transactions"]
    sums = []
    for each in found:
        parts = [*each["line_items"], *([each["shipping_cost"]] if each["shipping_cost"] else [])]
        sums.append((each["type"], sum(part["amount_tax"] for part in parts)))
    return sums


@pytest.mark.parametrize(
    ("address", "number", "expected", "reasons"),
    [
        (BERLIN, "", (2260, 595, 456, 2855), {"standard_rated": 456}),
        (VIENNA, NUMBER, (2260, 595, 0, 2855), {"intra_community_supply": 0}),
    ],
    ids=["DE to DE", "DE to AT, a business"],
)
def test_a_german_shop_sells_and_refunds(
    tmp_path: Path,
    sandbox: str,
    verifier: str,
    databases: dict[str, str],
    address: Any,
    number: str,
    expected: Any,
    reasons: Any,
) -> None:
    shop = asking(tmp_path, sandbox, verifier, "EUR", HOME_COUNTRY="DE", **databases)
    totals, by_reason = buys(shop, address, number)
    assert (amounts(totals), by_reason, totals["tax_included"]) == (expected, reasons, True)
    order: Any = shop.as_staff().get("/orders").json["items"][0]  # type: ignore[index]
    assert recorded(sandbox, order["id"]) == [("transaction", expected[2])]
    if number:
        found = {(module, table) for module, table, row in rows(shop) if number.lower() in row}
        assert found == {("orders", "buyer_tax_ids"), ("orders", "order_tax_ids")}

    shop.as_staff().post(f"/ops/orders/{order['id']}/cancel", {"reason": "broken"})
    shop.settle()

    assert recorded(sandbox, order["id"]) == [("transaction", expected[2]), ("reversal", -expected[2])]
    assert shop.parked() == 0
    assert_consistent(shop)
    shop.close()


def test_an_american_shop_sells(tmp_path: Path, sandbox: str, verifier: str) -> None:
    shop = asking(tmp_path, sandbox, verifier, "USD", HOME_COUNTRY="US-TX", SHOP_CURRENCY="USD", PRICES="net")
    totals, by_reason = buys(shop, AUSTIN)

    print(amounts(totals), by_reason)
    assert (amounts(totals), totals["tax_included"]) == ((2260, 595, 235, 3090), False)
    assert by_reason == {"standard_rated": 235}
    shop.close()
