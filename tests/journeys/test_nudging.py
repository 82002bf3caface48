"""A nudge completes an order of which any event was lost. It has no effect twice, and does not revive ended orders."""

import json
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update

from app.kernel.money import Money
from app.modules.catalog.infrastructure import tables as of_catalog
from app.modules.orders.infrastructure.tables import orders
from app.modules.payments.infrastructure.tables import payments, refunds
from app.ops.tables import operations
from tests.journeys.losing import Losses
from tests.journeys.steps import assert_consistent, pays, places, signs_up, stock_of, stocks
from tests.orders.steps import status_of, sweeps
from tests.shop import Caller, Shop

PRICE = Money(900, "EUR")
PURCHASE = [
    ("catalog", "order_placed"),
    ("orders", "stock_reserved"),
    ("payments", "payment_requested"),
    ("orders", "payment_started"),
    ("orders", "payment_authorized"),
    ("catalog", "order_confirmed"),
    ("payments", "order_confirmed"),
    ("orders", "stock_sold"),
    ("orders", "payment_captured"),
]
CALLED_OFF = [
    ("catalog", "order_cancelled"),
    ("payments", "order_cancelled"),
    ("orders", "stock_released"),
    ("orders", "payment_cancelled"),
]
UNDONE = [
    ("catalog", "order_refunded"),
    ("payments", "order_refunded"),
    ("orders", "stock_returned"),
    ("orders", "payment_refunded"),
]


@pytest.fixture
def alice(embedded: Shop) -> Caller:
    """A customer of a shop that has five mugs."""
    stocks(embedded, "MUG", PRICE, on_hand=5)
    return signs_up(embedded, "alice@example.com")


@pytest.fixture
def losses(embedded: Shop, alice: Caller) -> Losses:
    """Loses nothing until a test calls `begin`."""
    return Losses(embedded)


def nudges(shop: Shop, order_id: str) -> None:
    """Nudge an order as staff, and settle."""
    answer = shop.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "it does not move"})
    assert answer.status_code == 200, answer.text
    shop.settle()


def pays_if_asked(shop: Shop, customer: Caller, order_id: str) -> None:
    found: Any = customer.get(f"/payments?order_id={order_id}").json
    if found["items"]:
        pays(customer, order_id, "pm_card_visa")
        shop.settle()


def captures(shop: Shop) -> dict[str, int]:
    with urlopen(f"{shop.own['payments'].stripe_base}/sandbox/state", timeout=60) as state:
        captured: dict[str, int] = json.load(state)["captures_by_order"]
        return captured


def is_paid_once(shop: Shop, customer: Caller, order_id: str) -> None:
    assert status_of(customer, order_id) == "paid"
    assert captures(shop) == {order_id: 1}
    assert stock_of(shop, "MUG") == (3, 0)
    assert shop.parked() == 0
    assert_consistent(shop)


def test_these_are_all_events_of_a_purchase(embedded: Shop, alice: Caller, losses: Losses) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    pays_if_asked(embedded, alice, order_id)

    about_the_order = {
        (consumer, name) for consumer, name in losses.consumed if name not in {"stock_level_changed", "order_paid"}
    }
    subscribed = {
        (name, event.event_name.split(".")[1])
        for name, module in embedded.modules.items()
        for event in module.all_subscriptions
    }
    assert about_the_order & subscribed == set(PURCHASE)


@pytest.mark.parametrize(("consumer", "name"), PURCHASE)
def test_a_nudge_makes_up_for_any_lost_event_of_a_purchase(
    embedded: Shop, alice: Caller, losses: Losses, consumer: str, name: str
) -> None:
    losses.begin(consumer, name)
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    pays_if_asked(embedded, alice, order_id)
    losses.end()

    nudges(embedded, order_id)
    pays_if_asked(embedded, alice, order_id)
    nudges(embedded, order_id)

    assert losses.lost
    is_paid_once(embedded, alice, order_id)


