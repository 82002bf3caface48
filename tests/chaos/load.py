"""Customers who order while servers fail: each retries its order with the same key until it gets a final response."""

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
from tests.conftest import BROKEN_OFF, MAX_SLOWDOWN, until
from tests.invariants import assert_invariants, orders_by_status
from tests.journeys.steps import pays
from tests.shop import Caller
from tests.topics import records
from tests.topologies import ShopOnServers

PRICE = Money(900, "EUR")


@dataclass
class Load:
    """The requests and their responses. Status 0 means no response.

    `asked_to_wait`: refusals because too many orders waited for their stock; the customer then waits and repeats.
    """

    answers: Counter[int] = field(default_factory=Counter)
    asked_to_wait: int = 0
    orders: dict[str, Caller] = field(default_factory=dict)
    asked: int = 0

    def goes_on(self, orders: int, seconds: float = 60) -> None:
        """Wait until this number of further orders was placed."""
        enough = len(self.orders) + orders
        until(lambda: len(self.orders) >= enough, f"{orders} more orders; answered so far: {self.answers}", seconds)


@contextmanager
def buying(shop: ShopOnServers, sku: str, buyers: int = 3, pause: float = 1.0) -> Iterator[Load]:
    """Let customers order one unit again and again, with a pause. At the end, waits for their last orders."""
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
    key, deadline = str(new_id()), time.monotonic() + 90 * MAX_SLOWDOWN
    while time.monotonic() < deadline:
        try:
            answer = customer.orders({sku: 1}, PRICE, key=key)
        except BROKEN_OFF:
            load.answers[0] += 1
        else:
            if answer.status_code == 503 and answer.json["code"] == "too_many_orders":  # type: ignore[index]
                load.asked_to_wait += 1
                time.sleep(float(answer.headers["Retry-After"]))
                continue
            load.answers[answer.status_code] += 1
            if answer.status_code == 201:
                return str(answer.json["id"])  # type: ignore[index]
        time.sleep(0.1)
    raise AssertionError(f"an order was never taken: {load.answers}")


def bring_back(shop: ShopOnServers) -> None:
    """Start the processes that do not run, and empty the shop for the next test.

    Events whose offsets were not committed before a process died are delivered again later. By then the inbox would be
    empty, so they are waited for.
    """
    for name in shop.live.missing():
        shop.live.start(name)

    def all_is_consumed() -> bool:
        try:
            return not any(shop.background.transport.lag().values())
        except Unreachable:  # the brokers have just restarted, so retry
            return False

    until(all_is_consumed, "the offsets of all consumed events are committed", 60)
    shop.forget()


def all_are_paid(shop: ShopOnServers, load: Load, *, repeating: bool = False) -> None:
    """Pay all orders, wait until all are finished, and check that nothing is lost, done twice or left over.

    `repeating`: processes may still die meanwhile, and customers retry.
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
    )  # some steps wait for their retry
    assert orders_by_status(orders) == {"paid": load.asked}
    adds_up(shop)


def _pays(customer: Caller, order_id: str, repeating: bool) -> None:
    def paid() -> bool:
        try:
            answer = pays(customer, order_id, "pm_card_visa", key=order_id)
        except (*BROKEN_OFF, KeyError):  # payments was killed during the request
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
    """Wait until the invariants hold over all four databases, nothing is parked, and the topics have all published
    events in order. Jobs may need retries."""

    def check() -> None:
        assert_invariants({name: module.database.url for name, module in shop.modules.items()}, shop.captures())
        assert shop.parked() == 0

    def holds() -> bool:
        try:
            check()
        except AssertionError:
            return False
        return True

    deadline = time.monotonic() + 90 * MAX_SLOWDOWN
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.5)
    check()  # raises with what is wrong
    repeated(shop)


def repeated(shop: ShopOnServers) -> int:
    """The number of records that repeat an event. Asserts that each outbox is in its topic, in the same order per key.

    Other records of the topic were published before the outboxes were emptied.
    """
    copies = 0
    for name, module in shop.modules.items():
        expected: dict[str, list[str]] = defaultdict(list)
        sent: dict[str, dict[str, bool]] = defaultdict(dict)
        with module.database.read() as connection:
            rows = connection.execute(select(tables.outbox).order_by(tables.outbox.c.position))
            for row in rows:
                expected[row.key].append(str(row.event_id))
        ours = {id for ids in expected.values() for id in ids}
        found = 0
        for record in records(shop.settings.kafka_servers, shop.settings.topic_prefix + name):
            id = dict(record.headers())["ce_id"].decode()
            if id in ours:
                sent[record.key().decode()][id] = True
                found += 1
        assert {key: list(ids) for key, ids in sent.items()} == expected, f"the events of {name} are not in order"
        copies += found - len(ours)
    return copies


def backlog(shop: ShopOnServers) -> int:
    """The number of events that wait to be sent, in all modules."""
    total = 0
    for module in shop.modules.values():
        with module.database.read() as connection:
            waiting = select(func.count()).where(tables.outbox.c.published_at.is_(None))
            total += connection.execute(waiting).scalar_one()
    return total
