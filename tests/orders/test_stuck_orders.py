"""`flask orders stuck`: which orders are stuck, since when, and what they wait for."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from app.kernel import clock
from app.modules.orders.infrastructure.tables import orders
from tests.orders.steps import order_in, receives, status_of, sweeps
from tests.shop import ALICE, Shop


def stuck(shop: Shop) -> str:
    """The output of the command."""
    result = shop.app.test_cli_runner().invoke(args=["orders", "stuck"])
    assert result.exit_code == (0 if result.output == "No order is stuck.\n" else 1), result.output
    return result.output


def is_late(shop: Shop, *order_ids: str) -> None:
    """Move their deadlines into the past, without running a sweep."""
    late = orders.c.id.in_([UUID(each) for each in order_ids])
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(update(orders).where(late).values(deadline=clock.now() - timedelta(hours=1)))


def test_without_stuck_orders_the_command_says_so(shop: Shop) -> None:
    order_in(shop, shop.as_customer(ALICE), "paid")
    order_in(shop, shop.as_customer(ALICE), "awaiting_payment")

    assert stuck(shop) == "No order is stuck.\n"


def test_an_order_past_its_deadline_is_listed_with_what_it_waits_for(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "awaiting_payment")
    is_late(shop, order_id)

    [_, line] = stuck(shop).splitlines()

    assert line.startswith(order_id)
    assert "awaiting_payment" in line and "the customer's payment, or the deadline sweep" in line


def test_a_confirmed_order_that_is_not_captured_is_never_cancelled_by_a_deadline(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "confirmed")
    is_late(shop, order_id)

    for _ in range(2):  # people are alerted once; it is listed until somebody acts
        sweeps(shop, after=timedelta())

    assert status_of(alice, order_id) == "confirmed"
    [_, line] = stuck(shop).splitlines()
    assert order_id in line and "never cancelled by a deadline" in line


def test_an_order_with_a_parked_event_is_listed(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "placed")
    receives(shop, order_id, "payment_captured")  # a captured payment of an order whose stock is not held yet

    [_, line] = stuck(shop).splitlines()

    assert line.startswith(order_id)
    assert "payments.payment_captured.v1, parked as orders/1" in line


def test_an_order_with_a_discarded_event_is_listed_with_the_name_and_reason(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "placed")
    receives(shop, order_id, "payment_captured")
    runner = shop.app.test_cli_runner()
    runner.invoke(args=["bus", "parked", "discard", "orders/1", "--reason", "paid by bank transfer"])

    [_, line] = stuck(shop).splitlines()

    assert "discarded by" in line and "paid by bank transfer" in line


def test_an_event_about_an_unknown_order_is_listed_too(shop: Shop) -> None:
    unknown = "0195d1a0-0000-7000-8000-0000000000ff"
    receives(shop, unknown, "stock_reserved")

    [_, line] = stuck(shop).splitlines()

    assert unknown in line and "unknown here" in line