@pytest.mark.parametrize(("consumer", "name"), CALLED_OFF)
def test_a_nudge_makes_up_for_any_lost_event_of_a_cancelled_order(
    embedded: Shop, alice: Caller, losses: Losses, consumer: str, name: str
) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    losses.begin(consumer, name)
    alice.post(f"/orders/{order_id}/cancel")
    embedded.settle()
    losses.end()

    nudges(embedded, order_id)

    assert losses.lost
    assert (status_of(alice, order_id), stock_of(embedded, "MUG"), captures(embedded)) == ("cancelled", (5, 0), {})
    assert embedded.parked() == 0
    assert_consistent(embedded)


@pytest.mark.parametrize(("consumer", "name"), UNDONE)
def test_a_nudge_makes_up_for_any_lost_event_of_a_refunded_order(
    embedded: Shop, alice: Caller, losses: Losses, consumer: str, name: str
) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    pays_if_asked(embedded, alice, order_id)
    losses.begin(consumer, name)
    alice.post(f"/orders/{order_id}/cancel")
    embedded.settle()
    losses.end()

    nudges(embedded, order_id)
    nudges(embedded, order_id)

    assert losses.lost
    assert (status_of(alice, order_id), stock_of(embedded, "MUG")) == ("refunded", (5, 0))
    assert money_back(embedded) == (1800, 1)
    assert embedded.parked() == 0
    assert_consistent(embedded)


def money_back(shop: Shop) -> tuple[int, int]:
    """The refunded amount, and the number of refunds."""
    with shop.modules["payments"].database.read() as connection:
        amount = connection.execute(select(func.sum(payments.c.refunded))).scalar_one()
        return int(amount), connection.execute(select(func.count()).select_from(refunds)).scalar_one()


def test_a_nudge_makes_up_for_a_lost_refund_by_staff(embedded: Shop, alice: Caller, losses: Losses) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    pays_if_asked(embedded, alice, order_id)
    [payment] = embedded.as_staff().get(f"/payments?order_id={order_id}").json["items"]  # type: ignore[index]
    losses.begin("orders", "payment_refunded")
    embedded.as_staff().post(f"/payments/{payment['id']}/refunds", {"reason": "all of it"})
    embedded.settle()
    losses.end()
    assert status_of(alice, order_id) == "paid"

    nudges(embedded, order_id)

    assert (status_of(alice, order_id), stock_of(embedded, "MUG")) == ("refunded", (5, 0))
    assert (money_back(embedded), embedded.parked()) == ((1800, 1), 0)
    assert_consistent(embedded)


def test_a_nudge_makes_up_for_a_lost_rejection_of_stock(embedded: Shop, alice: Caller, losses: Losses) -> None:
    losses.begin("orders", "stock_rejected")
    order_id = places(embedded, alice, "MUG", 6, PRICE)
    losses.end()

    nudges(embedded, order_id)

    assert (status_of(alice, order_id), embedded.parked()) == ("cancelled", 0)


def test_a_nudge_makes_up_for_a_lost_failure_of_a_capture(embedded: Shop, alice: Caller, losses: Losses) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    losses.begin("orders", "capture_failed")
    pays(alice, order_id, "pm_card_captureFails")
    embedded.settle()
    losses.end()
    assert status_of(alice, order_id) == "confirmed"

    nudges(embedded, order_id)

    assert (status_of(alice, order_id), stock_of(embedded, "MUG"), embedded.parked()) == ("cancelled", (5, 0), 0)
    assert_consistent(embedded)


def test_a_nudge_finds_a_payment_that_only_stripe_has(embedded: Shop, alice: Caller) -> None:
    """The response of Stripe was lost, and no webhook arrived."""
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    fault = json.dumps({"kind": "lose_answer", "action": "confirm"}).encode()
    request = Request(
        f"{embedded.own['payments'].stripe_base}/sandbox/faults", fault, {"Content-Type": "application/json"}
    )
    urlopen(request, timeout=60).close()
    assert pays(alice, order_id, "pm_card_visa").status_code == 503
    embedded.settle()
    assert status_of(alice, order_id) == "awaiting_payment"

    nudges(embedded, order_id)

    is_paid_once(embedded, alice, order_id)


