"""Two threads on PostgreSQL, twenty times: an order is cancelled while it is dispatched, or packed by two people."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from sqlalchemy import update
from werkzeug.test import TestResponse

from app.bus.contracts.orders import CaptureRequested
from app.modules.orders.domain.policies.capture import Capture
from app.modules.orders.infrastructure.tables import orders
from tests.orders.shipping import code_of, counts_of, moves, packed, packs
from tests.orders.steps import order_in, receives, status_of
from tests.races.orders import customer
from tests.races.shipments import cancelled_or_dispatched, paid
from tests.shop import Shop

ROUNDS = 20


def at_once(*requests: Callable[[], TestResponse]) -> list[TestResponse]:
    start = Barrier(len(requests))

    def sent(request: Callable[[], TestResponse]) -> TestResponse:
        start.wait()
        return request()

    with ThreadPoolExecutor(len(requests)) as people:
        return list(people.map(sent, requests))


def test_an_order_is_cancelled_or_dispatched(racing: Shop, numbers: Iterator[int]) -> None:
    for _ in range(ROUNDS):
        caller, order_id = paid(racing, next(numbers))
        cancel, dispatch = f"/orders/{order_id}/cancel", packed(racing, order_id)

        cancels, _ = at_once(
            lambda path=cancel, caller=caller: caller.post(path),  # type: ignore[misc]
            lambda order=order_id, id=dispatch: moves(racing, order, id, "dispatch"),  # type: ignore[misc]
        )

        cancelled_or_dispatched(racing, caller, order_id, cancels)


def test_one_whose_money_is_on_hold_is_cancelled_or_dispatched_and_its_money_requested(
    racing: Shop, numbers: Iterator[int]
) -> None:
    for _ in range(ROUNDS):
        caller = customer(racing, next(numbers))
        order_id = order_in(racing, caller, "placed")
        with racing.modules["orders"].database.begin() as connection:  # as CAPTURE=shipment does
            connection.execute(update(orders).where(orders.c.id == UUID(order_id)).values(capture=Capture.LATER))
        receives(racing, order_id, "stock_reserved", "payment_authorized")
        cancel, id = f"/orders/{order_id}/cancel", packed(racing, order_id)

        cancels, dispatches = at_once(
            lambda path=cancel, caller=caller: caller.post(path),  # type: ignore[misc]
            lambda order=order_id, id=id: moves(racing, order, id, "dispatch"),  # type: ignore[misc]
        )

        requested = [each for each in racing.published(CaptureRequested) if each.order_id == order_id]
        ended = status_of(caller, order_id), len(requested), cancels.status_code, dispatches.status_code
        assert ended in {("cancelled", 0, 200, 409), ("confirmed", 1, 409, 200)}


def test_of_four_who_pack_the_same_unit_one_does(racing: Shop, numbers: Iterator[int]) -> None:
    for _ in range(ROUNDS):
        caller, order_id = paid(racing, next(numbers))

        responses = at_once(*[lambda order=order_id: packs(racing, order, MUG=2)] * 4)  # type: ignore[misc]

        assert [each.status_code for each in responses].count(201) == 1
        assert {code_of(each) for each in responses if each.status_code != 201} <= {
            (409, "nothing_left_to_pack"),
            (503, "busy"),  # it met the others at each of its tries, and had no effect
        }
        assert counts_of(caller, order_id) == {"MUG": (2, 0, 2, 0)}
