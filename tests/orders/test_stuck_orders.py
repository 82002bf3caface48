"""`flask orders stuck`: what does not move, since when, and what it waits for."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from app.kernel import clock
from app.modules.orders.infrastructure.tables import orders
from tests.orders.steps import order_in, receives, status_of, sweeps
from tests.shop import ALICE, Shop


def stuck(shop: Shop) -> str:
    """What the command prints."""
    result = shop.app.test_cli_runner().invoke(args=["orders", "stuck"])
    assert result.exit_code == (0 if result.output == "No order is stuck.\n" else 1), result.output
    return result.output


def is_late(shop: Shop, *order_ids: str) -> None:
    """Their deadline has passed, and no clock has looked yet."""
    these = orders.c.id.in_([UUID(each) for each in order_ids])
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(update(orders).where(these).values(deadline=clock.now() - timedelta(hours=1)))


def test_where_every_order_moves_it_says_so(shop: Shop) -> None:
    order_in(shop, shop.as_customer(ALICE), "paid")
    order_in(shop, shop.as_customer(ALICE), "awaiting_payment")

    assert stuck(shop) == "No order is stuck.\n"


def test_an_order_past_its_deadline_is_listed_with_what_it_waits_for(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "awaiting_payment")
    is_late(shop, order_id)

    [_, line] = stuck(shop).splitlines()

    assert line.startswith(order_id)
    assert "awaiting_payment" in line and "the customer's payment, or the deadline sweep" in line


def test_a_confirmed_order_whose_money_does_not_come_is_never_undone_by_a_clock(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "confirmed")
    is_late(shop, order_id)

    for _ in range(2):  # alerted once, listed until somebody has looked
        sweeps(shop, after=timedelta())

    assert status_of(alice, order_id) == "confirmed"
    [_, line] = stuck(shop).splitlines()
    assert order_id in line and "a person has to look" in line


def test_an_order_whose_event_could_not_be_handled_is_listed_until_it_is(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "placed")
    receives(shop, order_id, "payment_captured")  # money for an order that has no stock yet

    [_, line] = stuck(shop).splitlines()

    assert line.startswith(order_id)
    assert "payments.payment_captured.v1, parked as orders/1" in line


def test_what_a_person_gave_up_on_stays_with_their_name_and_reason(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "placed")
    receives(shop, order_id, "payment_captured")
    runner = shop.app.test_cli_runner()
    runner.invoke(args=["bus", "parked", "discard", "orders/1", "--reason", "paid by bank transfer"])

    [_, line] = stuck(shop).splitlines()

    assert "discarded by" in line and "paid by bank transfer" in line


def test_an_event_about_an_order_that_is_not_here_is_listed_too(shop: Shop) -> None:
    unknown = "0195d1a0-0000-7000-8000-0000000000ff"
    receives(shop, unknown, "stock_reserved")

    [_, line] = stuck(shop).splitlines()

    assert unknown in line and "unknown here" in line
