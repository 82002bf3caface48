"""Customers who order while servers die: each repeats its order, with the same key, until it is answered for good."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.bus import tables
from app.bus.transport.base import Unreachable
from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.conftest import BROKEN_OFF, until
from tests.invariants import assert_invariants, orders_by_status
from tests.journeys.steps import pays
from tests.shop import Caller
from tests.topics import records
from tests.topologies import ShopOnServers

PRICE = Money(900, "EUR")


@dataclass
class Load:
    """What was asked and answered. Status 0: no answer."""

    answers: Counter[int] = field(default_factory=Counter)
    orders: dict[str, Caller] = field(default_factory=dict)
    asked: int = 0

    def goes_on(self, orders: int, seconds: float = 60) -> None:
        """Wait for so many more orders."""
        enough = len(self.orders) + orders
        until(lambda: len(self.orders) >= enough, f"{orders} more orders; answered so far: {self.answers}", seconds)


@contextmanager
def buying(shop: ShopOnServers, sku: str, buyers: int = 3, pause: float = 1.0) -> Iterator[Load]:
    """So many customers order one each time, again and again, with a pause; the last ones are waited for."""
    load, closing = Load(), threading.Event()

    def buy(customer: Caller) -> None:
        while not closing.wait(pause):
            load.asked += 1
            order_id = _ordered(load, customer, sku)
            load.orders[order_id] = customer

    with ThreadPoolExecutor(buyers) as pool:
        running = [pool.submit(buy, shop.as_customer(UUID(int=0xB0B + n))) for n in range(buyers)]
        try:
            yield load
        finally:
            closing.set()
        for each in running:
            each.result()


def _ordered(load: Load, customer: Caller, sku: str) -> str:
    key, deadline = str(new_id()), time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            answer = customer.orders({sku: 1}, PRICE, key=key)
        except BROKEN_OFF:
            load.answers[0] += 1
        else:
            load.answers[answer.status_code] += 1
            if answer.status_code == 201:
                return str(answer.json["id"])  # type: ignore[index]
        time.sleep(0.1)
    raise AssertionError(f"an order was never taken: {load.answers}")


def bring_back(shop: ShopOnServers) -> None:
    """Start what does not run, and empty the shop for the next test.

    What someone heard who died before the brokers knew is heard again, a while later; by then the inbox would be empty.
    """
    for name in shop.live.missing():
        shop.live.start(name)

    def all_is_consumed() -> bool:
        try:
            return not any(shop.background.transport.lag().values())
        except Unreachable:  # they have only just come back: asked again, they answer
            return False

    until(all_is_consumed, "the brokers know that all was heard", 60)
    shop.forget()


def all_are_paid(shop: ShopOnServers, load: Load, *, repeating: bool = False) -> None:
    """Everyone pays, everything comes to its end, and nothing is lost, done twice or left.

    `repeating`: processes may still die under us, and customers ask again.
    """
    shop.settle()
    assert len(load.orders) == load.asked, "each order that was asked for is one order"
    with ThreadPoolExecutor(4) as pool:
        paying = [pool.submit(_pays, customer, id, repeating) for id, customer in load.orders.items()]
    for each in paying:
        each.result()
    shop.settle()
    orders = shop.modules["orders"].database.url
    until(
        lambda: set(orders_by_status(orders)) == {"paid"}, "each order is paid", 90
    )  # some steps wait to be tried again
    assert orders_by_status(orders) == {"paid": load.asked}
    adds_up(shop)


def _pays(customer: Caller, order_id: str, repeating: bool) -> None:
    def paid() -> bool:
        try:
            answer = pays(customer, order_id, "pm_card_visa", key=order_id)
        except (*BROKEN_OFF, KeyError):  # payments was killed under us
            return False
        return answer.status_code == 200

    def can_be_paid() -> bool:
        found: Any = customer.get(f"/payments?order_id={order_id}").json
        return any(each["client_secret"] for each in found["items"])

    if repeating:
        until(paid, f"order {order_id} is paid", 60)
    else:
        until(can_be_paid, f"order {order_id} can be paid", 90)
        assert pays(customer, order_id, "pm_card_visa").status_code == 200


def adds_up(shop: ShopOnServers) -> None:
    """The invariants come to hold over all four databases, nothing is parked, and the topics have all that was said, in
    order. Work may have to be tried again."""

    def check() -> None:
        assert_invariants({name: module.database.url for name, module in shop.modules.items()}, shop.captures())
        assert shop.parked() == 0

    def holds() -> bool:
        try:
            check()
        except AssertionError:
            return False
        return True

    deadline = time.monotonic() + 90
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.5)
    check()  # says what does not
    repeated(shop)


def repeated(shop: ShopOnServers) -> int:
    """How many records repeat an event. All that is in an outbox is in its topic, that of one key in the same order.

    What else is in the topic was said before the outboxes were emptied.
    """
    copies = 0
    for name, module in shop.modules.items():
        published: dict[str, list[str]] = defaultdict(list)
        sent: dict[str, dict[str, bool]] = defaultdict(dict)
        with module.database.read() as connection:
            rows = connection.execute(select(tables.outbox).order_by(tables.outbox.c.position))
            for row in rows:
                published[row.key].append(str(row.event_id))
        ours = {id for ids in published.values() for id in ids}
        found = 0
        for record in records(shop.settings.kafka_servers, shop.settings.topic_prefix + name):
            id = dict(record.headers())["ce_id"].decode()
            if id in ours:
                sent[record.key().decode()][id] = True
                found += 1
        assert {key: list(ids) for key, ids in sent.items()} == published, f"what {name} has said is not in order"
        copies += found - len(ours)
    return copies


def backlog(shop: ShopOnServers) -> int:
    """How many events wait to be sent, in all modules."""
    total = 0
    for module in shop.modules.values():
        with module.database.read() as connection:
            waiting = select(func.count()).where(tables.outbox.c.published_at.is_(None))
            total += connection.execute(waiting).scalar_one()
    return total
