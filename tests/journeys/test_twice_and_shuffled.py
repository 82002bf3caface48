"""Every event is delivered twice, in any order that a real bus could produce: the final state is always the same."""

from collections import Counter, defaultdict, deque
from datetime import timedelta
from queue import Empty
from random import Random
from typing import Any

import pytest

from app.bus.transport.local import Letter
from app.kernel.money import Money
from tests.journeys.steps import assert_consistent, pays, places, signs_up, stock_of, stocks
from tests.orders.steps import sweeps
from tests.shop import Caller, Shop

PRICE = Money(900, "EUR")


class Unruly:
    """A consumer's queue: each event twice, in random order, but the events of one key of a publisher in order."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.streams: dict[tuple[str, str], deque[Letter]] = defaultdict(deque)
        self.again: list[Letter] = []
        self.repeated = 0

    def put(self, letter: Letter | None) -> None:
        if letter:  # None only ends a wait
            self.streams[letter.message.topic, letter.message.key].append(letter)

    def get_nowait(self) -> Letter:
        waiting = [stream for stream in self.streams.values() if stream]
        chosen = self.chance.randrange(len(waiting) + len(self.again)) if waiting or self.again else -1
        if chosen < 0:
            raise Empty
        if chosen < len(waiting):
            letter = waiting[chosen].popleft()
            self.again.append(Letter(0, letter.message, 1, lambda *_: None))
            return letter
        self.repeated += 1
        return self.again.pop(chosen - len(waiting))


def a_day(shop: Shop) -> Counter[str]:
    """Six customers whose orders end in different ways; returns the number of orders in each status."""
    stocks(shop, "LAST", PRICE, on_hand=2)
    stocks(shop, "MUG", PRICE, on_hand=50)
    alice, bob, carol, dave, erin, frank = (signs_up(shop, f"{name}@example.com") for name in "abcdef")
    last = {
        places(shop, each, "LAST", 2, PRICE, settle=False): each for each in (alice, bob)
    }  # stock for only one of the two
    others = {places(shop, each, "MUG", 3, PRICE, settle=False): each for each in (carol, dave, erin, frank)}
    shop.settle()
    carols, daves, erins, _ = others
    for order_id, customer in last.items():
        if status_of(customer, order_id) == "awaiting_payment":
            pays(customer, order_id, "pm_card_visa")
    carol.post(f"/orders/{carols}/cancel")
    pays(dave, daves, "pm_card_visa")
    pays(erin, erins, "pm_card_chargeDeclined")
    pays(erin, erins, "pm_card_visa")
    shop.settle()
    dave.post(f"/orders/{daves}/cancel")
    sweeps(shop, after=timedelta(days=2))  # frank does not pay
    shop.settle()
    return Counter(status_of(customer, order_id) for order_id, customer in (last | others).items())


def status_of(customer: Caller, order_id: str) -> str:
    return str(customer.get(f"/orders/{order_id}").json["status"])  # type: ignore[index]


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 8))])
def test_the_final_state_is_the_same(carried: Shop, seed: int) -> None:
    queues = [Unruly(Random(seed * 100 + n)) for n in range(len(carried.background.transport.listeners))]
    for listener, queue in zip(carried.background.transport.listeners, queues, strict=True):
        unruly: Any = queue
        listener.queue = unruly

    ends = a_day(carried)

    assert ends == {"paid": 2, "cancelled": 3, "refunded": 1}
    assert (stock_of(carried, "LAST"), stock_of(carried, "MUG")) == ((0, 0), (47, 0))
    assert carried.parked() == 0
    assert all(queue.repeated for queue in queues)
    assert_consistent(carried)
