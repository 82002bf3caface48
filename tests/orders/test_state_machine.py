"""Every cell of the state machine of an order, checked in the domain."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.modules.orders.domain.carts.basket import RequestedItem
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.domain.carts.price import price
from app.modules.orders.domain.orders.order import Order, PaymentWindow, after
from app.modules.orders.domain.orders.state_machine import Status, Trigger, Unchanged, outcome

TRIGGERS = [str(trigger) for trigger in Trigger]
TABLE = """
placed          |awaiting_payment|cancelled|raise    |raise  |raise    |raise   |cancelled|cancelled|raise   |raise
awaiting_payment|ignored         |raise    |confirmed|raise  |raise    |recorded|cancelled|cancelled|raise   |cancelled
confirmed       |ignored         |raise    |ignored  |paid   |cancelled|ignored |recorded |cancelled|raise   |cancelled
paid            |ignored         |raise    |ignored  |ignored|raise    |ignored |ignored  |refunded |refunded|ignored
cancelled       |ignored         |ignored  |ignored  |ignored|ignored  |ignored |ignored  |ignored  |ignored |ignored
refunded        |ignored         |ignored  |ignored  |ignored|ignored  |ignored |ignored  |ignored  |ignored |ignored
"""
CELLS = [
    (cells[0], trigger, expected)
    for row in TABLE.strip().splitlines()
    for cells in [[cell.strip() for cell in row.split("|")]]
    for trigger, expected in zip(TRIGGERS, cells[1:], strict=True)
]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TIMEOUT = PaymentWindow(timedelta(minutes=30), timedelta(hours=2))
MUG = Offer(sku="MUG", name="Mug", price=Money(900, "EUR"), on_sale=True, version=1)
PRICED = price({"MUG": RequestedItem(2)}, {"MUG": MUG})
PLACED = Order(
    id=UUID(int=1),
    customer_id=UUID(int=2),
    lines=PRICED.lines,
    totals=PRICED.totals,
    placed_at=NOW,
    deadline=TIMEOUT.deadline(NOW, NOW),
    version=1,
)


@pytest.mark.parametrize(("status", "trigger", "expected"), CELLS)
def test_a_cell_of_the_table(status: str, trigger: str, expected: str) -> None:
    if expected == "raise":
        with pytest.raises(Conflict) as refused:
            outcome(Status(status), Trigger(trigger))
        assert refused.value.code == "wrong_state"
    else:
        assert outcome(Status(status), Trigger(trigger)) == expected


def test_the_table_has_every_cell() -> None:
    assert len(CELLS) == len(Status) * len(Trigger)


@given(st.lists(st.sampled_from(list(Trigger)), max_size=30), st.integers(0, 10_000))
def test_whatever_happens_an_ended_order_stays_as_it_ended(triggers: list[Trigger], minutes: int) -> None:
    order, ended = PLACED, None
    for index, trigger in enumerate(triggers):
        try:
            moved = after(order, trigger, NOW + timedelta(minutes=minutes * index), TIMEOUT, "why")
        except Conflict:
            continue
        order = order if isinstance(moved, Unchanged) else replace(moved, version=order.version + 1)
        if ended in {Status.CANCELLED, Status.REFUNDED}:
            assert order.status is ended
        ended = order.status if order.status in {Status.CANCELLED, Status.REFUNDED} else None
        assert (order.deadline is None) == (order.status in {Status.PAID, Status.CANCELLED, Status.REFUNDED})


@given(st.integers(0, 10**6))
def test_no_activity_renews_a_deadline_beyond_the_cap(seconds: int) -> None:
    now = NOW + timedelta(seconds=seconds)

    assert TIMEOUT.deadline(NOW, now) <= NOW + TIMEOUT.cap
