"""Replay: lost effects are repaired, and no effect happens twice, even if the replay is killed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.bus import parking, tables
from app.bus.event import Event
from app.bus.history import EventFilter
from app.bus.relay import Relay
from app.bus.transport.base import Unreachable
from app.bus.transport.local import Local
from app.jobs import replay
from app.jobs import tables as jobs
from app.jobs.worker import Worker
from app.kernel import clock
from app.kernel.errors import Invalid
from app.ops import tables as ops
from app.ops.history import ask_for_replay
from tests.bus.tiny import Greeted, MoodChanged, Tiny, TinyUnitOfWork, Waved, greetings, message, moods

GREETED, MOOD = Greeted.event_type(), MoodChanged.event_type()


class Line:
    """A greeter that publishes and a listener that consumes, in one process."""

    def __init__(self, greeter: Tiny, listener: Tiny) -> None:
        self.greeter, self.listener = greeter, listener
        self.transport = Local([listener.consumer], {"greeter": greeter.database}, complete=True)
        self.relay = Relay(greeter.database, self.transport)

    def publishes(self, *events: Event) -> None:
        """Publish events, and deliver all of them."""
        for event in events:
            self.greeter.publishes(event)
        while self.relay.run_once() or self.transport.listeners[0].run_once():
            pass
        self.relay.mark()

    def loses(self, text: str) -> None:
        """Delete a greeting and its inbox row, as if the listener's database had lost the transaction."""
        [id] = [row.event_id for row in self.greeter.rows(tables.outbox) if f'"{text}"'.encode() in row.body]
        with self.listener.database.begin() as connection:
            connection.execute(delete(tables.inbox).where(tables.inbox.c.event_id == id))
            connection.execute(delete(greetings).where(greetings.c.text == text))

    def event_filter(self, **changes: Any) -> EventFilter:
        """A filter for all events of the last hour."""
        types = replay.types_meant(self.listener.consumer, changes.pop("type", None), changes.get("forget", False))
        now = clock.now()
        return EventFilter(**{"since": now - timedelta(hours=1), "until": now, "types": types} | changes)

    def asks(self, **changes: Any) -> Any:
        """Request a replay. Returns its id."""
        with self.listener.database.begin() as connection:
            return ask_for_replay(connection, self.event_filter(**changes), "user:sam", "it was lost")

    def goes_on(self, id: Any, reported: Callable[[int], None] | None = None) -> bool:
        return replay.go_on(self.listener.consumer, self.listener.database, self.transport, id, reported)

    def replays(self, **changes: Any) -> dict[str, int]:
        """Run a replay to its end. Returns the number of events by outcome."""
        id = self.asks(**changes)
        while not self.goes_on(id):
            pass
        return self.counts(id)

    def counts(self, id: Any) -> dict[str, int]:
        """The number of events so far by outcome."""
        with self.listener.database.read() as connection:
            return replay.counts_of(replay.get(connection, id))

    def count(self, **changes: Any) -> replay.Count:
        listener = self.listener
        return replay.count(listener.consumer, listener.database, self.transport, self.event_filter(**changes), 5)


@pytest.fixture
def line(greeter: Tiny, listener: Tiny) -> Line:
    """A line on which three greetings were published and consumed."""
    made = Line(greeter, listener)
    made.publishes(*(Greeted(name="ann", text=text) for text in ("1", "2", "3")))
    assert listener.texts("ann") == ["1", "2", "3"]
    return made


def test_lost_events_are_handled_and_handled_ones_are_not_handled_again(line: Line) -> None:
    line.loses("2")

    counts = line.replays()

    assert counts == {"handled": 1, "seen": 2}
    assert line.listener.texts("ann") == ["1", "3", "2"]


def test_a_dry_run_reports_what_would_be_replayed_and_does_nothing(line: Line) -> None:
    line.loses("2")
    line.publishes(MoodChanged(name="ann", mood="cheerful", version=1), Waved(name="ann"))

    found = line.count()

    assert found.events == {GREETED: 3, MOOD: 1}
    assert found.to_handle == {GREETED: 1}
    assert found.complete
    assert line.listener.texts("ann") == ["1", "3"]


