"""Audits: the report on the stock of an order, the counters against the ledger, the index against the database."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.bus.contracts.catalog import StockAuditReported
from app.bus.contracts.orders import DispatchedShipment, OrderAuditRequested, Units
from app.kernel.ids import new_id
from app.ops import operations
from app.ops.tables import audits
from tests.catalog.steps import (
    added,
    changes,
    confirmed,
    has_index,
    looks_at,
    moves,
    order,
    placed,
    stock_of,
    stocks,
    works_off,
)
from tests.catalog.test_nudges import claimed
from tests.shop import Shop

NOTHING: Mapping[UUID, Mapping[str, int]] = {}
CLAIMS = ("none", "held", "rejected", "sold", "released", "returned")
AGREE = {
    "placed": set(),  # catalog has published held or rejected, so the order should have left this status
    "awaiting_payment": {"held"},
    "confirmed": {"sold"},
    "paid": {"sold"},
    "cancelled": {"none", "rejected", "released", "returned"},
    "refunded": {"none", "rejected", "released", "returned"},
}


def audited(
    shop: Shop, order_id: UUID, status: str, shipped: Mapping[UUID, Mapping[str, int]] = NOTHING, **quantities: int
) -> StockAuditReported:
    """catalog consumes the request to audit an order, in its seventh version; returns catalog's report."""
    about = placed(order_id, **quantities)
    audit = str(new_id())
    event = OrderAuditRequested(
        audit=audit,
        order_id=str(order_id),
        status=status,
        lines=about.lines,
        amount=about.totals.total,
        currency="EUR",
        version=7,
        shipments=[
            DispatchedShipment(
                shipment_id=str(id), lines=[Units(sku=sku, quantity=many) for sku, many in lines.items()]
            )
            for id, lines in shipped.items()
        ],
    )
    shop.receives(event)
    [answer] = [each for each in shop.published(StockAuditReported) if each.audit == audit]
    assert (answer.order_id, answer.version, shop.parked()) == (str(order_id), 7, 0)
    assert isinstance(answer, StockAuditReported)
    return answer


def audits_it(shop: Shop, *options: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=["audit", "--wait", "1", *options])


def spoils(shop: Shop, sql: str) -> None:
    """Somebody writes to the database directly."""
    with shop.modules["catalog"].database.begin() as connection:
        assert connection.execute(text(sql)).rowcount > 0


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("status", AGREE)
def test_a_reservation_agrees_with_the_order_statuses_that_require_it(shop: Shop, claim: str, status: str) -> None:
    stocks(shop, MUG=5)
    order_id = order(shop, MUG=9) if claim == "rejected" else claimed(shop, claim)
    quantity = 9 if claim == "rejected" else 2
    before = stock_of(shop, "MUG")

    answer = audited(shop, order_id, status, MUG=quantity)

    known = "neither held nor rejected" if claim == "none" else claim
    assert answer.discrepancy == ("" if claim in AGREE[status] else f"it is {status}, its stock is {known}")
    assert stock_of(shop, "MUG") == before


@pytest.mark.parametrize(("claim", "status"), [("held", "awaiting_payment"), ("sold", "paid")])
def test_a_quantity_other_than_the_ordered_one_is_reported(shop: Shop, claim: str, status: str) -> None:
    stocks(shop, MUG=5, PEN=5)

    answer = audited(shop, claimed(shop, claim), status, MUG=3, PEN=1)

    assert answer.discrepancy == f"it is for 3 MUG, 1 PEN, its stock is {claim} for 2 MUG"


def test_an_unknown_status_of_a_newer_version_is_not_reported(shop: Shop) -> None:
    stocks(shop, MUG=5)

    assert audited(shop, claimed(shop, "sold"), "shipped", MUG=2).discrepancy == ""


