"""Which events are published, and the order in which they wait to be sent."""

import threading
from datetime import timedelta

import pytest

from app.bus import outbox, tables
from app.bus.event import Message
from app.kernel import clock, context
from tests.bus.tiny import Greeted, MoodChanged, Tiny, Waved


def waiting(module: Tiny) -> list[Message]:
    """The messages that a module has not sent yet."""
    with module.database.read() as connection:
        return [each for _, each in outbox.unpublished_after(connection, 0, 10_000)]


def test_an_event_is_published_when_its_transaction_commits_and_not_before(listener: Tiny) -> None:
    with listener.database.begin() as connection:
        outbox.publish(connection, Waved(name="ann"))
        assert waiting(listener) == []

    assert [each.key for each in waiting(listener)] == ["ann"]


def test_a_transaction_that_fails_publishes_nothing(listener: Tiny) -> None:
    with pytest.raises(ZeroDivisionError), listener.database.begin() as connection:
        outbox.publish(connection, Waved(name="ann"), Waved(name="bob"))
        raise ZeroDivisionError

    assert listener.count(tables.outbox) == 0


def test_a_failed_transaction_notifies_nobody_and_a_committed_one_does(listener: Tiny) -> None:
    woken: list[int] = []
    listener.database.listeners.on_notification(lambda: woken.append(len(waiting(listener))))

    with pytest.raises(ZeroDivisionError), listener.database.begin() as connection:
        outbox.publish(connection, Waved(name="ann"))
        raise ZeroDivisionError
    with listener.database.begin() as connection:
        connection.execute(tables.inbox.delete())
    assert woken == []

    listener.publishes(Waved(name="ann"))
    assert woken == [1], "notified after the commit: the event can be read"


def test_events_wait_in_the_order_they_were_published(listener: Tiny) -> None:
    listener.publishes(Greeted(name="ann", text="1"), Waved(name="ann"), Greeted(name="bob", text="2"))
    listener.publishes(Greeted(name="ann", text="3"))

    assert [(each.type, each.key) for each in waiting(listener)] == [
        ("greeter.greeted.v1", "ann"),
        ("greeter.waved.v1", "ann"),
        ("greeter.greeted.v1", "bob"),
        ("greeter.greeted.v1", "ann"),
    ]


def test_what_is_read_back_is_what_was_published(listener: Tiny) -> None:
    published = MoodChanged(name="Ænn 'the \"cat\"'\n", mood="🙂", version=2**53)

    listener.publishes(published)

    [message] = waiting(listener)
    assert message.event() == published
    assert message.key == published.name
    assert message.topic == "greeter"


def test_an_event_carries_the_headers_of_cloud_events_and_its_request(listener: Tiny) -> None:
    token = context.request_id.set("r-1")
    listener.publishes(Waved(name="ann"))
    context.request_id.reset(token)
    listener.publishes(Waved(name="bob"))

    during, after = waiting(listener)
    assert set(during.headers) == {
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_time",
        "content-type",
        "ce_requestid",
        "traceparent",
    }
    assert during.headers["ce_specversion"] == "1.0"
    assert during.headers["ce_type"] == "greeter.waved.v1"
    assert during.headers["ce_source"] == "/quartet/greeter"
    assert during.headers["content-type"] == "application/json"
    assert during.request_id == "r-1"
    assert after.request_id is None
    assert during.id < after.id


def test_publishing_no_events_does_nothing(listener: Tiny) -> None:
    listener.publishes()

    assert listener.count(tables.outbox) == 0


def test_a_transaction_that_commits_late_is_not_passed_over(listener: Tiny) -> None:
    if listener.database.is_sqlite:
        pytest.skip("an SQLite file has one writer at a time")
    with listener.database.begin() as slow:
        outbox.publish(slow, Waved(name="slow"))
        listener.publishes(Waved(name="quick"))
        with listener.database.begin() as connection:
            outbox.mark(
                connection, [position for position, _ in outbox.unpublished_after(connection, 0, 10)], clock.now()
            )
        assert [row.key for row in listener.rows(tables.outbox)] == ["quick"]

    assert [each.key for each in waiting(listener)] == ["slow"]


def test_what_many_threads_publish_at_once_is_all_stored_each_in_its_own_order(listener: Tiny) -> None:
    def talk(name: str) -> None:
        for n in range(20):
            listener.publishes(Greeted(name=name, text=str(n)))

    threads = [threading.Thread(target=talk, args=(f"talker {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    published = [each.event() for each in waiting(listener)]
    assert len(published) == 120
    for n in range(6):
        assert [each.text for each in published if each.name == f"talker {n}"] == [str(n) for n in range(20)]


def test_pruning_forgets_only_what_was_sent_long_ago(listener: Tiny) -> None:
    listener.publishes(Waved(name="sent long ago"), Waved(name="sent now"), Waved(name="not sent"))
    now = clock.now()
    with listener.database.begin() as connection:
        first, second, _ = (position for position, _ in outbox.unpublished_after(connection, 0, 10))
        outbox.mark(connection, [first], now - timedelta(days=8))
        outbox.mark(connection, [second], now)

        assert outbox.prune(connection, now - timedelta(days=7)) == 1

    assert [row.key for row in listener.rows(tables.outbox)] == ["sent now", "not sent"]


def test_a_position_is_never_used_twice_even_after_pruning(listener: Tiny) -> None:
    listener.publishes(Waved(name="ann"))
    [before] = [row.position for row in listener.rows(tables.outbox)]
    with listener.database.begin() as connection:
        connection.execute(tables.outbox.delete())

    listener.publishes(Waved(name="bob"))

    assert [row.position > before for row in listener.rows(tables.outbox)] == [True]


def test_the_backlog_counts_what_waits_and_since_when(listener: Tiny) -> None:
    with listener.database.read() as connection:
        assert outbox.backlog(connection) == (0, None)
    before = clock.now()
    listener.publishes(Waved(name="ann"), Waved(name="bob"))

    with listener.database.read() as connection:
        count, oldest = outbox.backlog(connection)

    assert count == 2
    assert oldest is not None
    assert before <= oldest <= clock.now()
