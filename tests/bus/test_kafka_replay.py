"""Replay from Kafka: the group does not notice it, and it ends where the group's own offsets are."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from app.bus import tables
from app.bus.history import EventFilter
from app.bus.transport.base import Unreachable
from app.bus.transport.kafka import Kafka
from app.config.settings import Settings
from app.jobs import replay
from app.kernel import clock
from app.kernel.ids import new_id
from app.ops.history import ask_for_replay
from tests.bus.kafka import BROKERS, PARTITIONS, TOPIC, Line, broker, lag, real
from tests.bus.tiny import Greeted, MoodChanged, Tiny, close, greetings, tiny
from tests.conftest import until

GREETED = Greeted.event_type()


@pytest.fixture(params=BROKERS)
def kafka(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A broker with the greeter's topic."""
    with broker(request.param) as settings:
        yield settings


@pytest.fixture
def by_the_clock() -> Iterator[Settings]:
    """A real broker, as the mock broker cannot find records by their time."""
    with real() as settings:
        yield settings


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Tiny]:
    """A listener with a unique name, and so with its own group."""
    made = tiny(f"listener-{new_id().hex}", f"sqlite:///{tmp_path / 'listener.sqlite'}")
    yield made
    close(made)


def consumed(settings: Settings, greeter: Tiny, listener: Tiny, *texts: str) -> Line:
    """Publish and consume texts, and commit the group's offsets; the line stays open."""
    line = Line(settings, greeter, listener)
    before = len(listener.consumed())
    for n, text in enumerate(texts):
        greeter.publishes(Greeted(name=f"n{n % 4}", text=text))
    line.delivers(lambda: len(listener.consumed()) == before + len(texts), "all is consumed")
    line.delivers(lambda: lag(settings, listener.module.name) == 0, "the place is committed")
    return line


def read(line: Line, listener: Tiny, since: datetime, ends: datetime, place: dict[str, int]) -> list[str]:
    """The texts that the history yields."""
    found = line.transport.history(listener.module.name, since, ends, place)
    return [message.event().text for messages, _ in found for message in messages]


def everything(settings: Settings) -> dict[str, int]:
    """The offsets of the beginning, as the mock broker cannot find records by their time."""
    return {f"{settings.topic_prefix}{TOPIC}/{partition}": 0 for partition in range(PARTITIONS)}


def event_filter(**changes: Any) -> EventFilter:
    """A filter for all greetings of the last hour."""
    now = clock.now()
    return EventFilter(**{"since": now - timedelta(hours=1), "until": now, "types": frozenset({GREETED})} | changes)


def test_the_past_is_read_again_without_moving_the_groups_offsets(
    kafka: Settings, greeter: Tiny, listener: Tiny
) -> None:
    texts = [str(n) for n in range(12)]
    line = consumed(kafka, greeter, listener, *texts)
    hour = timedelta(hours=1)

    found = read(line, listener, clock.now() - hour, clock.now() + hour, everything(kafka))
    greeter.publishes(Greeted(name="n0", text="next"))
    line.delivers(lambda: ("n0", "next") in listener.consumed(), "the group goes on")

    assert sorted(found, key=int) == texts
    assert [text for text in found if int(text) % 4 == 0] == ["0", "4", "8"]
    assert len(listener.consumed()) == 13
    line.close()


def test_events_that_the_group_has_not_reached_are_left_to_it(kafka: Settings, greeter: Tiny, listener: Tiny) -> None:
    line = consumed(kafka, greeter, listener, "1", "2")
    line.transport.listeners[0].close()
    greeter.publishes(Greeted(name="n0", text="3"))
    until(lambda: line.relay.run_once() or lag(kafka, listener.module.name) == 1, "it is sent and not consumed")
    hour = timedelta(hours=1)

    found = read(line, listener, clock.now() - hour, clock.now() + hour, everything(kafka))

    assert sorted(found) == ["1", "2"]
    line.close()


