"""Codes of coupons: in the cart, in a quote, in an order, and what becomes of their uses with the order."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from app.bus.contracts.catalog import OfferChanged, StockReserved
from app.bus.contracts.orders import OrderPlaced
from app.kernel.money import Money
from tests.orders.coupons import buys, code_used, coupon, eur, ordered, promotion, reasons, refusal, used, used_by
from tests.orders.methods import BERLIN, PARIS
from tests.orders.steps import timeline_of
from tests.shop import Caller, Shop


@pytest.fixture(scope="module")
def shop(one_shop: Shop) -> Shop:
    """One shop with mugs at 9 euros; each test has customers and codes of its own."""
    one_shop.offers("MUG", Money(900, "EUR"))
    one_shop.offers("PEN", Money(50, "EUR"))
    return one_shop


def somebody(shop: Shop) -> Caller:
    return shop.as_customer(uuid4())


def seen_by_staff(shop: Shop, order_id: str) -> Any:
    return shop.as_staff().get(f"/orders/{order_id}").json


def test_an_order_costs_what_was_quoted_with_the_code(shop: Shop) -> None:
    coupon(shop, "QUOTED")
    alice, items = somebody(shop), [{"sku": "MUG", "quantity": 2}, {"sku": "PEN", "quantity": 1}]

    quote: Any = alice.post("/cart/quote", {"items": items, "codes": ["quoted "]}).json
    order = ordered(
        alice.post(
            "/orders", {"items": items, "codes": ["Q0-TED", "quoted"], "expected_total": quote["totals"]["total"]}
        )
    )

    assert quote["totals"] == order["totals"]
    assert quote["totals"]["discount"] == eur(100)
    assert quote["totals"]["total"] == eur(1750)
    assert [line["discount"]["amount"] for line in order["lines"]] == [97, 3]
    assert quote["discounts"] == alice.get(f"/orders/{order['id']}/discounts").json["items"]  # type: ignore[index]
    assert quote["discounts"] == [
        {
            "promotion": "quoted",
            "name": "Quoted",
            "code": "QUOTED",
            "amount": eur(100),
            "shares": [{"sku": "MUG", "amount": eur(97)}, {"sku": "PEN", "amount": eur(3)}],
        }
    ]
    (placed,) = [each for each in shop.published(OrderPlaced) if each.order_id == order["id"]]
    assert (placed.totals.discount, placed.totals.total) == (100, 1750)
    assert timeline_of(alice, order["id"])[-1] == "orders: promotions_used"


def test_the_codes_of_the_cart_count_and_stand_there_again_after_a_cancellation(shop: Shop) -> None:
    coupon(shop, "CARTED", total_limit=1)
    alice = somebody(shop)
    alice.put("/cart/items/MUG", {"quantity": 1})

    cart: Any = alice.put("/cart/codes/carted").json
    order = ordered(alice.post("/orders", {"expected_total": cart["total"]}))
    locked = alice.delete("/cart/codes/carted")
    taken = used(shop, "carted")
    alice.post(f"/orders/{order['id']}/cancel")
    again: Any = alice.get("/cart").json

    assert (cart["total"], cart["codes"]) == (eur(800), [{"code": "CARTED", "reason": None}])
    assert refusal(locked) == (409, "cart_locked")
    assert (taken, used(shop, "carted")) == ((1, 1), (0, 0))
    assert (again["total"], again["codes"]) == (eur(800), cart["codes"])
    assert alice.delete("/cart/codes/CARTED").status_code == 204
    assert alice.get("/cart").json["codes"] == []  # type: ignore[index]


def test_a_guest_has_codes_that_follow_into_the_account(shop: Shop) -> None:
    coupon(shop, "GUESTS")
    guest = shop.as_guest()
    token = guest.put("/cart/codes/guests").headers["X-Cart-Token"]
    guest = Caller(shop.door, {"X-Cart-Token": token})
    guest.put("/cart/items/MUG", {"quantity": 1})

    assert guest.get("/cart").json["total"] == eur(800)  # type: ignore[index]
    assert guest.post("/cart/quote", {}).json["totals"]["total"] == eur(800)  # type: ignore[index]
    alice = Caller(shop.door, {**somebody(shop).headers, "X-Cart-Token": token})
    assert alice.get("/cart").json["codes"] == [{"code": "GUESTS", "reason": None}]  # type: ignore[index]


PASTED = "pasted 26", "PASTED–26", "\u200bPASTED26\ufeff", "PASTED\u00a026", "ＰＡＳＴＥＤ２６", "pas\u00adted\u201126"


def test_a_code_is_what_is_to_be_seen_of_it(shop: Shop) -> None:
    """Mails and printed pages bring along dashes, blanks and invisible characters of their own."""
    coupon(shop, "PASTED26")
    alice = somebody(shop)
    alice.put("/cart/items/MUG", {"quantity": 1})

    for typed in PASTED:
        assert reasons(alice.post("/cart/quote", {"codes": [typed]})) == {"PASTED26": None}, ascii(typed)
        assert reasons(alice.put(f"/cart/codes/{quote(typed)}")) == {"PASTED26": None}, ascii(typed)
        assert alice.delete(f"/cart/codes/{quote(typed)}").status_code == 204
        assert reasons(alice.get("/cart")) == {}


@pytest.mark.parametrize("bad", ["abc", "x" * 41, "ÄÖÜß", "CO!DE", "a" * 500])
def test_hostile_codes_are_refused(shop: Shop, bad: str) -> None:
    assert refusal(shop.as_guest().put(f"/cart/codes/{bad}")) == (422, "bad_code")


def test_unknown_codes_are_not_stored_and_give_nothing(shop: Shop) -> None:
    alice = somebody(shop)
    alice.put("/cart/items/MUG", {"quantity": 1})

    assert refusal(alice.put("/cart/codes/NOTHING")) == (422, "unknown_code")
    assert alice.get("/cart").json["codes"] == []  # type: ignore[index]
    quoted = alice.post("/cart/quote", {"codes": ["NOTHING"]})
    assert reasons(quoted) == {"NOTHING": "unknown"}


def test_a_cart_has_at_most_five_codes(shop: Shop) -> None:
    alice = somebody(shop)
    for n in range(6):
        coupon(shop, f"FIVE{n}")
    answers = [alice.put(f"/cart/codes/FIVE{n}").status_code for n in range(5)]

    assert answers == [200] * 5
    assert refusal(alice.put("/cart/codes/FIVE5")) == (422, "too_many_codes")
    assert alice.put("/cart/codes/FIVE1").status_code == 200, "the same code twice is one"
    too_many = alice.post("/cart/quote", {"codes": [f"FIVE{n}" for n in range(6)]})
    assert refusal(too_many) == (422, "invalid_request")


def test_the_last_use_is_taken_once_and_comes_back(shop: Shop) -> None:
    coupon(shop, "LASTUSE", total_limit=1)
    alice, bob = somebody(shop), somebody(shop)
    order = ordered(buys(alice, 800, "LASTUSE"))

    late = buys(bob, 800, "LASTUSE")
    assert refusal(late) == (409, "coupon_used_up")
    assert (late.json["coupon"], late.json["total"]) == ("LASTUSE", eur(900))  # type: ignore[index]
    assert reasons(bob.post("/cart/quote", {"items": [{"sku": "MUG", "quantity": 1}], "codes": ["LASTUSE"]})) == {
        "LASTUSE": "used_up"
    }
    alice.post(f"/orders/{order['id']}/cancel")
    assert timeline_of(alice, order["id"])[-1] == "orders: promotions_returned"
    ordered(buys(bob, 800, "LASTUSE"))
    assert used(shop, "lastuse") == (1, 1)


def test_a_code_and_a_customer_have_limits_too(shop: Shop) -> None:
    coupon(shop, "ONCEEACH", per_customer_limit=1)
    coupon(shop, "ONECODE", use_limit=1)
    alice_id = uuid4()
    alice, bob = shop.as_customer(alice_id), somebody(shop)

    order = ordered(buys(alice, 700, "ONCEEACH", "ONECODE"))
    assert refusal(buys(alice, 800, "ONCEEACH")) == (409, "coupon_used_up")
    assert refusal(buys(bob, 800, "ONECODE")) == (409, "coupon_used_up")
    ordered(buys(bob, 800, "ONCEEACH"))
    assert (used_by(shop, "onceeach")[alice_id], code_used(shop, "0NEC0DE")) == (1, 1)
    alice.post(f"/orders/{order['id']}/cancel")
    assert (used_by(shop, "onceeach")[alice_id], code_used(shop, "0NEC0DE")) == (0, 0)
    ordered(buys(alice, 700, "ONCEEACH", "ONECODE"))


def test_a_first_order_is_the_first(shop: Shop) -> None:
    coupon(shop, "FIRST", first_order=True, per_customer_limit=1)
    alice, bob = somebody(shop), somebody(shop)

    ordered(buys(alice, 900))
    assert refusal(buys(alice, 800, "FIRST")) == (409, "price_changed")
    ordered(buys(bob, 800, "FIRST"))


def test_the_same_request_takes_one_use(shop: Shop) -> None:
    coupon(shop, "TWICE", total_limit=5)
    alice = somebody(shop)

    first, second = (ordered(buys(alice, 800, "TWICE", key="the same")) for _ in range(2))

    assert first == second
    assert used(shop, "twice") == (1, 1)


def test_a_whole_discount_is_paid_without_a_payment_and_stays_spent(shop: Shop) -> None:
    coupon(shop, "FREEBIE", kind="percent", ppm=1_000_000, total_limit=1)
    alice = somebody(shop)
    order = ordered(buys(alice, 0, "FREEBIE"))

    shop.receives(StockReserved(order_id=order["id"], version=1))
    paid = seen_by_staff(shop, order["id"])
    alice.post(f"/orders/{order['id']}/cancel")

    assert paid["status"] == "paid"
    assert seen_by_staff(shop, order["id"])["status"] == "refunded"
    assert used(shop, "freebie") == (1, 1)


def test_a_total_that_nobody_can_charge_is_refused(shop: Shop) -> None:
    coupon(shop, "TOOMUCH", value=[eur(890)])

    assert refusal(buys(somebody(shop), 10, "TOOMUCH")) == (422, "total_too_small")


def test_an_automatic_promotion_needs_no_code(shop: Shop) -> None:
    shop.offers("VASE", Money(2000, "EUR"))
    target = {"skus": ["VASE"]}
    promotion(shop, "vases", "percent", ppm=100_000, target=target, automatic=True, total_limit=1)
    alice, bob = somebody(shop), somebody(shop)

    ordered(buys(alice, 1800, sku="VASE"))

    late = buys(bob, 1800, sku="VASE")
    assert (refusal(late), late.json["total"]) == ((409, "price_changed"), eur(2000))  # type: ignore[index]


def test_the_order_of_codes_does_not_matter(shop: Shop) -> None:
    coupon(shop, "HALFOFF", kind="percent", ppm=500_000, combines="alone")
    coupon(shop, "EUROOFF")
    item = {"items": [{"sku": "MUG", "quantity": 1}]}

    both = [
        shop.as_guest().post("/cart/quote", {**item, "codes": codes}).json
        for codes in (["HALFOFF", "EUROOFF"], ["EUROOFF", "HALFOFF"])
    ]

    assert both[0] == both[1]
    assert both[0]["codes"] == [  # type: ignore[index]
        {"code": "EUROOFF", "reason": "not_with_others"},
        {"code": "HALFOFF", "reason": None},
    ]


def test_a_promotion_is_for_a_product_or_for_a_category_and_what_is_below_it(shop: Shop) -> None:
    product = str(uuid4())
    for sku, of, category in (("JUG", product, ""), ("CUP", str(uuid4()), "home/kitchen/cups")):
        about = {"sku": sku, "product_id": of, "name": sku, "price": 900, "currency": "EUR", "on_sale": True}
        shop.receives(OfferChanged(**about, category=category, version=1, revision=2))  # type: ignore[arg-type]
    coupon(shop, "KITCHEN", target={"categories": ["kitchen"]})
    coupon(shop, "JUGS", target={"products": [product]})
    items = [{"sku": sku, "quantity": 1} for sku in ("CUP", "JUG", "MUG")]

    quote: Any = shop.as_guest().post("/cart/quote", {"items": items, "codes": ["KITCHEN", "JUGS"]}).json

    assert {line["sku"]: line["discount"]["amount"] for line in quote["lines"]} == {"CUP": 100, "JUG": 100, "MUG": 0}


def test_a_discount_for_a_country_stays_there(shop: Shop) -> None:
    coupon(shop, "GERMANS", ship_to=["DE"])
    alice = somebody(shop)
    order = ordered(buys(alice, 800, "GERMANS", shipping_address=BERLIN))
    path = f"/orders/{order['id']}/address"

    assert refusal(alice.patch(path, {"shipping_address": PARIS})) == (409, "address_changes_price")
    assert alice.patch(path, {"shipping_address": {**BERLIN, "line1": "Torstr. 1"}}).status_code == 200
