"""Republishing by hand what a broker has lost. The ids are the same, so consumers that handled an event skip it."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app.bus import history, tables
from app.bus import relay as relay_module
from app.bus.history import EventFilter
from app.bus.relay import Relay
from app.config.settings import Settings
from app.factory import create_app
from app.kernel import clock
from app.ops import tables as ops
from tests.bus.test_relay import Post, marked, publishes, runs
from tests.bus.tiny import Greeted, Tiny, Waved

TYPES = frozenset({Greeted.event_type(), Waved.event_type()})


def event_filter(types: frozenset[str] = TYPES, key: str | None = None) -> EventFilter:
    """A filter for all events of the last hour."""
    return EventFilter(since=clock.now() - timedelta(hours=1), until=clock.now(), types=types, key=key)


def again(module: Tiny, which: EventFilter | None = None, after: int = 0, limit: int = 1000) -> tuple[int, int]:
    """Unmark the rows, in one transaction."""
    with module.database.begin() as connection:
        return history.mark_unpublished(connection, which or event_filter(), after, limit)


def sent(module: Tiny, *texts: str) -> tuple[Relay, Post]:
    """A relay that has sent these texts, and its transport, which has delivered them."""
    post = Post()
    relay = Relay(module.database, post)
    publishes(module, *texts)
    runs(relay)
    post.deliver()
    runs(relay)
    assert all(marked(module))
    return relay, post


def test_what_was_sent_is_sent_once_more_in_order_with_the_same_ids(listener: Tiny) -> None:
    relay, post = sent(listener, "1", "2", "3")

    count, _ = again(listener)
    runs(relay)

    assert count == 3
    assert post.seen == ["1", "2", "3", "1", "2", "3"]
    ids = [message.id for _, message, _ in post.bags]
    assert ids[:3] == ids[3:]


def test_once_delivered_again_it_is_marked_again(listener: Tiny) -> None:
    relay, post = sent(listener, "1", "2")
    again(listener)
    runs(relay)

    post.deliver(2, 3)
    runs(relay)

    assert marked(listener) == [True, True]
    assert len(post.seen) == 4


def test_it_is_sent_before_what_is_published_later(listener: Tiny) -> None:
    relay, post = sent(listener, "1", "2")
    again(listener)
    publishes(listener, "3")

    runs(relay)

    assert post.seen[2:] == ["1", "2", "3"]


def test_rows_in_flight_are_not_republished(listener: Tiny) -> None:
    relay, post = sent(listener, "1")
    publishes(listener, "2")
    runs(relay)

    count, _ = again(listener)
    runs(relay)

    assert count == 1
    assert post.seen == ["1", "2", "1"]


def test_requested_twice_while_it_is_in_flight_it_is_sent_once_more(listener: Tiny) -> None:
    relay, post = sent(listener, "1")

    again(listener)
    runs(relay)
    again(listener)
    runs(relay)

    assert post.seen == ["1", "1"]


def test_by_type_and_key(listener: Tiny) -> None:
    relay, post = sent(listener, "1")
    listener.publishes(Greeted(name="bob", text="b"))
    runs(relay)
    post.deliver()
    runs(relay)

    of_bob, _ = again(listener, event_filter(key="bob"))
    of_waves, _ = again(listener, event_filter(frozenset({Waved.event_type()})))

    assert (of_bob, of_waves) == (1, 0)


def test_step_by_step_it_comes_to_its_end(listener: Tiny) -> None:
    sent(listener, *(str(n) for n in range(5)))

    last, counts = 0, []
    for _ in range(4):
        count, last = again(listener, after=last, limit=2)
        counts.append(count)

    assert counts == [2, 2, 1, 0]


def test_more_than_the_relay_has_room_for_is_sent_in_order(listener: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "WINDOW", 4)
    texts = [str(n) for n in range(20)]
    post = Post()
    relay = Relay(listener.database, post, batch=3)

    def sends_all() -> None:
        while not all(marked(listener)):
            before = len(post.bags)
            runs(relay)
            for n in range(before, len(post.bags)):
                post.deliver(n)

    publishes(listener, *texts)
    sends_all()
    again(listener)
    sends_all()

    assert post.seen == texts * 2


@pytest.fixture
def app(greeter: Tiny, tmp_path: Path) -> Flask:
    """An application that hosts the greeter alone."""
    return create_app(lambda _: greeter.module, settings=Settings.from_environment({"QUARTET_DATA": str(tmp_path)}))


def test_as_a_command_it_counts_first(app: Flask, greeter: Tiny) -> None:
    sent(greeter, "1", "2")
    since = f"{clock.now() - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    command = ["bus", "republish", "--module", "greeter", "--since", since]

    dry = app.test_cli_runner().invoke(args=[*command, "--dry-run"])
    without = app.test_cli_runner().invoke(args=command)
    stock_counts = marked(greeter)
    done = app.test_cli_runner().invoke(args=[*command, "--reason", "the broker lost it"])

    assert dry.exit_code == 0 and "2 greeter.greeted.v1" in dry.output
    assert without.exit_code == 2 and "give the reason with --reason" in without.output
    assert stock_counts == [True, True]
    assert done.exit_code == 0, done.output
    assert marked(greeter) == [False, False]
    [row] = greeter.rows(ops.operations)
    assert (row.what, row.why) == ("republish", "the broker lost it")


def test_what_the_outbox_no_longer_has_is_reported(listener: Tiny) -> None:
    sent(listener, "1", "2")
    old = clock.now() - timedelta(days=3)
    first = update(tables.outbox).where(tables.outbox.c.position == 1).values(created_at=old)
    with listener.database.begin() as connection:
        connection.execute(first)
        since = history.oldest(connection)

    assert since == old