def test_it_continues_from_the_given_offsets(kafka: Settings, greeter: Tiny, listener: Tiny) -> None:
    line = consumed(kafka, greeter, listener, *(str(n) for n in range(12)))
    hour = timedelta(hours=1)
    whole = line.transport.history(listener.module.name, clock.now() - hour, clock.now() + hour, everything(kafka))
    first: list[Any] = []
    place: Any = {}
    while not first:
        first, place = next(whole)
    whole.close()

    rest = read(line, listener, clock.now() - hour, clock.now() + hour, place)

    assert sorted([*(each.event().text for each in first), *rest], key=int) == [str(n) for n in range(12)]
    line.close()


def test_a_group_that_never_listened_has_no_past(kafka: Settings, greeter: Tiny, listener: Tiny) -> None:
    line = Line(kafka, greeter, listener)
    greeter.publishes(Greeted(name="ann", text="1"))
    until(lambda: line.relay.run_once() or all(row.published_at for row in greeter.rows(tables.outbox)), "it is sent")

    assert read(line, listener, clock.now() - timedelta(hours=1), clock.now(), everything(kafka)) == []
    line.close()


def test_what_was_lost_is_found_by_its_time_and_handled_once_more(
    by_the_clock: Settings, greeter: Tiny, listener: Tiny
) -> None:
    line = consumed(by_the_clock, greeter, listener, "1", "2", "3", "4", "5")
    [lost] = [row.event_id for row in greeter.rows(tables.outbox) if b'"3"' in row.body]
    with listener.database.begin() as connection:
        connection.execute(delete(tables.inbox).where(tables.inbox.c.event_id == lost))
        connection.execute(delete(greetings).where(greetings.c.text == "3"))

    found = replay.count(listener.consumer, listener.database, line.transport, event_filter(), 5)
    with listener.database.begin() as connection:
        id = ask_for_replay(connection, event_filter(), "user:sam", "it was lost")
    assert replay.go_on(listener.consumer, listener.database, line.transport, id)

    assert (found.events, found.to_handle) == ({GREETED: 5}, {GREETED: 1})
    assert sorted(text for _, text in listener.consumed()) == ["1", "2", "3", "4", "5"]
    with listener.database.read() as connection:
        assert replay.counts_of(replay.get(connection, id)) == {"handled": 1, "seen": 4}
    line.close()


def test_two_times_bound_what_is_replayed(by_the_clock: Settings, greeter: Tiny, listener: Tiny) -> None:
    line = consumed(by_the_clock, greeter, listener, "before")
    between = clock.now()
    line.close()
    line = consumed(by_the_clock, greeter, listener, "after")
    hour = timedelta(hours=1)

    assert read(line, listener, between - hour, between, {}) == ["before"]
    assert read(line, listener, between, between + hour, {}) == ["after"]
    assert read(line, listener, between + hour, between + 2 * hour, {}) == []
    line.close()


def test_slices_come_to_an_end_with_many_events_and_filters(
    by_the_clock: Settings, greeter: Tiny, listener: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = consumed(by_the_clock, greeter, listener, *(str(n) for n in range(300)))
    greeter.publishes(MoodChanged(name="n0", mood="sad", version=1))
    with listener.database.begin() as connection:
        connection.execute(delete(tables.inbox))
        connection.execute(delete(greetings))
    monkeypatch.setattr(replay, "SLICE", -1.0)
    with listener.database.begin() as connection:
        id = ask_for_replay(connection, event_filter(key="n1"), "user:sam", "it was lost")

    slices = 0
    while not replay.go_on(listener.consumer, listener.database, line.transport, id):
        slices += 1

    assert slices >= 3
    assert listener.texts("n1") == [str(n) for n in range(1, 300, 4)]
    assert len(listener.consumed()) == 75
    line.close()


@pytest.mark.slow
def test_kafka_away_is_reported_in_time(listener: Tiny) -> None:
    nowhere = Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"})
    transport = Kafka([listener.consumer], nowhere)
    began = clock.now()

    with pytest.raises(Unreachable):
        next(transport.history(listener.module.name, began - timedelta(hours=1), began, {}))
    with pytest.raises(Unreachable):
        transport.lag(1.0)

    assert (clock.now() - began).total_seconds() < 30, "otherwise it would wait until Kafka is back"
