"""Staff switch one code of a promotion off, and on again; the others go on."""

from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from app.kernel.money import Money
from tests.orders.coupons import WHY, buys, coupon, ordered, promotion, reasons, refusal, used
from tests.shop import Shop


@pytest.fixture(scope="module")
def shop(one_shop: Shop) -> Shop:
    one_shop.offers("MUG", Money(900, "EUR"))
    return one_shop


def test_one_code_is_switched_off_and_on(shop: Shop) -> None:
    coupon(shop, "LEAKED1", "leaked", total_limit=9)
    shop.as_staff().post("/promotions/leaked/coupons", {"codes": ["KEPT1"], "use_limit": 3, **WHY})
    alice, bob = (shop.as_customer(uuid4()) for _ in range(2))
    before = ordered(buys(alice, 800, "LEAKED1"))
    alice.put("/cart/items/MUG", {"quantity": 1})
    alice.put("/cart/codes/LEAKED1")

    off = switches(shop, "leak-ed i", active=False)
    again = switches(shop, "LEAKED1", active=False)

    shown: Any = off.json
    assert (off.status_code, shown["active"], shown["orders"]) == (200, False, [before["id"]])
    assert again.json == shown
    assert reasons(alice.get("/cart")) == {"LEAKED1": "over"}
    assert refusal(buys(bob, 800, "LEAKED1")) == (409, "price_changed")
    assert ordered(buys(bob, 800, "KEPT1"))
    assert alice.post(f"/orders/{before['id']}/cancel").status_code == 200
    assert used(shop, "leaked") == (1, 1)

    on = switches(shop, "LEAKED1", active=True)
    assert on.json["active"] is True  # type: ignore[index]
    assert ordered(buys(bob, 800, "LEAKED1"))
    operations: Any = shop.as_staff().get("/ops/orders/operations").json
    did = [each["what"] for each in operations["items"] if each["subject"] == "leaked LEAKED1"]
    assert did == ["switch coupon on", "switch coupon off"]


def test_a_code_is_switched_only_at_its_promotion_and_with_a_reason(shop: Shop) -> None:
    coupon(shop, "OFONE", "one-promotion")
    promotion(shop, "other-promotion")
    staff, body = shop.as_staff(), {"active": False, **WHY}

    assert refusal(staff.patch("/promotions/other-promotion/coupons/OFONE", body)) == (404, "no_such_coupon")
    assert refusal(staff.patch("/promotions/nowhere/coupons/OFONE", body)) == (404, "no_such_promotion")
    assert refusal(staff.patch("/promotions/one-promotion/coupons/x%3F", body)) == (422, "bad_code")
    for wrong in ({"active": False}, WHY, {"active": None, **WHY}, {**body, "use_limit": 1}):
        assert staff.patch("/promotions/one-promotion/coupons/OFONE", wrong).status_code == 422
    assert staff.get("/promotions/one-promotion/coupons").json["items"][0]["active"] is True  # type: ignore[index]


def switches(shop: Shop, code: str, *, active: bool) -> TestResponse:
    return shop.as_staff().patch(f"/promotions/leaked/coupons/{code}", {"active": active, **WHY})
