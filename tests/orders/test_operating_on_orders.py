"""Staff and the shell nudge and cancel stuck orders; the trail records who did it, and why."""

import getpass
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.bus.contracts.orders import OrderCancelled, OrderNudged
from app.ops import operations
from tests.orders.steps import order_in, receives, status_of, timeline_of
from tests.orders.test_stuck_orders import is_late
from tests.shop import ALICE, SAM, Shop


def trail(shop: Shop) -> list[tuple[str, str, str, str]]:
    """The entries of the trail, the newest first: who, what, which order, why."""
    with shop.modules["orders"].database.read() as connection:
        return [(row.who, row.what, row.subject, row.why) for row in operations.newest(connection, None, 10)]


def flask(shop: Shop, *words: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=["orders", *words])


def operates(shop: Shop, order_id: str, what: str, reason: Any = "the bank says it is paid") -> Any:
    return shop.as_staff().post(f"/ops/orders/{order_id}/{what}", {"reason": reason})


def test_a_nudge_publishes_the_full_state_of_the_order_and_changes_nothing(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "awaiting_payment")
    order: Any = alice.get(f"/orders/{order_id}").json

    answer = operates(shop, order_id, "nudge")

    assert (answer.status_code, answer.json) == (200, {**order, "tax_lines": None})
    assert alice.get(f"/orders/{order_id}").json == order
    [nudged] = shop.published(OrderNudged)
    assert (nudged.order_id, nudged.customer_id, nudged.status) == (order_id, str(ALICE), "awaiting_payment")
    assert [(line.sku, line.quantity, line.unit_price) for line in nudged.lines] == [("MUG", 2, 900)]
    assert (nudged.totals.total, nudged.currency, nudged.version) == (1800, "EUR", order["version"])
    assert nudged.deadline == order["deadline"]
    assert trail(shop) == [(f"user:{SAM}", "nudge order", order_id, "the bank says it is paid")]
    assert timeline_of(alice, order_id)[-1] == "orders: nudged"


def test_the_customer_sees_neither_who_nudged_nor_why(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "placed")
    operates(shop, order_id, "nudge", "a secret")

    reported = alice.get(f"/orders/{order_id}/timeline").text

    assert "nudged" in reported
    assert "a secret" not in reported and str(SAM) not in reported


@pytest.mark.parametrize(("status", "becomes"), [("confirmed", "cancelled"), ("paid", "refunded")])
def test_staff_cancel_with_a_reason_that_is_recorded(shop: Shop, status: str, becomes: str) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, status)

    answer = operates(shop, order_id, "cancel", "  lost in the post\n")

    assert (answer.json["status"], answer.json["reason"]) == (becomes, "cancelled_by_staff")
    assert status_of(alice, order_id) == becomes
    assert trail(shop) == [(f"user:{SAM}", "cancel order", order_id, "lost in the post")]


def test_cancelling_a_cancelled_order_is_answered_the_same_and_not_recorded(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "placed")

    first, again = (operates(shop, order_id, "cancel").json for _ in range(2))

    assert first == again
    assert (len(trail(shop)), len(shop.published(OrderCancelled))) == (1, 1)


@pytest.mark.parametrize("what", ["nudge", "cancel"])
@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": " \n "}, {"reason": "x" * 501}, {"reason": 5}, None])
def test_no_operation_is_done_without_a_reason(shop: Shop, what: str, body: Any) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "placed")

    answer = shop.as_staff().post(f"/ops/orders/{order_id}/{what}", body)

    assert answer.status_code == 422
    assert (trail(shop), shop.published(OrderNudged), shop.published(OrderCancelled)) == ([], [], [])


@pytest.mark.parametrize("what", ["nudge", "cancel"])
def test_an_order_that_is_not_there_is_not_found_and_leaves_no_trail(shop: Shop, what: str) -> None:
    answer = operates(shop, str(uuid4()), what)

    assert (answer.status_code, answer.json["code"]) == (404, "no_such_order")
    assert trail(shop) == []


