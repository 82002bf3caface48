"""What staff store with an order for other systems: it has a version of its own, and customers never see it."""

from typing import Any

import pytest

from tests.orders.methods import V1, WHY, refusal, trail
from tests.orders.steps import order_in, places, receives
from tests.shop import ALICE, Shop

V0 = {"If-Match": '"v0"'}


@pytest.fixture
def path(shop: Shop) -> str:
    return f"/orders/{places(shop, shop.as_customer(ALICE))}"


def test_it_is_empty_then_stored_then_changed(shop: Shop, path: str) -> None:
    staff, id = shop.as_staff(), path.rpartition("/")[2]
    empty = staff.get(f"{path}/record")
    assert empty.json == {"order_id": id, "external_reference": None, "metadata": {}, "version": 0}

    tag = {"If-Match": empty.headers["ETag"]}
    stored = staff.patch(f"{path}/record", {"external_reference": "SO-1", "reason": "exported"}, headers=tag)
    changed: Any = staff.patch(f"{path}/record", {"metadata": {"a": "1"}, **WHY}, headers=V1)
    same: Any = staff.patch(f"{path}/record", {"metadata": {"a": "1"}, **WHY}, headers={"If-Match": '"v2"'})

    assert stored.json["version"] == 1  # type: ignore[index]
    assert changed.json == {"order_id": id, "external_reference": "SO-1", "metadata": {"a": "1"}, "version": 2}
    assert staff.get(f"{path}/record").json == changed.json == same.json
    assert trail(shop) == [("change the record", id, "exported"), ("change the record", id, WHY["reason"])]


def test_it_changes_neither_the_order_nor_its_course(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    id = order_in(shop, alice, "awaiting_payment")
    before: Any = alice.get(f"/orders/{id}").json

    shop.as_staff().patch(f"/orders/{id}/record", {"external_reference": "SECRET-1", **WHY}, headers=V0)
    after = alice.get(f"/orders/{id}")
    receives(shop, id, "payment_authorized")

    assert after.json == before
    assert "SECRET-1" not in after.text + alice.get("/orders").text + alice.get(f"/orders/{id}/timeline").text
    assert alice.get(f"/orders/{id}").json["status"] == "confirmed"  # type: ignore[index]


def test_two_orders_do_not_share_a_reference(shop: Shop, path: str) -> None:
    staff, taken = shop.as_staff(), {"external_reference": "SO-1", **WHY}
    other = f"/orders/{places(shop, shop.as_customer(ALICE))}"
    staff.patch(f"{path}/record", taken, headers=V0)

    assert refusal(staff.patch(f"{other}/record", taken, headers=V0)) == (409, "external_reference_taken")
    assert staff.get(f"{other}/record").json["version"] == 0  # type: ignore[index]
    assert staff.patch(f"{path}/record", {"external_reference": None, **WHY}, headers=V1).status_code == 200
    assert staff.patch(f"{other}/record", taken, headers=V0).status_code == 200


def test_who_and_which_version(shop: Shop, path: str) -> None:
    staff, alice, change = shop.as_staff(), shop.as_customer(ALICE), {"metadata": {"a": "1"}, **WHY}

    assert refusal(alice.get(f"{path}/record")) == (403, "role_missing")
    assert refusal(alice.patch(f"{path}/record", change, headers=V0)) == (403, "role_missing")
    assert refusal(staff.patch(f"{path}/record", change)) == (428, "precondition_required")
    assert refusal(staff.patch(f"{path}/record", change, headers=V1)) == (412, "stale_version")
    assert refusal(staff.patch(f"{path}/record", {"metadata": {}}, headers=V0)) == (422, "invalid_request")
    gone = "/orders/00000000-0000-7000-8000-000000000001/record"
    assert refusal(staff.get(gone)) == (404, "no_such_order")
    assert refusal(staff.patch(gone, change, headers=V0)) == (404, "no_such_order")


def test_staff_find_an_order_by_its_reference(shop: Shop, path: str) -> None:
    staff, id = shop.as_staff(), path.rpartition("/")[2]
    places(shop, shop.as_customer(ALICE))
    staff.patch(f"{path}/record", {"external_reference": "SO 1/ä", **WHY}, headers=V0)
    number = staff.get(path).json["number"]  # type: ignore[index]

    def found(**more: str) -> list[str]:
        listed: Any = staff.get("/orders", query_string={"external_reference": "SO 1/ä", **more}).json
        return [each["id"] for each in listed["items"]]

    assert (found(), found(status="placed", number=number)) == ([id], [id])
    assert found(status="paid") == found(number="260101-1") == found(external_reference="so 1/ä") == []
    assert refusal(shop.as_customer(ALICE).get("/orders?external_reference=SO-1")) == (403, "role_missing")
    assert refusal(staff.get("/orders", query_string={"external_reference": "x" * 101})) == (422, "invalid_request")
