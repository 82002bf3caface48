"""The metrics of the business: each event is counted once, after its transaction has committed."""

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select

from app.bus import outbox, tables
from app.bus.contracts.catalog import StockReserved
from app.bus.contracts.orders import OrderPlaced
from app.bus.contracts.payments import PaymentCaptured
from app.bus.event import Event, Message, headers_of
from app.jobs import tables as jobs
from app.kernel import clock
from app.kernel.database import count_once_committed
from app.kernel.errors import Stale
from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.conftest import until
from tests.instruments.steps import Series, business, moved, only, page
from tests.journeys.steps import PASSWORD, buys, pays, places, signs_up, stocks
from tests.orders.coupons import buys as buys_with
from tests.orders.coupons import coupon, ordered
from tests.shop import ALICE, Shop

PRICE = Money(900, "EUR")
ITSELF = 'quartet_http_request_seconds_count{method="GET",route="/metrics",status="200"}'


def orders(status: str, reason: str = "") -> str:
    return f'quartet_orders_total{{reason="{reason}",status="{status}"}}'


def payments(status: str) -> str:
    return f'quartet_payments_total{{status="{status}"}}'


def read(shop: Shop) -> Series:
    return page(shop.as_guest())


def message(event: Event, **headers: str) -> Message:
    all_headers = headers_of(event, new_id(), clock.now(), None) | headers
    return Message(topic=event.topic(), key=event.key, headers=all_headers, body=event.to_json())