def test_staff_see_what_is_stuck_with_what_can_be_done(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    late = order_in(shop, alice, "confirmed")
    is_late(shop, late)
    parked = order_in(shop, alice, "placed")
    receives(shop, parked, "payment_captured")

    listed: Any = shop.as_staff().get("/ops/orders/stuck").json

    first, second = listed["items"]
    assert (first["order_id"], first["status"]) == (late, "confirmed")
    assert "payments to capture the money" in first["waits_for"] and "nudge the order" in first["advice"]
    assert (second["order_id"], second["status"]) == (parked, "placed")
    assert "payment_captured.v1, parked as orders/1" in second["waits_for"]
    assert "flask bus parked retry orders/1" in second["advice"]
    assert (listed["next"], listed["more"]) == (None, False)


def test_a_cut_off_list_of_stuck_orders_shows_that_there_are_more(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_ids = {order_in(shop, alice, "awaiting_payment") for _ in range(3)}
    is_late(shop, *order_ids)

    listed: Any = shop.as_staff().get("/ops/orders/stuck?limit=2").json

    assert len({each["order_id"] for each in listed["items"]} & order_ids) == 2
    assert listed["more"] is True


def discards(shop: Shop, order_id: str) -> None:
    """Park an event of this order and discard it."""
    receives(shop, order_id, "payment_captured")
    runner = shop.app.test_cli_runner()
    assert runner.invoke(args=["bus", "parked", "discard", "orders/1", "--reason", "nonsense"]).exit_code == 0


@pytest.mark.parametrize("what", ["nudge", "cancel"])
def test_an_order_with_a_discarded_event_is_stuck_until_it_is_nudged_or_cancelled(shop: Shop, what: str) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "placed")
    discards(shop, order_id)
    assert order_id in flask(shop, "stuck").output

    operates(shop, order_id, what)

    assert flask(shop, "stuck").output == "No order is stuck.\n"


def test_the_shell_nudges_and_cancels_in_the_name_of_its_account(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "awaiting_payment")
    me = f"shell:{getpass.getuser()}"

    nudged = flask(shop, "nudge", order_id, "--reason", "it hangs")
    cancelled = flask(shop, "cancel", order_id, "--reason", "no use")

    assert (nudged.exit_code, cancelled.exit_code) == (0, 0), nudged.output + cancelled.output
    assert f"Order {order_id} is awaiting_payment; it was nudged." in nudged.output
    assert cancelled.output == f"Order {order_id} is cancelled (cancelled_by_staff).\n"
    assert trail(shop) == [(me, "cancel order", order_id, "no use"), (me, "nudge order", order_id, "it hangs")]


@pytest.mark.parametrize(
    "words", [["nudge", "{id}"], ["nudge", "{id}", "--reason", " "], ["cancel", "{id}", "--reason", "x" * 501]]
)
def test_the_shell_does_nothing_without_a_reason_either(shop: Shop, words: list[str]) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "placed")

    result = flask(shop, *(word.format(id=order_id) for word in words))

    assert result.exit_code == 2
    assert trail(shop) == []


@pytest.mark.parametrize("words", [["show"], ["nudge", "--reason", "why"], ["cancel", "--reason", "why"]])
def test_the_shell_reports_that_there_is_no_such_order(shop: Shop, words: list[str]) -> None:
    result = flask(shop, words[0], str(UUID(int=1)), *words[1:])

    assert (result.exit_code, result.output) == (1, f"Error: there is no order {UUID(int=1)}\n")


def test_the_shell_shows_an_order_in_full(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "placed")
    receives(shop, order_id, "payment_captured")

    shown = flask(shop, "show", order_id).output

    for line in (
        f"order      {order_id}",
        "status     placed, version 1",
        "total      18.00 EUR",
        "line       2 × MUG at 9.00 EUR",
        "orders    placed",
        "unhandled  payments.payment_captured.v1, parked as orders/1",
    ):
        assert line in shown, shown