def test_a_dry_run_that_has_no_time_reports_so(line: Line) -> None:
    listener = line.listener

    found = replay.count(listener.consumer, listener.database, line.transport, line.event_filter(), -1)

    assert not found.complete


def test_a_projection_that_lost_its_rows_is_rebuilt(line: Line) -> None:
    line.publishes(*(MoodChanged(name=name, mood="cheerful", version=n) for name in ("ann", "bob") for n in (1, 2)))
    with line.listener.database.begin() as connection:
        connection.execute(delete(moods))

    unforgotten = line.replays(type=MOOD)
    counts = line.replays(type=MOOD, forget=True)

    assert unforgotten == {"seen": 4}
    assert counts == {"handled": 4}
    assert [(row.name, row.version) for row in line.listener.rows(moods)] == [("ann", 2), ("bob", 2)]


def test_a_reaction_cannot_be_replayed_with_forget(line: Line) -> None:
    with pytest.raises(Invalid) as refused:
        line.event_filter(type=GREETED, forget=True)

    assert refused.value.code == "not_a_projection"


def test_forgetting_everything_leaves_reactions_alone(line: Line) -> None:
    line.publishes(MoodChanged(name="ann", mood="cheerful", version=1))

    assert line.replays(forget=True) == {"handled": 1}
    assert line.listener.texts("ann") == ["1", "2", "3"]


def test_a_type_that_is_not_consumed_is_refused_with_those_that_are(line: Line) -> None:
    with pytest.raises(Invalid) as refused:
        line.event_filter(type=Waved.event_type())

    assert refused.value.code == "unknown_type"
    assert GREETED in refused.value.sentence


def test_one_key_is_replayed_without_the_others(line: Line) -> None:
    line.publishes(Greeted(name="bob", text="b"))
    line.loses("2")
    line.loses("b")

    assert line.replays(key="bob") == {"handled": 1}
    assert line.listener.texts("ann") == ["1", "3"]


def test_only_what_was_published_between_the_two_times_is_replayed(line: Line) -> None:
    for text in "123":
        line.loses(text)
    first, second, third = line.greeter.rows(tables.outbox)
    day = timedelta(days=1)
    with line.greeter.database.begin() as connection:
        for row, age in ((first, 3 * day), (second, 2 * day), (third, day)):
            old = update(tables.outbox).where(tables.outbox.c.position == row.position)
            connection.execute(old.values(created_at=row.created_at - age))
    now = clock.now()

    assert line.replays(since=now - 2.5 * day, until=now - 1.5 * day) == {"handled": 1}
    assert line.listener.texts("ann") == ["2"]


def test_events_in_flight_are_not_replayed(line: Line) -> None:
    line.greeter.publishes(Greeted(name="ann", text="4"))

    assert line.replays() == {"seen": 3}
    assert line.listener.texts("ann") == ["1", "2", "3"]


def test_parked_events_come_before_replayed_ones_of_their_key(line: Line) -> None:
    def chokes(uow: TinyUnitOfWork, event: Greeted) -> None:
        if event.text == "poison":
            raise ValueError("it is poison")

    line.listener.trouble.append(chokes)
    line.publishes(Greeted(name="ann", text="poison"))
    line.loses("2")

    counts = line.replays()
    again = line.replays()
    line.listener.trouble.clear()
    line.listener.time_passes(seconds=11)
    line.listener.drains()

    assert counts == again == {"seen": 2, "queued": 2}
    assert line.listener.texts("ann") == ["1", "3", "poison", "2"]
    assert line.listener.count(tables.parked) == 0


def test_what_fails_is_parked_and_the_rest_goes_on(line: Line) -> None:
    def chokes(uow: TinyUnitOfWork, event: Greeted) -> None:
        raise ValueError("it is poison")

    line.publishes(Greeted(name="bob", text="b"), MoodChanged(name="zoe", mood="sad", version=1))
    line.loses("b")
    with line.listener.database.begin() as connection:
        connection.execute(delete(tables.inbox))
        connection.execute(delete(greetings))
    line.listener.trouble.append(chokes)

    counts = line.replays()

    assert counts == {"parked": 2, "queued": 2, "handled": 1}


