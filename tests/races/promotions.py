"""Races of the routes of promotions and coupons."""

from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from app.kernel.money import Money
from tests.orders.coupons import WHY, buys, coupon, promotion, refusal, used
from tests.orders.methods import V1
from tests.races.orders import customer
from tests.races.rivals import Race, one_wins, race, refused, statuses
from tests.shop import Shop


@race("POST /api/v1/promotions", module="orders")
def two_promotions_of_one_id(shop: Shop, n: int) -> Race:
    return Race(lambda: promotion(shop, f"p-{n}"), lambda: promotion(shop, f"p-{n}"), refused("promotion_exists"))


@race("PATCH /api/v1/promotions/<promotion_id>", module="orders")
def a_promotion_is_changed_twice(shop: Shop, n: int) -> Race:
    staff, path = shop.as_staff(), f"/promotions/p-{n}"
    promotion(shop, f"p-{n}")
    return Race(
        lambda: staff.patch(path, {"name": "One", **WHY}, headers=V1),
        lambda: staff.patch(path, {"name": "Other", **WHY}, headers=V1),
        one_wins,
    )


@race("PATCH /api/v1/promotions/<promotion_id>", module="orders")
def a_limit_is_lowered_while_a_use_is_taken(shop: Shop, n: int) -> Race:
    caller, staff = customer(shop, n), shop.as_staff()
    shop.offers(f"MUG-{n}", Money(900, "EUR"))
    coupon(shop, f"LIMIT{n}", f"p-{n}", total_limit=2)
    assert buys(caller, 800, f"LIMIT{n}", sku=f"MUG-{n}").status_code == 201

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("limit_below_used", "coupon_used_up")(first, second)
        counter, rows = used(shop, f"p-{n}")
        limit: Any = staff.get(f"/promotions/p-{n}").json
        assert counter == rows <= limit["total_limit"]

    return Race(
        lambda: staff.patch(f"/promotions/p-{n}", {"total_limit": 1, **WHY}, headers=V1),
        lambda: buys(caller, 800, f"LIMIT{n}", sku=f"MUG-{n}"),
        check,
    )


@race("POST /api/v1/promotions/<promotion_id>/coupons", module="orders")
def one_code_is_added_twice(shop: Shop, n: int) -> Race:
    promotion(shop, f"p-{n}")
    staff, body = shop.as_staff(), {"codes": [f"CODE{n}"], **WHY}
    path = f"/promotions/p-{n}/coupons"
    return Race(lambda: staff.post(path, body), lambda: staff.post(path, body), refused("code_exists"))


@race("PATCH /api/v1/promotions/<promotion_id>/coupons/<code>", "POST /api/v1/orders", module="orders")
def a_code_is_switched_off_while_its_last_use_is_taken(shop: Shop, n: int) -> Race:
    caller, other = customer(shop, n), shop.as_customer(UUID(int=0xC0FFEE00 + n))
    coupon(shop, f"GONE{n}", f"p-{n}", use_limit=2, total_limit=2)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert second.status_code == 200, second.text
        placed: Any = first.json
        assert placed.get("code") == "price_changed" or placed["totals"]["total"]["amount"] == 800
        assert used(shop, f"p-{n}") == (first.status_code == 201,) * 2
        assert refusal(buys(other, 800, f"GONE{n}", sku=f"MUG-{n}")) == (409, "price_changed")

    return Race(
        lambda: buys(caller, 800, f"GONE{n}", sku=f"MUG-{n}"),
        lambda: shop.as_staff().patch(f"/promotions/p-{n}/coupons/GONE{n}", {"active": False, **WHY}),
        check,
    )


@race("PATCH /api/v1/promotions/<promotion_id>/coupons/<code>", module="orders")
def a_code_is_switched_off_twice(shop: Shop, n: int) -> Race:
    coupon(shop, f"TWICE{n}", f"p-{n}")
    staff, path = shop.as_staff(), f"/promotions/p-{n}/coupons"

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [200, 200]
        operations: Any = staff.get("/ops/orders/operations").json
        about = [each for each in operations["items"] if each["subject"] == f"p-{n} TWICE{n}"]
        assert len(about) == 1
        assert [each["active"] for each in staff.get(path).json["items"]] == [False]  # type: ignore[index]

    off = {"active": False, **WHY}
    return Race(
        lambda: staff.patch(f"{path}/TWICE{n}", off),
        lambda: staff.patch(f"{path}/TWICE{n}", off),
        check,
    )


@race("POST /api/v1/promotions/<promotion_id>/try", module="orders")
def a_promotion_is_tried_while_it_changes(shop: Shop, n: int) -> Race:
    customer(shop, n)
    promotion(shop, f"p-{n}")
    staff = shop.as_staff()

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [200, 200]
        tried: Any = first.json
        assert tried["totals"]["discount"]["amount"] in {100, 200}

    return Race(
        lambda: staff.post(f"/promotions/p-{n}/try", {"items": [{"sku": f"MUG-{n}", "quantity": 1}]}),
        lambda: staff.patch(f"/promotions/p-{n}", {"value": [{"amount": 200, "currency": "EUR"}], **WHY}, headers=V1),
        check,
    )


@race("PUT /api/v1/cart/codes/<code>", "DELETE /api/v1/cart/codes/<code>", module="orders")
def a_code_is_added_while_another_is_removed(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    for name in ("ONE", "TWO"):
        coupon(shop, f"{name}{n}", f"{name.lower()}-{n}")
    caller.put(f"/cart/codes/ONE{n}")

    def check(first: TestResponse, second: TestResponse) -> None:
        assert {first.status_code, second.status_code} == {200, 204}
        found: Any = caller.get("/cart").json
        assert [each["code"] for each in found["codes"]] == [f"TWO{n}"]

    return Race(
        lambda: caller.put(f"/cart/codes/TWO{n}"),
        lambda: caller.delete(f"/cart/codes/ONE{n}"),
        check,
    )
