"""The local transport: every listener gets every event, and a row is marked when the last one has handled it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from app.bus import tables
from app.bus.consumer import Consumer
from app.bus.relay import Relay
from app.bus.transport.base import Transport
from app.bus.transport.local import BATCH, Local
from tests.bus.tiny import Greeted, Tiny, TinyUnitOfWork, Waved, message


def publishes(module: Tiny, *texts: str) -> None:
    """Publish greetings to ann, one per transaction."""
    for text in texts:
        module.publishes(Greeted(name="ann", text=text))


def marked(module: Tiny) -> list[bool]:
    """Whether each row of the outbox is marked, in order."""
    return [row.published_at is not None for row in module.rows(tables.outbox)]


def runs(relay: Relay) -> None:
    """Run the relay until it has nothing more to do, without a pause before it marks."""
    while relay.run_once():
        pass
    relay.mark()


@pytest.mark.parametrize("consumed", [True, False])
def test_the_local_transport_marks_what_every_listener_has_and_what_nobody_subscribes_to(
    greeter: Tiny, listener: Tiny, consumed: bool
) -> None:
    transport: Transport = Local([listener.consumer] if consumed else [], complete=True)
    relay = Relay(greeter.database, transport)
    publishes(greeter, "1", "2")
    greeter.publishes(Waved(name="ann"))
    runs(relay)

    assert marked(greeter) == ([False] * 3 if consumed else [True] * 3)
    while any(each.run_once() for each in getattr(transport, "listeners", [])):
        pass
    runs(relay)

    assert marked(greeter) == [True] * 3
    assert listener.texts("ann") == (["1", "2"] if consumed else [])


def test_a_row_is_marked_only_when_the_last_listener_has_it(greeter: Tiny, listener: Tiny) -> None:
    second = Consumer("second", listener.module.transaction, listener.module.all_subscriptions)
    transport = Local([listener.consumer, second], complete=True)
    relay = Relay(greeter.database, transport)
    publishes(greeter, "1")
    runs(relay)
    quick, slow = transport.listeners

    quick.run_once()
    runs(relay)
    assert marked(greeter) == [False]
    slow.run_once()
    runs(relay)

    assert marked(greeter) == [True]
    assert listener.texts("ann") == ["1", "1"], "each of the two handled it once"


def test_a_listener_that_is_stopping_leaves_its_event_unmarked(greeter: Tiny, listener: Tiny) -> None:
    transport = Local([listener.consumer], complete=True)
    relay = Relay(greeter.database, transport)
    publishes(greeter, "1")
    runs(relay)

    listener.consumer.stopping.set()
    assert transport.listeners[0].run_once() is False
    runs(relay)

    assert marked(greeter) == [False]
    assert listener.consumed() == []


def test_what_one_listener_parks_counts_as_delivered(greeter: Tiny, listener: Tiny) -> None:
    def fails(*_: object) -> None:
        raise ValueError("no")

    listener.trouble.append(fails)
    transport = Local([listener.consumer], complete=True)
    relay = Relay(greeter.database, transport)
    publishes(greeter, "1")
    runs(relay)

    transport.listeners[0].run_once()
    runs(relay)

    assert marked(greeter) == [True]
    assert listener.count(tables.parked) == 1


def test_a_megabyte_travels_whole_and_in_its_place(greeter: Tiny, listener: Tiny) -> None:
    transport = Local([listener.consumer], complete=True)
    relay = Relay(greeter.database, transport)
    long = "ä" * 499_000
    publishes(greeter, "1", long, "3")
    runs(relay)

    while transport.listeners[0].run_once():
        pass
    runs(relay)

    assert listener.texts("ann") == ["1", long, "3"]
    assert marked(greeter) == [True] * 3


@contextmanager
def counted(consumer: Consumer) -> Iterator[list[bool]]:
    """One entry for each transaction of this consumer: whether it was committed."""
    transaction, ended = consumer.transaction, list[bool]()

    @contextmanager
    def counts() -> Iterator[Any]:
        ended.append(False)
        with transaction() as uow:
            yield uow
        ended[-1] = True

    consumer.transaction = counts
    yield ended
    consumer.transaction = transaction


def test_events_that_wait_share_a_transaction(greeter: Tiny, listener: Tiny) -> None:
    transport = Local([listener.consumer], complete=True)
    relay = Relay(greeter.database, transport)
    texts = [str(n) for n in range(BATCH + 3)]
    publishes(greeter, *texts)
    runs(relay)

    with counted(listener.consumer) as transactions:
        while transport.listeners[0].run_once():
            pass
    runs(relay)

    assert transactions == [True, True]
    assert listener.texts("ann") == texts
    assert marked(greeter) == [True] * len(texts)


def test_when_one_of_them_fails_only_that_one_is_parked(greeter: Tiny, listener: Tiny) -> None:
    def fails(uow: TinyUnitOfWork, event: Greeted) -> None:
        if event.text == "2":
            raise ValueError("no")

    listener.trouble.append(fails)
    transport = Local([listener.consumer], complete=True)
    relay = Relay(greeter.database, transport)
    greeter.publishes(*(Greeted(name=f"n{n}", text=str(n)) for n in range(5)))
    runs(relay)

    transport.listeners[0].run_once()
    runs(relay)

    assert [text for _, text in listener.consumed()] == ["0", "1", "3", "4"]
    assert [row.key for row in listener.rows(tables.parked)] == ["n2"]
    assert marked(greeter) == [True] * 5


def test_when_the_database_goes_away_between_them_each_is_handled_and_reported_once(
    greeter: Tiny, listener: Tiny
) -> None:
    def away(uow: TinyUnitOfWork, event: Greeted) -> None:
        if event.text == "2" and listener.met < 12:
            raise ConnectionRefusedError("nobody there")

    listener.trouble.append(away)
    transport = Local([listener.consumer], complete=True)
    relay = Relay(greeter.database, transport)
    publishes(greeter, *(str(n) for n in range(5)))
    runs(relay)

    transport.listeners[0].run_once()
    runs(relay)

    assert listener.texts("ann") == [str(n) for n in range(5)]
    assert marked(greeter) == [True] * 5
    assert transport.listeners[0].queue.qsize() == listener.count(tables.parked) == 0


def test_events_that_lock_rows_share_a_transaction_only_where_there_is_one_writer(listener: Tiny) -> None:
    locking = {event: replace(each, batch=False) for event, each in listener.module.subscriptions.items()}
    consumer = replace(listener.module, subscriptions=locking).consumer()

    with counted(consumer) as transactions:
        consumer.settle([message(Greeted(name=f"n{n}", text="x")) for n in range(5)], lambda _: None)

    assert len(transactions) == (1 if listener.database.is_sqlite else 5)