def test_a_discarded_event_stays_discarded_with_forget(line: Line) -> None:
    unreadable = message(MoodChanged(name="ann", mood="sad", version=1), body=b"-")
    line.listener.consumer.handle(unreadable)
    with line.listener.database.begin() as connection:
        [row] = parking.waiting(connection)
        parking.discard(connection, row.id, "sam", "it is nonsense")

    assert line.listener.consumer.handle(unreadable, again=True) == "seen"


def test_slice_by_slice_it_comes_to_its_end(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "SLICE", -1.0)
    monkeypatch.setattr("app.bus.transport.local.READ", 1)
    for text in "123":
        line.loses(text)
    id, steps = line.asks(), list[int]()

    slices = [line.goes_on(id, steps.append) for _ in range(4)]

    assert slices == [False, False, False, True]
    assert steps == [1, 1, 1]
    assert line.counts(id) == {"handled": 3}


def test_the_modules_worker_does_it_and_deletes_its_row(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "SLICE", -1.0)
    line.loses("2")
    listener = line.listener
    tasks = {replay.KIND: replay.task_of(listener.consumer, listener.database, line.transport)}
    id = line.asks()

    while Worker("listener", listener.database, tasks).run_once():
        pass

    with listener.database.read() as connection:
        assert replay.get(connection, id).ended_at is not None
    assert listener.count(jobs.jobs) == 0
    assert listener.texts("ann") == ["1", "3", "2"]


def test_a_replay_killed_between_effect_and_offsets_does_nothing_twice(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    def cut(*_: Any, **__: Any) -> None:
        raise PowerCut

    for text in "123":
        line.loses(text)
    id = line.asks()
    with monkeypatch.context() as trouble:
        trouble.setattr(replay, "_save", cut)
        with pytest.raises(PowerCut):
            line.goes_on(id)

    assert line.goes_on(id)
    assert line.listener.texts("ann") == ["1", "2", "3"]
    assert line.counts(id) == {"seen": 3}


def test_a_process_that_is_ending_leaves_the_rest_to_the_next_one(line: Line) -> None:
    for text in "123":
        line.loses(text)
    id = line.asks()
    line.listener.consumer.stopping.set()
    stopped = line.goes_on(id)
    line.listener.consumer.stopping.clear()

    assert not stopped
    assert line.goes_on(id)
    assert line.listener.texts("ann") == ["1", "2", "3"]


def test_a_past_that_cannot_be_read_is_tried_again_and_reports_why(line: Line) -> None:
    listener, alone = line.listener, Local([line.listener.consumer], complete=False)
    id = line.asks()

    Worker(
        "listener", listener.database, {replay.KIND: replay.task_of(listener.consumer, listener.database, alone)}
    ).run_once()

    with listener.database.read() as connection:
        row = replay.get(connection, id)
    assert row.ended_at is None
    assert row.trouble.startswith("Unreachable: without Kafka")
    with pytest.raises(Unreachable):
        next(alone.history("listener", clock.now(), clock.now(), {}))


def test_it_stands_in_the_trail_with_who_and_why(line: Line) -> None:
    id = line.asks(type=MOOD, key="ann", forget=True)

    [row] = line.listener.rows(ops.operations)
    assert (row.id, row.who, row.what, row.why) == (id, "user:sam", "replay", "it was lost")
    assert row.subject.startswith(f"{MOOD}, key ann, handled or not, 20")


def test_an_event_without_a_usable_id_is_handled_by_itself(line: Line) -> None:
    odd = message(Greeted(name="ann", text="x"), headers={"ce_id": "none"})
    event_filter = line.event_filter()

    outcomes = replay._feed(line.listener.consumer, line.listener.database, event_filter, [odd])

    assert outcomes == {"parked": 1}
