"""A nudge publishes what is so, and never after what has become of it: whenever others change the same thing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.bus import tables
from app.bus.contracts.orders import OrderNudged, RefundRequested
from app.bus.contracts.payments import PaymentRefunded
from app.kernel.ids import new_id
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.payments.use_cases.refunds.make_refund import make_refund
from tests.orders.steps import order_in, receives
from tests.payments.steps import captures, gateway_of
from tests.payments.test_nudges import nudge
from tests.races.rivals import coming_between
from tests.servers import fresh_databases
from tests.shop import ALICE, INVOICING, Shop


@pytest.fixture
def paying(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """payments alone, on PostgreSQL."""
    with fresh_databases("payments") as variables:
        shop = Shop(tmp_path, payments, STRIPE_API_BASE=sandbox, **variables)
        yield shop
        shop.close()


@pytest.fixture
def selling(tmp_path: Path) -> Iterator[Shop]:
    """orders alone, on PostgreSQL, with invoices."""
    with fresh_databases("orders") as variables:
        shop = Shop(tmp_path, orders, **INVOICING, **variables)
        yield shop
        shop.close()


def at_every_place(
    shop: Shop, module: str, make: Callable[[], tuple[str, Callable[[], Any], Callable[[], Any]]]
) -> Any:
    """Run the first thing, and the second one between any two of its statements. Yields the id of each order."""
    place, is_over = 0, False
    while not is_over:
        order_id, first, second = make()
        with coming_between(shop.modules[module].database, second, place) as met:
            first()
        if not met.came:
            second()
        yield order_id
        place, is_over = place + 1, not met.came or met.waited
    assert place > 1, "it came at no place at all"


def test_a_report_of_refunds_never_comes_after_a_later_one(paying: Shop) -> None:
    def make() -> tuple[str, Callable[[], Any], Callable[[], Any]]:
        payment, refund_id = captures(paying), str(new_id())
        wanted = {"customer_id": str(ALICE), "refund_id": refund_id, "amount": 667, "currency": "EUR", "version": 9}
        paying.receives(RefundRequested(order_id=payment["order_id"], **wanted))
        transaction, gateway = paying.modules["payments"].transaction, gateway_of(paying)
        return (
            payment["order_id"],
            lambda: paying.receives(nudge(payment["order_id"], "paid")),
            lambda: make_refund(transaction, gateway, UUID(refund_id)),
        )

    for order_id in at_every_place(paying, "payments", make):
        reports = [each for each in paying.published(PaymentRefunded) if each.order_id == order_id]
        assert [each.refunded for each in reports] == sorted(each.refunded for each in reports)
        assert (reports[-1].refunded, reports[-1].of_units[0].state) == (667, "succeeded")


def test_a_nudge_never_comes_after_what_has_become_of_the_order(selling: Shop) -> None:
    def make() -> tuple[str, Callable[[], Any], Callable[[], Any]]:
        alice = selling.as_customer(ALICE)
        order_id = order_in(selling, alice, "paid")
        return order_id, lambda: nudges(selling, order_id), lambda: alice.post(f"/orders/{order_id}/cancel")

    for order_id in at_every_place(selling, "orders", make):
        names, statuses = published(selling, order_id), statuses_of_nudges(selling, order_id)
        assert (names[-1], statuses) in {("order_refunded", ("paid",)), ("order_nudged", ("refunded",))}


def test_a_nudge_requests_no_document_of_a_state_that_is_over(selling: Shop) -> None:
    def make() -> tuple[str, Callable[[], Any], Callable[[], Any]]:
        order_id = order_in(selling, selling.as_customer(ALICE), "paid")
        return order_id, lambda: nudges(selling, order_id), lambda: receives(selling, order_id, "part_refund")

    for order_id in at_every_place(selling, "orders", make):
        selling.settle()
        found: Any = selling.as_staff().get(f"/orders/{order_id}/documents").json
        assert [(each["kind"], each["amount"]["amount"]) for each in found["items"]] == [
            ("invoice", 1800),
            ("credit_note", 500),
        ]


def nudges(shop: Shop, order_id: str) -> None:
    answer = shop.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "it looks odd"})
    assert answer.status_code == 200, answer.text


def published(shop: Shop, order_id: str) -> list[str]:
    """The names of the events about this order, in the order in which they are sent."""
    query = select(tables.outbox.c.type).where(tables.outbox.c.key == order_id).order_by(tables.outbox.c.position)
    with shop.modules["orders"].database.read() as connection:
        return [each.split(".")[1] for each in connection.execute(query).scalars()]


def statuses_of_nudges(shop: Shop, order_id: str) -> tuple[str, ...]:
    return tuple(each.status for each in shop.published(OrderNudged) if each.order_id == order_id)
