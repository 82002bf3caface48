"""The list of orders is filtered by time and total, and sorted, beside other filters and pages."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.kernel import clock
from app.kernel.money import MAX_AMOUNT, Money
from tests.orders.steps import places, receives
from tests.shop import ALICE, BOB, Caller, Shop


def listed(who: Caller, **query: Any) -> list[str]:
    answer: Any = who.get("/orders", query_string=query)
    assert answer.status_code == 200, answer.json
    return [each["id"] for each in answer.json["items"]]


def shown(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def test_orders_of_a_time_are_listed(shop: Shop) -> None:
    alice, staff = shop.as_customer(ALICE), shop.as_staff()
    before = clock.now()
    first, second = places(shop, alice), places(shop, alice)
    between: Any = alice.get(f"/orders/{second}").json["placed_at"]  # type: ignore[index]
    third = places(shop, shop.as_customer(BOB))
    after = clock.now() + timedelta(seconds=1)

    assert listed(staff, placed_since=shown(before)) == [third, second, first]
    assert listed(staff, placed_since=between) == [third, second], "the time itself is included"
    assert listed(staff, placed_until=between) == [first], "and here it is not"
    assert listed(staff, placed_since=shown(before), placed_until=shown(after)) == [third, second, first]
    assert listed(staff, placed_since=shown(after)) == listed(staff, placed_until=shown(before)) == []
    assert listed(alice, placed_since=between) == [second], "a customer has only their own"
    assert listed(staff, placed_since=between, customer_id=str(BOB)) == [third]


def test_filters_hold_on_every_page(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    placed = [places(shop, alice) for _ in range(5)]
    receives(shop, placed[2], "stock_reserved")
    until: Any = alice.get(f"/orders/{placed[4]}").json["placed_at"]  # type: ignore[index]

    pages, cursor = [], None
    while True:
        query = {"limit": 1, "status": "placed", "placed_until": until} | ({"cursor": cursor} if cursor else {})
        answer: Any = alice.get("/orders", query_string=query).json
        pages += [each["id"] for each in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break

    assert pages == [placed[3], placed[1], placed[0]]


def test_a_number_and_other_filters_must_all_match(shop: Shop) -> None:
    alice, staff = shop.as_customer(ALICE), shop.as_staff()
    order = places(shop, alice)
    seen: Any = alice.get(f"/orders/{order}").json
    number, at = seen["number"], seen["placed_at"]

    assert listed(staff, number=number, status="placed", customer_id=str(ALICE), placed_since=at) == [order]
    for other in ({"status": "paid"}, {"customer_id": str(BOB)}, {"placed_until": at}):
        assert listed(staff, number=number, **other) == []


@pytest.mark.parametrize(
    "time", ["yesterday", "2026-11-27", "2026-11-27T00:00:00", "1999-12-31T23:59:59Z", "3000-01-01T00:00:00Z"]
)
@pytest.mark.parametrize("name", ["placed_since", "placed_until"])
def test_what_is_no_time_with_a_zone_is_refused(name: str, time: str, shop: Shop) -> None:
    answer: Any = shop.as_staff().get("/orders", query_string={name: time})

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")


@pytest.fixture
def four(shop: Shop) -> list[str]:
    """Orders of Alice for 100, 300, 100 and 200 cents, in the order of their placing."""
    shop.offers("PEN", Money(100, "EUR"))
    return [order_of_pens(shop, ALICE, quantity) for quantity in (1, 3, 1, 2)]


def order_of_pens(shop: Shop, customer: UUID, quantity: int) -> str:
    answer: Any = shop.as_customer(customer).orders({"PEN": quantity}, Money(100 * quantity, "EUR"))
    return str(answer.json["id"])


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("newest", [3, 2, 1, 0]), ("oldest", [0, 1, 2, 3]), ("total", [0, 2, 3, 1]), ("-total", [1, 3, 2, 0])],
)
@pytest.mark.parametrize("limit", [1, 2, 3, 20])
def test_every_page_of_a_sorted_list_goes_on_where_the_last_one_ended(
    shop: Shop, four: list[str], sort: str, expected: list[int], limit: int
) -> None:
    order_of_pens(shop, BOB, 2)

    assert paged(shop.as_customer(ALICE), limit, sort=sort) == [four[n] for n in expected]


def test_totals_are_filtered_with_both_limits_included(shop: Shop, four: list[str]) -> None:
    staff = shop.as_staff()

    assert listed(staff, total_min=200) == [four[3], four[1]]
    assert listed(staff, total_max=100, sort="oldest") == [four[0], four[2]]
    assert listed(staff, total_min=101, total_max=299, customer_id=str(ALICE), status="placed") == [four[3]]
    assert listed(staff, total_min=301, total_max=MAX_AMOUNT) == listed(staff, total_min=200, total_max=100) == []
    number: Any = staff.get(f"/orders/{four[1]}").json["number"]  # type: ignore[index]
    assert (listed(staff, number=number, total_min=300), listed(staff, number=number, total_max=299)) == ([four[1]], [])


@pytest.mark.parametrize(
    "query", [{"total_min": -1}, {"total_max": 10**13}, {"sort": "customer"}, {"sort": "placed_at"}]
)
def test_what_is_no_total_and_no_sort_is_refused(query: dict[str, Any], shop: Shop) -> None:
    answer: Any = shop.as_staff().get("/orders", query_string=query)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")


def test_a_cursor_of_another_sort_is_refused(shop: Shop, four: list[str]) -> None:
    alice = shop.as_customer(ALICE)
    cursors = {}
    for sort in ("newest", "oldest", "total", "-total"):
        page: Any = alice.get("/orders", query_string={"sort": sort, "limit": 1}).json
        cursors[sort] = page["next"]

    for sort in cursors:
        for other, cursor in cursors.items():
            answer: Any = alice.get("/orders", query_string={"sort": sort, "cursor": cursor})
            assert answer.status_code == (200 if sort == other else 422), (sort, other)


@pytest.mark.parametrize(
    "key", [["total", 10**13, str(ALICE)], ["total", True, str(ALICE)], ["total", 1, "x"], ["total", 1]]
)
def test_a_cursor_that_no_list_returned_is_refused(shop: Shop, key: list[Any]) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")

    answer: Any = shop.as_staff().get("/orders", query_string={"sort": "total", "cursor": cursor})

    assert (answer.status_code, answer.json["code"]) == (422, "bad_cursor")


def paged(who: Caller, limit: int, **query: Any) -> list[str]:
    """The ids of all pages."""
    found, cursor = [], None
    while True:
        answer: Any = who.get(
            "/orders", query_string={**query, "limit": limit, **({"cursor": cursor} if cursor else {})}
        )
        found += [each["id"] for each in answer.json["items"]]
        cursor = answer.json["next"]
        if cursor is None:
            return found