@pytest.mark.parametrize("status", ["placed", "awaiting_payment", "confirmed"])
def test_a_paid_order_that_was_restored_from_a_backup_becomes_paid_without_a_new_payment(
    embedded: Shop, alice: Caller, status: str
) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    pays_if_asked(embedded, alice, order_id)
    is_restored(embedded, order_id, status)

    nudges(embedded, order_id)

    is_paid_once(embedded, alice, order_id)


def is_restored(shop: Shop, order_id: str, status: str) -> None:
    """Set the order in orders back to this status, as a backup would."""
    with shop.modules["orders"].database.begin() as connection:
        deadline = connection.execute(select(orders.c.placed_at)).scalar_one()
        this = update(orders).where(orders.c.id == UUID(order_id))
        connection.execute(this.values(status=status, reason=None, deadline=deadline))


@pytest.mark.parametrize("status", ["placed", "awaiting_payment"])
def test_a_cancelled_order_that_was_restored_is_not_revived_and_is_cancelled_again(
    embedded: Shop, alice: Caller, status: str
) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    alice.post(f"/orders/{order_id}/cancel")
    embedded.settle()
    is_restored(embedded, order_id, status)

    nudges(embedded, order_id)
    assert (status_of(alice, order_id), stock_of(embedded, "MUG")) == (status, (5, 0))
    sweeps(embedded, after=timedelta())
    embedded.settle()

    assert (status_of(alice, order_id), stock_of(embedded, "MUG")) == ("cancelled", (5, 0))
    assert (captures(embedded), embedded.parked()) == ({}, 0)
    assert_consistent(embedded)


@pytest.mark.parametrize("status", ["confirmed", "paid"])
def test_a_refunded_order_that_was_restored_becomes_refunded_again(embedded: Shop, alice: Caller, status: str) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    pays_if_asked(embedded, alice, order_id)
    alice.post(f"/orders/{order_id}/cancel")
    embedded.settle()
    is_restored(embedded, order_id, status)

    nudges(embedded, order_id)

    assert (status_of(alice, order_id), stock_of(embedded, "MUG")) == ("refunded", (5, 0))
    assert (money_back(embedded), embedded.parked()) == ((1800, 1), 0)
    assert_consistent(embedded)


def test_stock_whose_reservation_catalog_has_lost_is_held_again(embedded: Shop, alice: Caller) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    with embedded.modules["catalog"].database.begin() as connection:
        connection.execute(delete(of_catalog.holds))
        connection.execute(delete(of_catalog.reservations))
        connection.execute(update(of_catalog.stock).values(held=0))

    nudges(embedded, order_id)
    assert stock_of(embedded, "MUG") == (5, 2)
    pays_if_asked(embedded, alice, order_id)

    is_paid_once(embedded, alice, order_id)


def test_a_payment_that_payments_has_lost_is_found_at_stripe_and_not_created_again(
    embedded: Shop, alice: Caller, losses: Losses
) -> None:
    order_id = places(embedded, alice, "MUG", 2, PRICE)
    losses.begin("payments", "order_confirmed")
    pays_if_asked(embedded, alice, order_id)
    losses.end()
    with embedded.modules["payments"].database.begin() as connection:
        connection.execute(delete(payments))

    nudges(embedded, order_id)

    is_paid_once(embedded, alice, order_id)
    with urlopen(f"{embedded.own['payments'].stripe_base}/sandbox/state", timeout=60) as state:
        assert len(json.load(state)["intents"]) == 1


def test_a_nudge_of_a_consistent_order_changes_nothing(shop: Shop) -> None:
    stocks(shop, "MUG", PRICE, on_hand=5)
    alice = signs_up(shop, "alice@example.com")
    order_id = places(shop, alice, "MUG", 2, PRICE)
    nudges(shop, order_id)
    assert (status_of(alice, order_id), stock_of(shop, "MUG")) == ("awaiting_payment", (5, 2))
    pays_if_asked(shop, alice, order_id)
    before: Any = alice.get(f"/orders/{order_id}").json

    for _ in range(3):
        nudges(shop, order_id)

    assert alice.get(f"/orders/{order_id}").json == before
    is_paid_once(shop, alice, order_id)
    with shop.modules["orders"].database.read() as connection:
        assert connection.execute(select(func.count()).select_from(operations)).scalar_one() == 4
