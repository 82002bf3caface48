"""A day in the shop, with successes, refusals and failures, so that every metric is counted."""

from datetime import timedelta
from json import dumps
from typing import Any

from sqlalchemy import insert, update

from app.bus import tables
from app.bus.contracts.catalog import OfferChanged
from app.bus.event import MAX_BODY_BYTES
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.orders.infrastructure.tables import orders
from app.ops import tables as ops
from tests.catalog import steps as catalog
from tests.journeys.steps import buys, pays, places, signs_up
from tests.orders import coupons
from tests.orders.shipping import moved, packed
from tests.shop import Caller
from tests.topologies import ShopOnServers

PRICE = Money(900, "EUR")


def opens(shop: ShopOnServers) -> None:
    """Add stock and a coupon, and wait until all modules have consumed the events about it."""
    catalog.stocks(shop, MUG=1000, PEN=1)
    coupons.coupon(shop, "AUTUMN", total_limit=1000)
    shop.settle()


def passes(shop: ShopOnServers, day: int) -> None:
    """One day with every kind of customer."""
    alice = signs_up(shop, f"alice{day}@example.com")
    _looks_around(shop)
    _repeats_an_order(alice)
    _pays_at_the_second_try(shop, alice)
    _is_given_money_back(shop, alice)
    _gets_a_parcel(shop, alice)
    _has_a_coupon(shop, alice)
    _orders_what_comes_to_nothing(shop, alice)
    shop.settle()


def _looks_around(shop: ShopOnServers) -> None:
    guest = shop.as_guest()
    for words in ("mug", "zebra"):
        assert guest.get(f"/products?q={words}").status_code == 200
    assert guest.put("/cart/items/MUG", {"quantity": 1}).status_code == 200
    refused = guest.post("/auth/login", {"email": "mallory@example.com", "password": "a wrong password"})
    assert refused.status_code == 401


def _repeats_an_order(customer: Caller) -> None:
    key = str(new_id())
    first, second = (customer.orders({"MUG": 1}, PRICE, key=key).get_json()["id"] for _ in range(2))
    assert first == second


def _pays_at_the_second_try(shop: ShopOnServers, customer: Caller) -> None:
    order_id = places(shop, customer, "MUG", 1, PRICE)
    assert pays(customer, order_id, "pm_card_chargeDeclined").status_code == 402
    assert pays(customer, order_id, "pm_card_visa").status_code == 200


def _is_given_money_back(shop: ShopOnServers, customer: Caller) -> None:
    order_id = buys(shop, customer, "MUG", 2, PRICE)
    assert customer.post(f"/orders/{order_id}/cancel").get_json()["status"] == "refunded"


def _gets_a_parcel(shop: ShopOnServers, customer: Caller) -> None:
    order_id = buys(shop, customer, "MUG", 1, PRICE)
    moved(shop, order_id, packed(shop, order_id), "dispatch")


def _has_a_coupon(shop: ShopOnServers, customer: Caller) -> None:
    paid, called_off = (coupons.ordered(coupons.buys(customer, 800, "AUTUMN"))["id"] for _ in range(2))
    shop.settle()
    assert pays(customer, paid, "pm_card_visa").status_code == 200
    assert customer.post(f"/orders/{called_off}/cancel").status_code == 200


def _orders_what_comes_to_nothing(shop: ShopOnServers, customer: Caller) -> None:
    places(shop, customer, "PEN", 2, PRICE, settle=False)  # only one is in stock
    called_off, forgotten, uncaptured = (places(shop, customer, "MUG", 1, PRICE, settle=False) for _ in range(3))
    shop.settle()
    assert customer.post(f"/orders/{called_off}/cancel").status_code == 200
    pays(customer, uncaptured, "pm_card_captureFails")
    with shop.modules["orders"].database.begin() as connection:
        an_hour_ago = clock.now() - timedelta(hours=1)
        connection.execute(update(orders).where(orders.c.id == forgotten).values(deadline=an_hour_ago))


def goes_wrong(shop: ShopOnServers) -> None:
    """catalog publishes an unreadable event and one that Kafka refuses; an audit finds a discrepancy. Never settles."""
    found = {"compared": 2, "discrepancies": 1, "report": '["MUG: one too many"]'}
    with shop.modules["catalog"].database.begin() as connection:
        for key, body in (("unreadable", b"{}"), ("too large", b"x" * (MAX_BODY_BYTES * 2))):
            connection.execute(insert(tables.outbox).values(_offer(key, body)))
        connection.execute(insert(ops.audits).values(check="a day", at=clock.now(), **found))


def _offer(key: str, body: bytes) -> dict[str, Any]:
    id, type = new_id(), OfferChanged.event_type()
    headers = dumps({"ce_id": str(id), "ce_type": type})
    row = {"event_id": id, "topic": "catalog", "type": type, "headers": headers, "created_at": clock.now()}
    return row | {"key": key, "body": body}
