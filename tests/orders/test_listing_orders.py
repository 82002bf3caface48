"""The list of orders is filtered by the time of placing, beside other filters and pages."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.kernel import clock
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
