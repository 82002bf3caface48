"""CAPTURE=shipment over all four modules: the bank holds the money until the first dispatch, for seven days."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.kernel.money import Money
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.journeys.steps import assert_consistent, buys, signs_up, stock_of, stocks
from tests.orders.holding import sweeps_holds
from tests.orders.shipping import moved, packed
from tests.payments.steps import moves_clock, sandbox_state
from tests.servers import fresh_databases
from tests.shop import Caller, Shop
from tests.users.conftest import CHEAP

MUG = Money(900, "EUR")
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


@contextmanager
def holding(folder: Path, sandbox: str, at_hold_end: str, *, on_servers: bool) -> Iterator[Shop]:
    with fresh_databases("catalog", "orders", "payments", "users") if on_servers else nullcontext({}) as databases:
        made = (catalog, orders, payments, partial(users, passwords=CHEAP))
        variables = {"CAPTURE": "shipment", "AT_HOLD_END": at_hold_end, "STRIPE_API_BASE": sandbox, **databases}
        shop = Shop(folder, *made, **variables)
        stocks(shop, "MUG", MUG, 9)
        yield shop
        shop.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)])
def cancelling(request: pytest.FixtureRequest, tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """It cancels what nobody has dispatched in time."""
    with holding(tmp_path, sandbox, "cancel", on_servers=request.param == "postgresql") as shop:
        yield shop


@pytest.fixture
def capturing(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """It takes the money of what nobody has dispatched in time."""
    with holding(tmp_path, sandbox, "capture", on_servers=False) as shop:
        yield shop


def seen(buyer: Caller, order_id: str) -> tuple[str, str]:
    """The status of the order, and that of its payment."""
    order: Any = buyer.get(f"/orders/{order_id}").json
    payment: Any = buyer.get(f"/payments?order_id={order_id}").json
    return order["status"], payment["items"][0]["status"]


def test_dispatched_on_the_sixth_day_it_is_captured(cancelling: Shop) -> None:
    shop, buyer = cancelling, signs_up(cancelling, "alice@example.com")
    order_id = buys(shop, buyer, "MUG", 2, MUG)
    before = seen(buyer, order_id)
    moves_clock(shop, WEEK - 24 * HOUR)

    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")
    shop.settle()

    assert before == ("confirmed", "authorized")
    assert seen(buyer, order_id) == ("paid", "captured")
    moved(shop, order_id, packed(shop, order_id), "dispatch")
    shop.settle()
    assert sandbox_state(shop)["captures_by_order"] == {order_id: 1}
    assert shop.parked() == 0
    assert_consistent(shop)


def test_not_dispatched_by_the_seventh_it_is_cancelled(cancelling: Shop) -> None:
    shop, buyer = cancelling, signs_up(cancelling, "alice@example.com")
    order_id = buys(shop, buyer, "MUG", 2, MUG)
    packed(shop, order_id)

    sweeps_holds(shop, WEEK - HOUR)
    shop.settle()

    assert seen(buyer, order_id) == ("cancelled", "cancelled")
    assert stock_of(shop, "MUG") == (9, 0)
    assert_consistent(shop)


def test_or_captured_where_that_is_set(capturing: Shop) -> None:
    shop, buyer = capturing, signs_up(capturing, "alice@example.com")
    order_id = buys(shop, buyer, "MUG", 2, MUG)

    sweeps_holds(shop, WEEK - HOUR)
    shop.settle()

    assert seen(buyer, order_id) == ("paid", "captured")
    moved(shop, order_id, packed(shop, order_id), "dispatch")
    shop.settle()
    assert sandbox_state(shop)["captures_by_order"] == {order_id: 1}
    assert_consistent(shop)


def test_cancelled_before_dispatch_the_bank_lets_go(cancelling: Shop) -> None:
    shop, buyer = cancelling, signs_up(cancelling, "alice@example.com")
    order_id = buys(shop, buyer, "MUG", 2, MUG)

    assert buyer.post(f"/orders/{order_id}/cancel").status_code == 200
    shop.settle()

    assert seen(buyer, order_id) == ("cancelled", "cancelled")
    [intent] = sandbox_state(shop)["intents"]
    assert intent["status"] == "canceled"
    assert stock_of(shop, "MUG") == (9, 0)
    assert_consistent(shop)


def test_when_the_shop_slept_too_long_the_order_ends(cancelling: Shop) -> None:
    """Its goods leave on the eighth day: the bank has released the money, so the rest stays here and the order ends."""
    shop, buyer = cancelling, signs_up(cancelling, "alice@example.com")
    order_id = buys(shop, buyer, "MUG", 2, MUG)
    moves_clock(shop, WEEK + HOUR)

    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")
    shop.settle()

    assert seen(buyer, order_id) == ("cancelled", "failed")
    assert stock_of(shop, "MUG") == (8, 0)
    assert_consistent(shop)


def test_lost_events_are_mended_by_a_nudge(cancelling: Shop) -> None:
    shop, buyer = cancelling, signs_up(cancelling, "alice@example.com")
    order_id = buys(shop, buyer, "MUG", 2, MUG)
    moved(shop, order_id, packed(shop, order_id), "dispatch")
    with shop.modules["orders"].database.begin() as connection:  # payments never learns that it was dispatched
        connection.exec_driver_sql("DELETE FROM outbox WHERE published_at IS NULL")
    shop.settle()
    lost = seen(buyer, order_id)

    assert shop.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "it waits"}).status_code == 200
    shop.settle()

    assert (lost, seen(buyer, order_id)) == (("confirmed", "authorized"), ("paid", "captured"))
    assert_consistent(shop)
