"""Carts of guests and customers: they are filled, merged at sign-in, locked, emptied and pruned."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bus.contracts.catalog import OfferChanged, StockLevelChanged
from app.kernel import clock
from app.kernel.errors import Stale
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.orders.domain.carts.cart import MAX_LINES, MAX_QUANTITY, Cart, merged
from app.modules.orders.use_cases.carts.prune_carts import RETENTION, prune_carts
from tests.orders.steps import MUG, later, receives, timeline_of
from tests.shop import ALICE, BOB, Caller, Shop


def in_cart(caller: Caller) -> dict[str, int]:
    cart: Any = caller.get("/cart").json
    return {line["sku"]: line["quantity"] for line in cart["lines"]}


def puts(caller: Caller, sku: str, quantity: int) -> Any:
    answer = caller.put(f"/cart/items/{sku}", {"quantity": quantity})
    assert answer.status_code == 200
    return answer


def guest_with(shop: Shop, sku: str, quantity: int) -> Caller:
    """A guest who sends the token of the first response from then on, as a browser would."""
    token = puts(shop.as_guest(), sku, quantity).headers["X-Cart-Token"]
    return Caller(shop.door, {"X-Cart-Token": token})


def signs_in(guest: Caller, customer: Caller) -> Caller:
    """The same browser after signing in: it sends the guest's token and the customer's access token."""
    return Caller(guest.door, {**guest.headers, **customer.headers})


def orders_cart(caller: Caller, total: Money, **more: Any) -> Any:
    return caller.post("/orders", {"expected_total": {"amount": total.amount, "currency": total.currency}}, **more)


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """The shop with an offer of mugs and one of pens."""
    shop.offers("MUG", MUG)
    shop.offers("PEN", Money(50, "EUR"))
    return shop


def test_a_cart_shows_current_prices_stock_levels_and_the_total_to_send(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)
    shop.offers("MUG", Money(800, "EUR"), version=2)
    shop.receives(StockLevelChanged(sku="MUG", available=7, version=4))
    shop.receives(StockLevelChanged(sku="MUG", available=9, version=3))

    cart: Any = alice.get("/cart").json

    assert cart == {
        "lines": [
            {
                "sku": "MUG",
                "name": "Mug",
                "quantity": 2,
                "unit_price": {"amount": 800, "currency": "EUR"},
                "on_sale": True,
                "available": 7,
            }
        ],
        "problems": [],
        "discounts": [],
        "codes": [],
        "total": {"amount": 1600, "currency": "EUR"},
        "order_id": None,
    }
    assert alice.post("/orders", {"expected_total": cart["total"]}).status_code == 201


def test_a_stock_level_may_be_consumed_before_its_offer(shop: Shop) -> None:
    shop.receives(StockLevelChanged(sku="CUP", available=3, version=8))
    shop.offers("CUP", MUG)

    cart = puts(shop.as_customer(ALICE), "CUP", 1).json

    assert cart["lines"][0]["available"] == 3


def test_what_is_no_longer_on_sale_is_shown_but_not_in_the_total(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 1)
    puts(alice, "PEN", 1)
    shop.receives(
        OfferChanged(
            sku="MUG", product_id=str(new_id()), name="Mug", price=900, currency="EUR", on_sale=False, version=2
        )
    )

    cart: Any = alice.get("/cart").json

    assert {line["sku"]: line["on_sale"] for line in cart["lines"]} == {"MUG": False, "PEN": True}
    assert cart["total"]["amount"] == 50


def test_a_quantity_is_set_and_not_added(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)

    puts(alice, "MUG", 5)

    assert in_cart(alice) == {"MUG": 5}


def test_taking_out_twice_is_the_same_as_once(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)
    puts(alice, "PEN", 1)

    answers = [alice.delete("/cart/items/MUG").status_code for _ in range(2)]

    assert answers == [204, 204]
    assert in_cart(alice) == {"PEN": 1}


def test_a_cart_can_be_emptied(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)

    assert alice.delete("/cart").status_code == 204

    assert in_cart(alice) == {}
    assert alice.get("/cart").json["total"] is None  # type: ignore[index]


@pytest.mark.parametrize("body", [{}, {"quantity": 0}, {"quantity": 1001}, {"quantity": "2"}, {"quantity": 1.5}])
def test_a_quantity_is_a_whole_number_up_to_a_thousand(shop: Shop, body: Any) -> None:
    alice = shop.as_customer(ALICE)

    answer = alice.put("/cart/items/MUG", body)

    assert answer.status_code == 422
    assert in_cart(alice) == {}


@pytest.mark.parametrize("sku", ["GHOST", "mug", "MU%0AG", "x" * 500, "'%20OR%201=1--"])
def test_only_what_is_sold_can_be_put_in(shop: Shop, sku: str) -> None:
    answer = shop.as_guest().put(f"/cart/items/{sku}", {"quantity": 1})

    assert (answer.status_code, answer.json["code"]) == (422, "unknown_sku")  # type: ignore[index]
    assert "X-Cart-Token" not in answer.headers


def test_a_cart_is_full_at_a_hundred_articles(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    for number in range(MAX_LINES):
        shop.offers(f"S{number}", MUG)
        puts(alice, f"S{number}", 1)

    answer = alice.put("/cart/items/MUG", {"quantity": 1})

    assert (answer.status_code, answer.json["code"]) == (422, "cart_full")  # type: ignore[index]


def test_a_guest_is_known_by_the_token_of_the_first_answer(shop: Shop) -> None:
    guest = guest_with(shop, "MUG", 2)

    puts(guest, "PEN", 1)

    assert in_cart(guest) == {"MUG": 2, "PEN": 1}
    assert in_cart(shop.as_guest()) == {}


def test_a_guests_token_is_returned_once_and_stored_only_hashed(shop: Shop) -> None:
    guest = guest_with(shop, "MUG", 2)

    again = puts(guest, "MUG", 3)

    assert "X-Cart-Token" not in again.headers
    with shop.modules["orders"].database.read() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM carts").all())
    assert guest.headers["X-Cart-Token"] not in rows


def test_nobody_chooses_their_own_token(shop: Shop) -> None:
    chosen = Caller(shop.door, {"X-Cart-Token": "my-own"})

    fresh = puts(chosen, "MUG", 1).headers["X-Cart-Token"]

    assert fresh != "my-own"
    assert in_cart(chosen) == {}
    assert in_cart(Caller(shop.door, {"X-Cart-Token": fresh})) == {"MUG": 1}


def test_an_invalid_access_token_is_not_treated_as_a_guest(shop: Shop) -> None:
    answer = Caller(shop.door, {"Authorization": "Bearer nonsense"}).put("/cart/items/MUG", {"quantity": 1})

    assert answer.status_code == 401


def test_signing_in_claims_the_guests_cart_and_quantities_add_up(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 999)
    guest = guest_with(shop, "MUG", 2)
    puts(guest, "PEN", 4)

    seen = in_cart(signs_in(guest, alice))

    assert seen == {"MUG": 1000, "PEN": 4}
    assert in_cart(alice) == seen
    assert in_cart(guest) == {}


def test_a_cart_is_claimed_once(shop: Shop) -> None:
    guest = guest_with(shop, "MUG", 2)
    in_cart(signs_in(guest, shop.as_customer(ALICE)))

    assert in_cart(signs_in(guest, shop.as_customer(ALICE))) == {"MUG": 2}
    assert in_cart(signs_in(guest, shop.as_customer(BOB))) == {}


def test_ordering_with_the_token_claims_the_cart_first(shop: Shop) -> None:
    guest = guest_with(shop, "MUG", 2)

    answer = orders_cart(signs_in(guest, shop.as_customer(ALICE)), MUG * 2)

    assert answer.status_code == 201
    assert in_cart(guest) == {}


def test_a_refused_order_claims_nothing(shop: Shop) -> None:
    guest = guest_with(shop, "MUG", 2)

    answer = orders_cart(signs_in(guest, shop.as_customer(ALICE)), MUG)

    assert answer.status_code == 409
    assert in_cart(guest) == {"MUG": 2}


def test_an_open_order_locks_its_cart(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)
    order_id = orders_cart(alice, MUG * 2).json["id"]

    answers = [
        alice.put("/cart/items/PEN", {"quantity": 1}),
        alice.delete("/cart/items/MUG"),
        alice.delete("/cart"),
        orders_cart(alice, MUG * 2),
    ]

    for answer in answers:
        problem: Any = answer.json
        assert (answer.status_code, problem["code"], problem["order_id"]) == (409, "cart_locked", order_id)
    assert alice.get("/cart").json["order_id"] == order_id  # type: ignore[index]


def test_no_guests_cart_is_merged_into_a_locked_cart_until_it_is_unlocked(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)
    order_id = orders_cart(alice, MUG * 2).json["id"]
    guest = guest_with(shop, "PEN", 1)
    both = signs_in(guest, alice)
    assert in_cart(both) == {"MUG": 2}

    alice.post(f"/orders/{order_id}/cancel")

    assert in_cart(both) == {"MUG": 2, "PEN": 1}


def test_a_cancelled_order_unlocks_its_cart_with_its_items(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)
    order_id = orders_cart(alice, MUG * 2).json["id"]

    receives(shop, order_id, "stock_rejected")

    cart: Any = alice.get("/cart").json
    assert (cart["lines"][0]["quantity"], cart["order_id"]) == (2, None)
    assert orders_cart(alice, MUG * 2).status_code == 201


def test_a_confirmed_order_empties_its_cart(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)
    order_id = orders_cart(alice, MUG * 2).json["id"]

    receives(shop, order_id, "stock_reserved", "payment_authorized")

    assert in_cart(alice) == {}
    puts(alice, "PEN", 1)
    assert orders_cart(alice, Money(50, "EUR")).status_code == 201


def test_items_added_after_buying_stay_when_the_order_is_cancelled(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)
    order_id = orders_cart(alice, MUG * 2).json["id"]
    receives(shop, order_id, "stock_reserved", "payment_authorized")
    puts(alice, "PEN", 1)

    receives(shop, order_id, "capture_failed")

    assert in_cart(alice) == {"PEN": 1}
    assert timeline_of(alice, order_id)[-1] == "orders: cancelled"


def test_an_order_of_items_leaves_the_cart_alone(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)

    alice.orders({"PEN": 1}, Money(50, "EUR"))

    assert alice.get("/cart").json["order_id"] is None  # type: ignore[index]


def test_an_empty_cart_cannot_be_ordered(shop: Shop) -> None:
    answer = orders_cart(shop.as_customer(ALICE), MUG)

    assert (answer.status_code, answer.json["code"]) == (422, "empty_order")


def test_a_repeated_order_of_the_cart_is_the_same_order(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    puts(alice, "MUG", 2)

    first, again = (orders_cart(alice, MUG * 2, key="k") for _ in range(2))

    assert first.data == again.data


def test_two_orders_of_one_cart_at_once_are_one(shop: Shop) -> None:
    alice, start = shop.as_customer(ALICE), threading.Barrier(3)
    puts(alice, "MUG", 2)
    statuses: list[int] = []

    def order() -> None:
        start.wait()
        statuses.append(orders_cart(alice, MUG * 2).status_code)

    threads = [threading.Thread(target=order) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(statuses) == [201, 409, 409]


def test_a_cart_that_was_changed_since_it_was_read_is_not_overwritten(shop: Shop) -> None:
    alice, transaction = shop.as_customer(ALICE), shop.modules["orders"].transaction
    puts(alice, "MUG", 2)
    with transaction() as uow:
        cart = uow.carts.of_customer(ALICE)
    orders_cart(alice, MUG * 2)  # a rival request, between the read and the write

    with pytest.raises(Stale), transaction() as uow:
        uow.carts.save(replace(cart, items={"MUG": 1}))

    assert in_cart(alice) == {"MUG": 2}


def test_carts_untouched_for_thirty_days_are_deleted_unless_an_order_locks_them(shop: Shop) -> None:
    alice, bob, guest = shop.as_customer(ALICE), shop.as_customer(BOB), guest_with(shop, "MUG", 1)
    puts(alice, "MUG", 2)
    puts(bob, "MUG", 2)
    orders_cart(bob, MUG * 2)

    with later(shop, RETENTION - timedelta(minutes=1)) as uow:
        too_early = prune_carts(uow)
    with later(shop, RETENTION + timedelta(minutes=1)) as uow:
        pruned = prune_carts(uow)

    assert (too_early, pruned) == (0, 2)
    assert (in_cart(alice), in_cart(guest), in_cart(bob)) == ({}, {}, {"MUG": 2})


carts = st.dictionaries(st.text("ABC", min_size=1, max_size=3), st.integers(1, MAX_QUANTITY), max_size=8)


@given(carts, carts)
def test_merging_adds_up_quantities_to_at_most_a_thousand(mine: dict[str, int], guests: dict[str, int]) -> None:
    now = clock.now()
    both = [Cart(id=new_id(), customer_id=None, token_hash=None, touched_at=now, items=each) for each in (mine, guests)]

    together = merged(*both, now).items

    assert together == {
        sku: min(mine.get(sku, 0) + guests.get(sku, 0), MAX_QUANTITY) for sku in mine.keys() | guests.keys()
    }


def test_a_quantity_with_nothing_behind_its_point_is_whole(shop: Shop) -> None:
    shop.offers("MUG", Money(900, "EUR"))

    answer = shop.as_guest().put("/cart/items/MUG", {"quantity": 2.0})

    assert [line["quantity"] for line in answer.json["lines"]] == [2]
