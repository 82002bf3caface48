"""A parked event holds back the later ones of its key, in order; events of other keys are handled."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.bus import outbox, parking, tables
from app.bus.consumer import Consumer
from app.bus.event import Event
from app.bus.subscription import reaction
from app.kernel import clock, context
from app.kernel.database import Database
from tests.bus.tiny import Greeted, MoodChanged, Tiny, TinyUnitOfWork, Waved, greetings, message, moods


def test_later_events_of_the_key_wait_behind_and_other_keys_go_on(stuck: Tiny) -> None:
    stuck.consumer.handle(message(Greeted(name="bob", text="hello")))

    assert stuck.consumed() == [("bob", "hello")]
    assert [row.key for row in stuck.rows(tables.parked)] == ["ann"] * 3
    assert [row.error for row in stuck.rows(tables.parked)][1:] == ["waits behind an earlier event of its key"] * 2


def test_a_snapshot_overtakes_what_is_parked_under_its_key(listener: Tiny) -> None:
    older = message(MoodChanged(name="ann", mood="x", version=1), body=b'{"name": "ann", "mood": 1, "version": 1}')
    newer = message(MoodChanged(name="ann", mood="cheerful", version=2))

    for each in (older, newer, newer):
        listener.consumer.handle(each)

    assert [row.mood for row in listener.rows(moods)] == ["cheerful"]
    assert [row.event_id for row in listener.rows(tables.parked)] == [older.id]


def test_a_snapshot_that_can_be_read_at_last_does_not_undo_a_newer_one(listener: Tiny) -> None:
    older = message(MoodChanged(name="ann", mood="gloomy", version=1))
    with listener.database.begin() as connection:
        parking.park(connection, listener.consumer.name, older, "it could not be kept")
    listener.consumer.handle(message(MoodChanged(name="ann", mood="cheerful", version=2)))
    listener.time_passes(seconds=11)

    assert listener.drains() == 1

    assert [row.mood for row in listener.rows(moods)] == ["cheerful"]
    assert listener.count(tables.parked) == listener.count(tables.parked_keys) == 0


def test_a_second_copy_of_what_waits_is_not_queued_again(listener: Tiny) -> None:
    unreadable = message(Greeted(name="ann", text="hello"), body=b"-")
    unpublished_up_to = message(Greeted(name="ann", text="behind"))

    for each in (unreadable, unpublished_up_to, unreadable, unpublished_up_to):
        listener.consumer.handle(each)

    assert [row.event_id for row in listener.rows(tables.parked)] == [unreadable.id, unpublished_up_to.id]


def test_what_another_process_has_parked_meanwhile_is_waited_for(listener: Tiny) -> None:
    listener.consumer.handle(message(Greeted(name="ann", text="first")))
    another = Database(listener.database.url)
    with another.begin() as connection:
        parking.park(connection, "listener", message(Greeted(name="ann", text="poison")), "it failed there")
    another.close()

    outcome = listener.consumer.handle(message(Greeted(name="ann", text="second")))

    assert outcome == "queued"
    assert listener.texts("ann") == ["first"]


def test_once_repaired_the_whole_queue_is_handled_in_order_and_the_key_is_no_longer_parked(stuck: Tiny) -> None:
    stuck.trouble.clear()
    stuck.time_passes(seconds=11)

    assert stuck.drains() == 3

    stuck.consumer.handle(message(Greeted(name="ann", text="fourth")))
    assert stuck.texts("ann") == ["poison", "second", "third", "fourth"]
    assert stuck.count(tables.parked) == stuck.count(tables.parked_keys) == 0


def test_an_event_that_arrives_while_the_queue_is_handled_comes_after_it(stuck: Tiny) -> None:
    stuck.trouble.clear()
    stuck.consumer.handle(message(Greeted(name="ann", text="fourth")))
    stuck.time_passes(seconds=11)

    stuck.drains()

    assert stuck.texts("ann") == ["poison", "second", "third", "fourth"]


@dataclass(frozen=True, kw_only=True)
class GreetedWarmly(Event, name="greeter.greeted", version=2, key="name"):
    """The next version of a greeting."""

    name: str
    warmth: int


def test_a_newer_version_waits_with_its_key_until_its_reader_is_deployed(listener: Tiny) -> None:
    listener.consumer.handle(message(GreetedWarmly(name="ann", warmth=3)))
    listener.consumer.handle(message(Greeted(name="ann", text="later")))
    assert listener.consumed() == []
    assert (
        listener.rows(tables.parked)[0].error
        == "Unreadable: 'greeter.greeted.v2' is a version that this release cannot read"
    )

    def when_greeted_warmly(uow: TinyUnitOfWork, event: GreetedWarmly) -> None:
        uow.connection.execute(insert(greetings), {"name": event.name, "text": "hello" + "!" * event.warmth})

    deployed = {**listener.module.subscriptions, GreetedWarmly: reaction(when_greeted_warmly)}
    listener.consumer = Consumer("listener", listener.module.transaction, deployed)
    listener.time_passes(seconds=11)
    listener.drains()

    assert listener.texts("ann") == ["hello!!!", "later"]


def test_a_key_that_another_process_drains_is_left_to_it(stuck: Tiny) -> None:
    if stuck.database.is_sqlite:
        pytest.skip("an SQLite file has one writer at a time")
    stuck.trouble.clear()
    stuck.time_passes(seconds=11)

    with stuck.database.begin() as connection:
        assert parking.hold(connection, "listener", "greeter", "ann")
        assert stuck.drains() == 0

    assert stuck.drains() == 3


def test_what_a_drained_handler_publishes_carries_its_request_and_no_other_does(stuck: Tiny) -> None:
    stuck.trouble[:] = [lambda uow, event: outbox.publish(uow.connection, Waved(name=event.name))]
    stuck.consumer.handle(message(Greeted(name="ann", text="fourth"), headers={"ce_requestid": "r-8"}))
    stuck.time_passes(seconds=11)

    stuck.drains()
    stuck.publishes(Waved(name="zoe"))

    with stuck.database.read() as connection:
        published = [each for _, each in outbox.unpublished_after(connection, 0, 10)]
    assert [each.request_id for each in published] == [None, None, None, "r-8", None]
    assert context.request_id.get() is None


def test_parked_rows_keep_every_header_and_the_offset_they_were_read_at(listener: Tiny) -> None:
    headers = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "x": "ä"}
    strange = message(Greeted(name="ann", text="hello"), headers=headers, body=b"-", partition=2, offset=2**40)
    listener.consumer.handle(strange)

    with listener.database.read() as connection:
        row = parking.first(connection, "listener", "greeter", "ann")
        assert row is not None
        assert parking.message_of(row) == strange
        assert clock.now() - row.parked_at < timedelta(minutes=5)
