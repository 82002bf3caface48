"""Movements of stock that no honest member of staff records."""

from typing import Any
from uuid import UUID

import pytest

from tests.catalog.steps import added, code_of, moves, stock_of, stocks
from tests.shop import Shop

HOSTILE = [0, -1, 1.5, 5.25, "5", "", True, None, 1_000_001, 2**31, 2**63, float("nan"), float("inf"), [5], {}]


@pytest.fixture(scope="module")
def stocked(one_shop: Shop) -> Shop:
    """A shop with five mugs, which no test changes."""
    stocks(one_shop, MUG=5)
    return one_shop


@pytest.mark.parametrize("quantity", HOSTILE, ids=repr)
def test_goods_come_in_whole_and_in_reasonable_numbers(stocked: Shop, quantity: Any) -> None:
    assert moves(stocked, "MUG", "received", quantity).status_code in {400, 422}
    assert stock_of(stocked, "MUG") == (5, 0)


@pytest.mark.parametrize("quantity", [0, -1_000_001, -(2**63), -1.5, "-1", False, None], ids=repr)
def test_a_count_is_corrected_by_a_whole_number_that_is_not_zero(stocked: Shop, quantity: Any) -> None:
    assert moves(stocked, "MUG", "adjusted", quantity).status_code in {400, 422}
    assert stock_of(stocked, "MUG") == (5, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "sold"},
        {"kind": "held"},
        {"kind": None},
        {"reason": ""},
        {"reason": "x" * 201},
        {"reason": "a\x00"},
        {"who": "user:someone"},
        {"id": str(UUID(int=7))},
        {"order_id": str(UUID(int=7))},
        {"at": "2001-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_movement_has_a_kind_and_a_reason_and_no_fields_that_the_shop_sets(
    stocked: Shop, change: dict[str, Any]
) -> None:
    body = {"kind": "received", "quantity": 1, "reason": "x", **change}

    assert stocked.as_staff().post("/stock/MUG/movements", body).status_code == 422
    assert stock_of(stocked, "MUG") == (5, 0)


@pytest.mark.slow
def test_a_sku_has_at_most_a_thousand_million_units(shop: Shop) -> None:
    added(shop, "Mug", "MUG")
    for _ in range(1000):
        assert moves(shop, "MUG", "received", 1_000_000).status_code == 201

    assert code_of(moves(shop, "MUG", "received", 1)) == (422, "too_much_stock")
    assert stock_of(shop, "MUG") == (10**9, 0)


def test_stock_of_an_unknown_sku_is_404(shop: Shop) -> None:
    staff = shop.as_staff()

    for path in ("/stock/GHOST", "/stock/GHOST/movements", "/stock/GHOST/explain", "/stock/'--"):
        assert code_of(staff.get(path)) == (404, "no_such_sku")
    assert code_of(moves(shop, "GHOST", "received", 5)) == (404, "no_such_sku")


@pytest.mark.parametrize("cursor", ["x", "!", "WzFd", "WyJub3QtYW4taWQiXQ", "W10", "bnVsbA", "é", "", "A" * 501])
def test_a_cursor_that_is_not_ours_is_refused(stocked: Shop, cursor: str) -> None:
    answer = stocked.as_staff().get("/stock/MUG/movements", query_string={"cursor": cursor})

    assert answer.status_code == 422