@pytest.fixture
def sold(shop: Shop) -> Shop:
    """Five mugs were received, one was lost, two are sold and one is held; the index is up to date."""
    stocks(shop, MUG=5)
    moves(shop, "MUG", "adjusted", -1)
    shop.receives(confirmed(order(shop, MUG=2)))
    order(shop, MUG=1)
    has_index(shop)
    works_off(shop)
    return shop


def test_where_everything_agrees_nothing_is_reported(sold: Shop) -> None:
    result = audits_it(sold)

    assert result.exit_code == 0, result.output
    assert "catalog    counters           1         0" in result.output
    assert "catalog    index              1         0" in result.output


@pytest.mark.parametrize(
    ("sql", "discrepancies"),
    [
        ("UPDATE stock SET on_hand = 3", ["MUG: 3 on hand, 2 by the ledger"]),
        ("UPDATE stock SET held = 2", ["MUG: 2 held, 1 by the ledger", "MUG: 2 held, 1 by the holds of open orders"]),
        ("DELETE FROM movements WHERE kind = 'adjusted'", ["MUG: 2 on hand, 3 by the ledger"]),
        ("DELETE FROM movements WHERE kind = 'held' AND quantity = 1", ["MUG: 1 held, 0 by the ledger"]),
        ("UPDATE holds SET quantity = 4 WHERE quantity = 1", ["MUG: 1 held, 4 by the holds of open orders"]),
        ("DELETE FROM reservations WHERE status = 'held'", ["MUG: 1 held, 0 by the holds of open orders"]),
    ],
)
def test_a_counter_that_differs_from_its_ledger_is_reported_and_left_alone(
    sold: Shop, sql: str, discrepancies: list[str]
) -> None:
    spoils(sold, sql)
    before = stock_of(sold, "MUG")

    result = audits_it(sold, "--fix")

    assert result.exit_code == 1
    assert [line.strip() for line in result.output.splitlines() if line.startswith("  MUG")] == discrepancies
    assert "→ counters are never corrected automatically" in result.output
    assert stock_of(sold, "MUG") == before
    with sold.modules["catalog"].database.read() as connection:
        stored = {row.check: row.discrepancies for row in connection.execute(select(audits))}
    assert stored == {"counters": len(discrepancies), "index": 0}


def test_a_sale_that_leaves_stock_does_not_change_the_index(sold: Shop) -> None:
    for _ in range(3):
        sold.receives(confirmed(order(sold)))
    moves(sold, "MUG", "received", 7)

    assert audits_it(sold).exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [{"name": "Cup"}, {"description": "Keeps tea hot."}, {"attributes": {"colour": "red"}}, {"on_sale": False}],
)
def test_a_change_that_is_missing_from_the_index_is_found_and_corrected(sold: Shop, change: dict[str, Any]) -> None:
    answer = changes(sold, looks_at(sold, "mug")["id"], change)
    assert answer.status_code == 200, answer.text
    spoils(sold, "DELETE FROM jobs WHERE kind = 'index'")

    found, mended, again = audits_it(sold), audits_it(sold, "--fix"), audits_it(sold)

    assert (found.exit_code, mended.exit_code, again.exit_code) == (1, 0, 0), again.output
    assert f"product {looks_at(sold, 'mug')['id']}: the database has version" in found.output
    with sold.modules["catalog"].database.read() as connection:
        [recorded] = operations.newest(connection, None, 5)
    assert recorded.what == "mend index" and recorded.why.startswith("audit: product ")


@pytest.mark.slow
def test_a_product_that_a_restored_database_does_not_have_is_found_and_removed(sold: Shop) -> None:
    added(sold, "Pen", "PEN")
    works_off(sold)
    spoils(sold, "DELETE FROM variants WHERE sku = 'PEN'")
    spoils(sold, "DELETE FROM products WHERE slug = 'pen'")

    found, mended, again = audits_it(sold), audits_it(sold, "--fix"), audits_it(sold)

    assert (found.exit_code, mended.exit_code, again.exit_code) == (1, 0, 0), again.output
    assert "the database has none, the index version" in found.output
