"""Races of the routes of orders."""

from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from app.bus.contracts.orders import OrderCancelled, OrderPlaced
from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.orders.steps import order_in, receives, timeline_of
from tests.races.rivals import Check, Race, race, refused, statuses
from tests.shop import Caller, Shop

PRICE = Money(900, "EUR")
TOTAL = {"expected_total": {"amount": 900, "currency": "EUR"}}


def customer(shop: Shop, n: int) -> Caller:
    for sku in (f"MUG-{n}", f"PEN-{n}"):
        shop.offers(sku, PRICE)
    return shop.as_customer(UUID(int=0xC0DE00 + n))


def items(caller: Caller) -> dict[str, int]:
    found: Any = caller.get("/cart").json
    return {each["sku"]: each["quantity"] for each in found["lines"]}


@race("PUT /api/v1/cart/items/<sku:sku>")
def two_things_are_put_in_a_cart(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [200, 200]
        assert items(caller) == {f"MUG-{n}": 1, f"PEN-{n}": 2}

    return Race(
        lambda: caller.put(f"/cart/items/MUG-{n}", {"quantity": 1}),
        lambda: caller.put(f"/cart/items/PEN-{n}", {"quantity": 2}),
        check,
    )


@race("PUT /api/v1/cart/items/<sku:sku>")
def a_guests_cart_is_claimed_twice(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    token = shop.as_guest().put(f"/cart/items/PEN-{n}", {"quantity": 2}).headers["X-Cart-Token"]
    both = Caller(shop.door, {**caller.headers, "X-Cart-Token": token})

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [200, 200]
        assert items(caller) == {f"MUG-{n}": 1, f"PEN-{n}": 2}

    return Race(lambda: both.put(f"/cart/items/MUG-{n}", {"quantity": 1}), lambda: both.get("/cart"), check)


@race("POST /api/v1/cart/quote")
def a_guests_cart_is_claimed_by_a_quote_and_by_the_cart(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    token = shop.as_guest().put(f"/cart/items/PEN-{n}", {"quantity": 2}).headers["X-Cart-Token"]
    both = Caller(shop.door, {**caller.headers, "X-Cart-Token": token})

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [200, 200]
        quote: Any = first.json
        assert quote["totals"]["total"]["amount"] == 1800
        assert items(caller) == {f"PEN-{n}": 2}

    return Race(lambda: both.post("/cart/quote", {}), lambda: both.get("/cart"), check)


def ends_in(caller: Caller, *carts: dict[str, int]) -> Check:
    """Both requests succeed, in either order; the cart is one of these."""

    def check(first: TestResponse, second: TestResponse) -> None:
        assert {first.status_code, second.status_code} <= {200, 204}
        assert items(caller) in carts

    return check


@race("DELETE /api/v1/cart")
def a_cart_is_emptied_and_filled(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    caller.put(f"/cart/items/MUG-{n}", {"quantity": 1})
    return Race(
        lambda: caller.delete("/cart"),
        lambda: caller.put(f"/cart/items/PEN-{n}", {"quantity": 2}),
        ends_in(caller, {}, {f"PEN-{n}": 2}),
    )


@race("DELETE /api/v1/cart/items/<sku:sku>")
def a_thing_is_taken_out_while_another_is_put_in(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    caller.put(f"/cart/items/MUG-{n}", {"quantity": 1})
    return Race(
        lambda: caller.delete(f"/cart/items/MUG-{n}"),
        lambda: caller.put(f"/cart/items/PEN-{n}", {"quantity": 2}),
        ends_in(caller, {f"PEN-{n}": 2}),
    )


def placed_by(shop: Shop, n: int) -> int:
    return len([each for each in shop.published(OrderPlaced) if each.customer_id == str(UUID(int=0xC0DE00 + n))])


@race("POST /api/v1/orders")
def one_cart_is_ordered_twice(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    caller.put(f"/cart/items/MUG-{n}", {"quantity": 1})

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("cart_locked")(first, second)
        assert placed_by(shop, n) == 1

    return Race(lambda: caller.post("/orders", TOTAL), lambda: caller.post("/orders", TOTAL), check)


@race("POST /api/v1/orders", "PUT /api/v1/cart/items/<sku:sku>")
def a_cart_is_ordered_while_more_is_put_in(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    caller.put(f"/cart/items/MUG-{n}", {"quantity": 1})
    return Race(
        lambda: caller.post("/orders", TOTAL),
        lambda: caller.put(f"/cart/items/PEN-{n}", {"quantity": 2}),
        refused("cart_locked", "price_changed"),
    )


@race("POST /api/v1/orders")
def one_order_is_sent_twice(shop: Shop, n: int) -> Race:
    caller, key = customer(shop, n), str(new_id())

    def check(first: TestResponse, second: TestResponse) -> None:
        assert (statuses(first, second), first.json, placed_by(shop, n)) == ([201, 201], second.json, 1)

    def sent() -> TestResponse:
        return caller.orders({f"MUG-{n}": 1}, PRICE, key=key)

    return Race(sent, sent, check)


def ordered(caller: Caller, n: int) -> str:
    answer: Any = caller.orders({f"MUG-{n}": 1}, PRICE).json
    return str(answer["id"])


@race("POST /api/v1/orders/<uuid:order_id>/cancel", "POST /api/v1/ops/orders/<uuid:order_id>/cancel")
def an_order_is_cancelled_by_its_customer_and_by_staff(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    order_id = ordered(caller, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert 200 in {first.status_code, second.status_code} <= {200, 409}
        assert [each.order_id for each in shop.published(OrderCancelled)].count(order_id) == 1

    return Race(
        lambda: caller.post(f"/orders/{order_id}/cancel"),
        lambda: shop.as_staff().post(f"/ops/orders/{order_id}/cancel", {"reason": "they rang"}),
        check,
    )


@race("POST /api/v1/ops/orders/<uuid:order_id>/nudge")
def an_order_is_nudged_and_cancelled(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    order_id = ordered(caller, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert second.status_code == 200 and first.status_code in {200, 409}, first.text
        assert caller.get(f"/orders/{order_id}").json["status"] == "cancelled"  # type: ignore[index]

    return Race(
        lambda: shop.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "it waits"}),
        lambda: caller.post(f"/orders/{order_id}/cancel"),
        check,
    )


@race("POST /api/v1/ops/orders/<uuid:order_id>/write-off")
def a_refund_that_failed_is_written_off_twice(shop: Shop, n: int) -> Race:
    caller = customer(shop, n)
    order_id = order_in(shop, caller, "refunded")
    receives(shop, order_id, "refund_failed")

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [200, 200]
        assert timeline_of(caller, order_id).count("orders: refund_written_off") == 1

    def written_off() -> TestResponse:
        return shop.as_staff().post(f"/ops/orders/{order_id}/write-off", {"reason": "by bank transfer"})

    return Race(written_off, written_off, check)
