"""A parked event is retried a few times, slowly; then an operator has to retry or discard it."""

from typing import Any

import pytest

from app.bus import parking, tables
from app.bus.parking import SLOW_TRIES
from app.kernel import clock
from app.kernel.errors import NotFound, Stale
from tests.bus.tiny import Greeted, Tiny, TinyUnitOfWork, message


def hold(module: Tiny) -> Any:
    """The row of the only key that is parked."""
    [row] = module.rows(tables.parked_keys)
    return row


def retry(module: Tiny, which: int = 0) -> None:
    """Retry a parked event, as an operator."""
    with module.database.begin() as connection:
        parking.retry(connection, parking.waiting(connection)[which].id)


def discard(module: Tiny, which: int = 0) -> None:
    """Discard a parked event, as an operator."""
    with module.database.begin() as connection:
        parking.discard(connection, parking.waiting(connection)[which].id, "sam", "it was a test")


def test_before_its_time_nothing_is_tried(stuck: Tiny) -> None:
    met = stuck.met

    assert stuck.drains() == 0
    assert stuck.met == met


def test_three_slow_tries_at_growing_distances_and_then_it_waits_for_a_person(stuck: Tiny) -> None:
    started = clock.now()
    distances = [hold(stuck).next_try_at]
    for _ in SLOW_TRIES:
        met = stuck.met
        stuck.time_passes(seconds=31)
        assert stuck.drains() == 0
        assert stuck.met == met + 1, "one event is tried, and those behind it are not"
        distances.append(hold(stuck).next_try_at)

    planned = [(moment - started).total_seconds() for moment in distances if moment]
    assert len(planned) == 3
    assert planned[0] < planned[1] < planned[2]
    assert distances[-1] is None
    stuck.time_passes(days=365)
    met = stuck.met
    assert stuck.drains() == 0
    assert stuck.met == met


def test_retry_gives_the_key_all_its_slow_tries_again(stuck: Tiny) -> None:
    for _ in SLOW_TRIES:
        stuck.time_passes(seconds=31)
        stuck.drains()
    assert hold(stuck).next_try_at is None

    retry(stuck)
    stuck.drains()

    assert hold(stuck).tries == 1
    assert hold(stuck).next_try_at is not None


def test_the_slow_tries_of_one_event_are_not_counted_against_the_next(stuck: Tiny) -> None:
    stuck.time_passes(seconds=31)
    stuck.drains()
    stuck.time_passes(seconds=31)
    stuck.drains()
    assert hold(stuck).tries == 2
    stuck.trouble[:] = [lambda uow, event: chokes_on_second(event)]

    stuck.time_passes(seconds=31)
    stuck.drains()

    assert stuck.texts("ann") == ["poison"]
    assert hold(stuck).next_try_at is not None, "the second event was tried for the first time"


def chokes_on_second(event: Greeted) -> None:
    """A handler that fails on one event of the queue."""
    if event.text == "second":
        raise ValueError("another one")


def test_retry_does_nothing_twice(stuck: Tiny) -> None:
    stuck.trouble.clear()
    retry(stuck)
    stuck.drains()
    once = [(row.consumer, row.event_id) for row in stuck.rows(tables.inbox)]

    for row in once:
        stuck.consumer.handle(message(Greeted(name="ann", text="again"), id=row[1]))

    assert len(once) == 3
    assert stuck.texts("ann") == ["poison", "second", "third"]


def test_discarding_the_first_lets_the_others_go_on_and_keeps_who_and_why(stuck: Tiny) -> None:
    discard(stuck)

    assert stuck.drains() == 2

    assert stuck.texts("ann") == ["second", "third"]
    [row] = stuck.rows(tables.parked)
    assert (row.discarded_by, row.discard_reason) == ("sam", "it was a test")
    assert row.discarded_at is not None
    assert stuck.count(tables.parked_keys) == 0


def test_a_discarded_event_that_arrives_again_has_no_effect(listener: Tiny) -> None:
    listener.trouble.append(fails)
    hello = message(Greeted(name="ann", text="hello"))
    listener.consumer.handle(hello)
    discard(listener)
    listener.trouble.clear()
    listener.drains()

    listener.consumer.handle(hello)

    assert listener.consumed() == []
    assert listener.count(tables.parked_keys) == 0


def fails(uow: TinyUnitOfWork, event: Greeted) -> None:
    raise ValueError("not today")


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_what_was_discarded_cannot_be_retried_or_discarded(stuck: Tiny, verb: str) -> None:
    id = stuck.rows(tables.parked)[0].id
    discard(stuck)
    ask: Any = {
        "retry": lambda connection: parking.retry(connection, id),
        "discard": lambda connection: parking.discard(connection, id, "sam", "again"),
    }[verb]

    with stuck.database.begin() as connection, pytest.raises(NotFound, match=f"nothing is parked under {id}"):
        ask(connection)


def test_a_conflict_during_a_slow_try_is_not_counted(stuck: Tiny) -> None:
    stuck.trouble[:] = [loses]
    stuck.time_passes(seconds=11)

    stuck.drains()
    assert hold(stuck).tries == 0
    stuck.trouble.clear()
    stuck.drains()

    assert stuck.texts("ann") == ["poison", "second", "third"]


def loses(uow: TinyUnitOfWork, event: Greeted) -> None:
    """A handler that always loses a conflict."""
    raise Stale("someone else was first")
