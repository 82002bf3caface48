"""The relay sends unmarked rows in order, and marks those delivered; one relay is active per module."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from app.bus import outbox, tables
from app.bus.event import Message
from app.bus.relay import BATCH, FEW, MARK_BATCH, MARK_PAUSE, Relay
from app.bus.transport.base import Delivered
from app.kernel.database import Database
from app.kernel.errors import Stale
from tests.bus.tiny import Greeted, Tiny


@dataclass
class Post:
    """A transport that keeps messages until the test reports them as delivered."""

    open: bool = True
    gather: float = 0.0
    bags: list[tuple[int, Message, Delivered]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def send(self, messages: Sequence[tuple[int, Message]], delivered: Delivered) -> None:
        self.bags += [(position, message, delivered) for position, message in messages]
        self.seen += [message.event().text for _, message in messages]

    def can_deliver(self) -> bool:
        """Whether it can deliver, as the test has set."""
        return self.open

    def refuse(self, n: int) -> None:
        """Report the message with this number as refused."""
        position, _, delivered = self.bags[n]
        delivered(position, "too large")

    def deliver(self, *which: int) -> None:
        """Report messages as delivered: those with these numbers, or all."""
        for n in which or range(len(self.bags)):
            position, _, delivered = self.bags[n]
            delivered(position, None)

    @property
    def listeners(self) -> tuple[()]:
        return ()

    def close(self) -> None: ...


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


def test_it_sends_in_order_and_marks_what_arrived(listener: Tiny) -> None:
    post = Post()
    relay = Relay(listener.database, post)
    publishes(listener, "1", "2", "3")

    runs(relay)
    assert post.seen == ["1", "2", "3"]
    assert marked(listener) == [False, False, False]
    post.deliver()
    runs(relay)

    assert marked(listener) == [True, True, True]


def test_the_last_events_of_any_process_are_sent_before_the_end(listener: Tiny) -> None:
    post = Post()
    relay = Relay(listener.database, post)
    publishes(listener, "1")
    runs(relay)
    post.deliver()
    another_process = Database(listener.database.url)
    with another_process.begin() as connection:
        outbox.publish(connection, Greeted(name="ann", text="2"))
    another_process.close()

    relay.flush()

    assert post.seen == ["1", "2"]


def test_rows_in_flight_are_not_sent_again(listener: Tiny) -> None:
    post = Post()
    relay = Relay(listener.database, post)
    publishes(listener, "1", "2")
    runs(relay)

    publishes(listener, "3")
    runs(relay)

    assert post.seen == ["1", "2", "3"]


def test_only_what_was_delivered_is_marked(listener: Tiny) -> None:
    post = Post()
    relay = Relay(listener.database, post)
    publishes(listener, "1", "2", "3")
    runs(relay)

    post.deliver(0, 2)
    runs(relay)

    assert marked(listener) == [True, False, True]


def test_killed_between_publish_and_mark_it_sends_again_in_order_what_was_not_marked(listener: Tiny) -> None:
    publishes(listener, "1", "2", "3")
    first = Post()
    killed = Relay(listener.database, first)
    runs(killed)
    first.deliver(0)
    runs(killed)
    first.deliver(1)  # delivered, and then the process is killed
    listener.time_passes(seconds=11)

    second = Post()
    runs(Relay(listener.database, second))

    assert second.seen == ["2", "3"]


def test_one_relay_is_active_and_the_others_stand_by(listener: Tiny) -> None:
    here, there = Post(), Post()
    active, standby = Relay(listener.database, here), Relay(listener.database, there)
    publishes(listener, "1")
    runs(active)

    publishes(listener, "2")
    runs(standby)
    runs(active)

    assert here.seen == ["1", "2"]
    assert there.seen == []


def test_when_the_active_one_is_gone_another_takes_over_after_the_lease(listener: Tiny) -> None:
    here, there = Post(), Post()
    active, standby = Relay(listener.database, here), Relay(listener.database, there)
    publishes(listener, "1")
    runs(active)
    runs(standby)
    assert there.seen == []

    listener.time_passes(seconds=11)
    runs(standby)

    assert there.seen == ["1"], "it is not marked, so it is sent again"
    [lease] = listener.rows(tables.leases)
    assert lease.name == "relay"


def test_a_leader_that_wakes_late_marks_what_it_had_sent_and_loses_nothing(listener: Tiny) -> None:
    here, there = Post(), Post()
    frozen, other = Relay(listener.database, here), Relay(listener.database, there)
    publishes(listener, "1", "2")
    runs(frozen)
    listener.time_passes(seconds=11)
    runs(other)
    there.deliver()
    runs(other)

    here.deliver()
    runs(frozen)

    assert marked(listener) == [True, True]
    assert here.seen == there.seen == ["1", "2"]


def test_without_a_transport_everything_waits_and_is_sent_when_there_is_one(listener: Tiny) -> None:
    post = Post(open=False)
    relay = Relay(listener.database, post)
    publishes(listener, "1", "2")

    runs(relay)
    assert post.seen == []
    assert marked(listener) == [False, False]

    post.open = True
    runs(relay)
    assert post.seen == ["1", "2"]


def test_more_than_one_batch_is_sent_in_order(listener: Tiny) -> None:
    post = Post()
    texts = [str(n) for n in range(2 * BATCH + 7)]
    listener.publishes(*(Greeted(name="ann", text=text) for text in texts))

    runs(Relay(listener.database, post))

    assert post.seen == texts


def test_a_delivery_between_two_batches_does_not_keep_the_next_one_waiting(listener: Tiny) -> None:
    post = Post()
    relay = Relay(listener.database, post)
    texts = [str(n) for n in range(BATCH + 7)]
    listener.publishes(*(Greeted(name="ann", text=text) for text in texts))

    relay.run_once()
    post.deliver(0)
    runs(relay)

    assert post.seen == texts


def test_what_could_not_be_marked_is_marked_in_the_next_round(listener: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_locked(*_: object) -> None:
        raise Stale("database is locked")

    post = Post()
    relay = Relay(listener.database, post)
    publishes(listener, "1")
    runs(relay)
    post.deliver()
    with monkeypatch.context() as trouble:
        trouble.setattr(outbox, "mark", is_locked)
        with pytest.raises(Stale):
            relay.run_once()

    runs(relay)

    assert marked(listener) == [True]
    assert post.seen == ["1"]


def test_deliveries_soon_after_a_mark_are_marked_together(listener: Tiny) -> None:
    post = Post()
    relay = Relay(listener.database, post)
    publishes(listener, "1", "2", "3")
    relay.run_once()

    post.deliver(0)
    relay.run_once()
    assert marked(listener) == [True, False, False], "nothing was marked shortly before"
    post.deliver(1, 2)
    relay.run_once()
    assert marked(listener) == [True, False, False]

    assert relay.max_pause() == MARK_PAUSE
    time.sleep(MARK_PAUSE)
    relay.run_once()
    assert marked(listener) == [True, True, True]
    assert relay.max_pause() > MARK_PAUSE


def test_a_busy_relay_lets_rows_gather_where_single_messages_cost_more(listener: Tiny) -> None:
    post = Post(gather=0.5)
    relay = Relay(listener.database, post, batch=10)

    def rest_after(*texts: str) -> float:
        publishes(listener, *texts)
        relay.run_once()
        return relay.rest()

    assert rest_after("1", "2", "3", "4") == 0, "a few come: nobody waits"
    assert rest_after("5") == 0.5
    assert rest_after(*map(str, range(6, 11))) == 0, "there are as many as one round takes"
    post.deliver()
    relay.run_once()
    relay.mark()
    assert relay.rest() == 0


def test_many_deliveries_are_marked_at_once(listener: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.bus.relay.MARK_PAUSE", 600.0)  # however long this machine takes for so many
    post = Post()
    relay = Relay(listener.database, post)
    publishes(listener, "1")
    relay.run_once()
    post.deliver()
    relay.run_once()
    listener.publishes(*(Greeted(name="ann", text=str(n)) for n in range(MARK_BATCH)))
    relay.run_once()
    relay.wake.clear()

    for n in range(1, MARK_BATCH):
        post.deliver(n)
        relay.run_once()
    assert marked(listener).count(True) == 1
    post.deliver(MARK_BATCH)
    relay.run_once()

    assert all(marked(listener))


def test_the_first_delivery_wakes_the_relay_and_those_marked_with_it_do_not(listener: Tiny) -> None:
    post = Post()
    relay = Relay(listener.database, post)
    listener.publishes(*(Greeted(name="ann", text=str(n)) for n in range(MARK_BATCH)))
    relay.run_once()

    woken = []
    for n in range(MARK_BATCH):
        relay.wake.clear()
        post.deliver(n)
        woken.append(relay.wake.is_set())

    assert [n for n, each in enumerate(woken) if each] == [0, MARK_BATCH - 1]


def test_what_follows_a_refused_row_waits_although_nothing_is_marked_yet(listener: Tiny) -> None:
    post = Post()
    relay = Relay(listener.database, post)
    publishes(listener, "1")
    relay.run_once()
    post.deliver()
    relay.run_once()
    publishes(listener, "2")
    relay.run_once()

    post.refuse(1)
    publishes(listener, "3")
    relay.run_once()

    assert post.seen == ["1", "2"]


@pytest.mark.parametrize("in_flight", [1, FEW + 1])
def test_a_row_that_was_committed_late_is_sent(listener: Tiny, in_flight: int) -> None:
    if listener.database.is_sqlite:
        pytest.skip("an SQLite file has one writer at a time: its rows are committed in order")
    post = Post()
    relay = Relay(listener.database, post)
    with listener.database.begin() as connection:
        outbox.publish(connection, Greeted(name="bob", text="late"))
        publishes(listener, *(str(n) for n in range(in_flight)))
        runs(relay)

    publishes(listener, "last")
    runs(relay)

    assert post.seen[in_flight:] == ["late", "last"]


def test_a_commit_wakes_the_relay(listener: Tiny) -> None:
    relay = Relay(listener.database, Post())
    assert not relay.wake.is_set()

    publishes(listener, "1")

    assert relay.wake.is_set()
