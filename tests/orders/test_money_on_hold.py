"""CAPTURE=shipment: an order is confirmed, and its money taken when its first goods leave."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from app.bus.contracts.catalog import OfferChanged
from app.bus.contracts.orders import CaptureRequested, OrderCancelled, OrderConfirmed, OrderNudged
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.orders.infrastructure.metrics import measure_orders
from tests.orders.holding import HOLD, authorized, held, holding_shop, requests, sweeps_holds
from tests.orders.shipping import code_of, counts_of, fulfilment_of, moved, moves, packed
from tests.orders.steps import order_in, receives, status_of, sweeps, timeline_of
from tests.orders.test_stuck_orders import stuck
from tests.shop import ALICE, Shop

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def cancelling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with holding_shop(tmp_path_factory.mktemp("cancelling"), "cancel") as shop:
        yield shop


@pytest.fixture(scope="module")
def capturing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with holding_shop(tmp_path_factory.mktemp("capturing"), "capture") as shop:
        yield shop


def test_the_first_dispatch_requests_the_money(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)
    [confirmed] = requests(shop, OrderConfirmed, order_id)
    first, second = packed(shop, order_id, MUG=1), packed(shop, order_id, MUG=1)
    before = requests(shop, CaptureRequested, order_id)

    moved(shop, order_id, first, "dispatch")
    moved(shop, order_id, second, "dispatch")

    [requested] = requests(shop, CaptureRequested, order_id)
    assert (confirmed.capture, before) == ("later", [])
    assert (requested.amount, requested.currency, requested.customer_id) == (1800, "EUR", str(ALICE))
    assert (status_of(alice, order_id), fulfilment_of(alice, order_id)) == ("confirmed", "dispatched")
    assert timeline_of(alice, order_id).count("orders: capture_requested") == 1
    receives(shop, order_id, "payment_captured")
    assert status_of(alice, order_id) == "paid"


def test_its_quarter_of_an_hour_begins_at_dispatch(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)
    sweeps(shop, after=4 * DAY)
    waits: Any = alice.get(f"/orders/{order_id}").json

    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")

    asked: Any = alice.get(f"/orders/{order_id}").json
    assert status_of(alice, order_id) == "confirmed"
    assert waits["deadline"] > asked["deadline"] > str(clock.now().isoformat())[:16]
    moved(shop, order_id, packed(shop, order_id), "dispatch")
    assert alice.get(f"/orders/{order_id}").json["deadline"] == asked["deadline"]  # type: ignore[index]


def test_before_the_first_dispatch_it_can_be_cancelled(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)
    id = packed(shop, order_id)

    assert alice.post(f"/orders/{order_id}/cancel").status_code == 200

    assert status_of(alice, order_id) == "cancelled"
    assert code_of(moves(shop, order_id, id, "dispatch")) == (409, "wrong_state")
    assert requests(shop, CaptureRequested, order_id) == []


def test_after_it_nobody_cancels(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)
    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")

    assert code_of(alice.post(f"/orders/{order_id}/cancel")) == (409, "already_dispatched")
    assert status_of(alice, order_id) == "confirmed"
    assert sweeps_holds(shop, HOLD) == 0


def test_a_capture_that_fails_after_dispatch_ends_the_order(cancelling: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)
    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")
    rest = packed(shop, order_id)

    receives(shop, order_id, "capture_failed")

    assert status_of(alice, order_id) == "cancelled"
    assert counts_of(alice, order_id) == {"MUG": (2, 1, 1, 1)}
    assert code_of(moves(shop, order_id, rest, "dispatch")) == (409, "wrong_state")
    assert "goods have left, and the money could not be captured" in caplog.text


def test_people_are_alerted_48_hours_before_the_hold_ends(cancelling: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)

    sweeps(shop, after=HOLD - 49 * HOUR)
    assert order_id not in caplog.text
    for _ in range(2):
        sweeps(shop, after=HOLD - 47 * HOUR)

    [alert] = [each for each in caplog.messages if order_id in each]
    assert "the hold on its money ends at" in alert
    assert status_of(alice, order_id) == "confirmed"


def test_one_whose_hold_ends_soon_is_listed_as_stuck(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    lasts, ends = held(shop, alice, 3 * DAY), held(shop, alice, DAY)

    lines = stuck(shop)

    assert lasts not in lines
    [line] = [each for each in lines.splitlines() if each.startswith(ends)]
    assert "its first dispatch: the bank holds its money until" in line


def test_two_hours_before_the_end_it_is_cancelled(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)
    id = packed(shop, order_id)

    sweeps_holds(shop, HOLD - 3 * HOUR)
    assert status_of(alice, order_id) == "confirmed"
    sweeps_holds(shop, HOLD - HOUR)

    assert status_of(alice, order_id) == "cancelled"
    assert [each.reason for each in requests(shop, OrderCancelled, order_id)] == ["hold_ended"]
    assert code_of(moves(shop, order_id, id, "dispatch")) == (409, "wrong_state")


def test_or_its_money_is_taken_and_it_is_dispatched_later(capturing: Shop) -> None:
    shop, alice = capturing, capturing.as_customer(ALICE)
    order_id = held(shop, alice)

    for _ in range(2):
        sweeps_holds(shop, HOLD - HOUR)

    assert len(requests(shop, CaptureRequested, order_id)) == 1
    assert status_of(alice, order_id) == "confirmed"
    receives(shop, order_id, "payment_captured")
    moved(shop, order_id, packed(shop, order_id), "dispatch")
    assert (status_of(alice, order_id), fulfilment_of(alice, order_id)) == ("paid", "dispatched")
    assert len(requests(shop, CaptureRequested, order_id)) == 1


def test_a_hold_of_unknown_length_is_taken_for_a_short_one(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice, hold=None)

    sweeps_holds(shop, 4 * DAY)
    assert status_of(alice, order_id) == "confirmed"
    sweeps_holds(shop, 4 * DAY + 17 * HOUR)

    assert status_of(alice, order_id) == "cancelled"


def test_its_end_may_be_reported_later(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice, hold=None)

    shop.receives(authorized(order_id, clock.now() + HOLD))
    shop.receives(authorized(order_id, None))
    sweeps_holds(shop, 4 * DAY + 17 * HOUR)

    assert status_of(alice, order_id) == "confirmed"
    sweeps_holds(shop, HOLD)
    assert status_of(alice, order_id) == "cancelled"


def test_what_the_bank_has_released_does_not_leave(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)
    id = packed(shop, order_id)

    shop.receives(authorized(order_id, clock.now() - HOUR))

    assert code_of(moves(shop, order_id, id, "dispatch")) == (409, "not_paid")
    assert requests(shop, CaptureRequested, order_id) == []


def test_a_method_that_takes_the_money_at_once_is_paid(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice, hold=None)

    receives(shop, order_id, "payment_captured")
    moved(shop, order_id, packed(shop, order_id), "dispatch")

    assert status_of(alice, order_id) == "paid"
    assert requests(shop, CaptureRequested, order_id) == []


def test_a_nudge_says_whether_the_money_is_to_be_taken(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)
    nudge = {"reason": "it waits"}

    assert shop.as_staff().post(f"/ops/orders/{order_id}/nudge", nudge).status_code == 200
    moved(shop, order_id, packed(shop, order_id), "dispatch")
    assert shop.as_staff().post(f"/ops/orders/{order_id}/nudge", nudge).status_code == 200

    assert [each.capture for each in requests(shop, OrderNudged, order_id)] == ["later", "now"]


def test_an_order_of_before_the_setting_is_paid_as_it_was_placed(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "confirmed")

    [confirmed] = requests(shop, OrderConfirmed, order_id)
    assert confirmed.capture == "now"
    assert sweeps_holds(shop, 30 * DAY) == 0


def test_what_does_not_ship_is_paid_at_once(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    shop.receives(
        OfferChanged(
            sku="EBOOK", product_id=str(new_id()), name="E-book", price=500, currency="EUR", on_sale=True, version=1,
            ships=False,
        )
    )  # fmt: skip
    order_id = str(alice.orders({"EBOOK": 1}, Money(500, "EUR")).json["id"])  # type: ignore[index]

    receives(shop, order_id, "stock_reserved", "payment_authorized")

    assert [each.capture for each in requests(shop, OrderConfirmed, order_id)] == ["now"]


def test_they_are_counted_by_whether_they_end_soon(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)

    def measured(hold: str) -> float:
        with shop.modules["orders"].database.read() as connection:
            measure_orders(connection, clock.now())
        return REGISTRY.get_sample_value("quartet_orders_on_hold", {"hold": hold}) or 0

    lasts, ends = measured("lasts"), measured("ends")
    held(shop, alice)
    for _ in range(2):
        held(shop, alice, HOUR)

    assert (measured("lasts"), measured("ends")) == (lasts + 1, ends + 2)


def test_the_shell_shows_until_when_the_bank_holds_the_money(cancelling: Shop) -> None:
    shop, alice = cancelling, cancelling.as_customer(ALICE)
    order_id = held(shop, alice)
    shown = shop.app.test_cli_runner().invoke(args=["orders", "show", order_id]).output
    moved(shop, order_id, packed(shop, order_id, MUG=1), "dispatch")
    later = shop.app.test_cli_runner().invoke(args=["orders", "show", order_id]).output

    assert "capture    later, on hold until 20" in shown
    assert "capture    requested\n" in later