def test_a_purchase_moves_what_a_purchase_moves_and_nothing_else(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    before = read(shop)

    buys(shop, alice, "MUG", 2, PRICE)

    assert business(moved(before, read(shop))) == {
        orders("placed"): 1,
        orders("awaiting_payment"): 1,
        orders("confirmed"): 1,
        orders("paid"): 1,
        "quartet_order_paid_seconds_count": 1,
        payments("open"): 1,
        payments("authorized"): 1,
        payments("captured"): 1,
        'quartet_revenue_total{currency="EUR"}': 1800,
    }


def test_an_event_that_is_delivered_twice_is_counted_once(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    buys(shop, signs_up(shop, "alice@example.com"), "MUG", 2, PRICE)
    until(lambda: levels_are_published(shop), "the levels of stock are published as well, a little later")
    copies = [copy for module in shop.modules.values() for copy in published_by(module)]
    before = read(shop)

    for copy in copies:
        for consumer in shop.background.consumers:
            if copy.topic in consumer.topics:
                consumer.handle(copy)
    shop.settle()

    changes = moved(before, read(shop))
    assert business(changes) == {}
    assert not [name for name in changes if 'outcome="handled"' in name]
    assert sum(by for name, by in changes.items() if 'outcome="seen"' in name) > 10


def levels_are_published(shop: Shop) -> bool:
    shop.settle()
    with shop.modules["catalog"].database.read() as connection:
        return not connection.execute(select(jobs.jobs).where(jobs.jobs.c.kind == "level")).all()


def published_by(module: Any) -> list[Message]:
    with module.database.read() as connection:
        rows = connection.execute(select(tables.outbox).order_by(tables.outbox.c.position)).all()
    return [outbox.message_of(row) for row in rows]


def test_an_account_is_counted_as_it_is_opened_and_used(shop: Shop) -> None:
    before = read(shop)
    signs_up(shop, "bob@example.com")

    refusals = [("bob@example.com", "wrong"), ("nobody@example.com", "wrong"), ("bob@example.com", PASSWORD)]
    for email, password in refusals:
        shop.as_guest().post("/auth/login", {"email": email, "password": password})

    route = 'code="wrong_credentials",route="/api/v1/auth/login"'
    assert business(moved(before, read(shop))) == {
        "quartet_registrations_total": 1,
        'quartet_sign_ins_total{outcome="accepted"}': 2,
        'quartet_sign_ins_total{outcome="wrong_password"}': 1,
        'quartet_sign_ins_total{outcome="unknown_account"}': 1,
        f"quartet_refusals_total{{{route}}}": 2,
    }


def test_a_limit_is_counted_by_what_came_of_it(shop: Shop) -> None:
    before, customer = read(shop), shop.as_customer(new_id())

    for _ in range(3):
        customer.get("/orders")

    assert only("quartet_limits_total", moved(before, read(shop))) == {
        'quartet_limits_total{limit="read",outcome="allowed"}': 3
    }


def test_a_declined_card_is_counted_by_its_cause_and_a_refund_by_its_amount(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    before = read(shop)
    order_id = places(shop, alice, "MUG", 1, PRICE)

    pays(alice, order_id, "pm_card_chargeDeclinedInsufficientFunds")
    pays(alice, order_id, "pm_card_visa")
    shop.settle()
    paid: Any = shop.as_staff().get(f"/payments?order_id={order_id}").json
    amount = {"amount": {"amount": 400, "currency": "EUR"}, "reason": "chipped"}
    refunded = shop.as_staff().post(f"/payments/{paid['items'][0]['id']}/refunds", amount)
    assert refunded.status_code in {201, 202}, refunded.text
    shop.settle()

    changes = business(moved(before, read(shop)))
    assert changes['quartet_payment_failures_total{cause="insufficient_funds"}'] == 1
    assert changes['quartet_refunded_total{currency="EUR"}'] == 400
    assert changes['quartet_refunds_total{currency="EUR"}'] == 1
    assert changes['quartet_revenue_total{currency="EUR"}'] == 900


def test_a_use_of_a_promotion_is_counted_as_it_is_taken_spent_and_returned(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    coupon(shop, "AUTUMN")
    alice = signs_up(shop, "alice@example.com")
    before = read(shop)

    paid, called_off = (ordered(buys_with(alice, 800, "AUTUMN"))["id"] for _ in range(2))
    shop.settle()
    assert pays(alice, paid, "pm_card_visa").status_code == 200
    assert alice.post(f"/orders/{called_off}/cancel").status_code == 200
    shop.settle()

    assert only("quartet_redemptions_total", moved(before, read(shop))) == {
        'quartet_redemptions_total{state="taken"}': 2,
        'quartet_redemptions_total{state="spent"}': 1,
        'quartet_redemptions_total{state="returned"}': 1,
    }


def test_what_is_sold_out_and_what_is_not_found_are_counted(shop: Shop) -> None:
    before = read(shop)
    stocks(shop, "MUG", PRICE, on_hand=1)
    alice = signs_up(shop, "alice@example.com")
    places(shop, alice, "MUG", 2, PRICE)
    shop.as_guest().get("/products?q=mug")
    shop.as_guest().get("/products?q=teapot")
    shop.as_guest().get("/products")

    changes = business(moved(before, read(shop)))
    assert changes["quartet_products_created_total"] == 1
    assert changes["quartet_stock_rejected_total"] == 1
    assert changes[orders("cancelled", "out_of_stock")] == 1
    assert only("quartet_searches_total", changes) == {
        'quartet_searches_total{found="yes",from="index"}': 1,
        'quartet_searches_total{found="no",from="index"}': 1,
    }


def test_a_repeated_request_is_one_replay_and_no_second_order(shop: Shop) -> None:
    shop.offers("MUG", PRICE)
    alice = shop.as_customer(ALICE)
    before = read(shop)

    for _ in range(3):
        alice.orders({"MUG": 1}, PRICE, key="the same")

    changes = business(moved(before, read(shop)))
    assert changes == {orders("placed"): 1, "quartet_idempotency_replays_total": 2}


def test_what_is_rolled_back_is_not_counted(shop: Shop) -> None:
    before = read(shop)

    for trouble in (RuntimeError, Stale):
        with pytest.raises(trouble), shop.modules["orders"].transaction() as uow:
            uow.publish(placed(), placed())
            raise trouble("it came to nothing")

    assert set(moved(before, read(shop))) <= {ITSELF}


def test_what_is_rolled_back_to_a_savepoint_is_not_counted_and_what_is_around_it_is(shop: Shop) -> None:
    before = read(shop)

    with shop.modules["orders"].transaction() as uow:
        uow.publish(placed())
        with suppress(RuntimeError), uow.connection.begin_nested():
            uow.publish(placed(), placed())
            raise RuntimeError("one row of many is wrong")
        with uow.connection.begin_nested():
            uow.publish(placed())

    assert business(moved(before, read(shop))) == {orders("placed"): 2}


def test_a_count_that_was_never_committed_does_not_wait_for_the_next_commit(shop: Shop) -> None:
    database, registry = shop.modules["orders"].database, []

    with suppress(RuntimeError), database.begin() as connection:
        count_once_committed(connection, lambda: registry.append("rolled back"))
        raise RuntimeError
    with database.begin() as connection:
        count_once_committed(connection, lambda: registry.append("committed"))

    assert registry == ["committed"]


def test_a_batch_that_fails_and_is_handled_one_by_one_is_counted_once(shop: Shop) -> None:
    shop.offers("MUG", PRICE)
    alice = shop.as_customer(ALICE)
    first, second = (str(alice.orders({"MUG": 1}, PRICE).json["id"]) for _ in range(2))  # type: ignore[index]
    too_early = PaymentCaptured(order_id=second, payment_id=str(new_id()), amount=900, currency="EUR", version=1)
    batch = [message(StockReserved(order_id=first, version=1)), message(too_early)]
    consumer = next(each for each in shop.background.consumers if each.name == "orders")
    before = read(shop)

    consumer.settle(batch, lambda done: None)

    changes = moved(before, read(shop))
    assert business(changes) == {orders("awaiting_payment"): 1}
    assert only("quartet_bus_consumed_total", changes) == {
        'quartet_bus_consumed_total{consumer="orders",outcome="handled",type="catalog.stock_reserved.v1"}': 1,
        'quartet_bus_consumed_total{consumer="orders",outcome="parked",type="payments.payment_captured.v1"}': 1,
    }


def placed() -> OrderPlaced:
    order_id = str(new_id())
    fields: dict[str, Any] = dict.fromkeys(OrderPlaced.__dataclass_fields__, 0)
    known = {"order_id": order_id, "customer_id": str(ALICE), "currency": "EUR", "lines": [], "version": 1}
    return OrderPlaced(**{name: known.get(name, value) for name, value in fields.items()})
