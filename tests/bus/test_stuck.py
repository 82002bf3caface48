"""Parked events as operators see them: by cause, page by page, and with the queue behind an event."""

import pytest

from app.bus import parking, stuck
from app.kernel.ids import new_id
from tests.bus.tiny import Greeted, MoodChanged, Tiny, TinyUnitOfWork, message


@pytest.fixture
def jammed(listener: Tiny) -> Tiny:
    """Three keys stuck: two for one cause, with one event behind each; one that cannot be read."""

    def chokes(uow: TinyUnitOfWork, event: Greeted) -> None:
        if event.text.startswith("poison"):
            raise LookupError(f"no order {new_id()}, looked {len(event.name)} times in 'here'\nand more")

    listener.trouble.append(chokes)
    for name in ("ann", "robert"):
        listener.consumer.handle(message(Greeted(name=name, text="poison")))
        listener.consumer.handle(message(Greeted(name=name, text="behind")))
    listener.consumer.handle(message(MoodChanged(name="zoe", mood="sad", version=1), body=b"-"))
    return listener


def test_errors_that_differ_by_what_they_name_are_one_cause(jammed: Tiny) -> None:
    with jammed.database.read() as connection:
        first, second = stuck.causes(connection)

    assert (first.type, first.keys, first.events) == ("greeter.greeted.v1", 2, 4)
    assert first.cause == "LookupError: no order …, looked … times in …"
    assert (second.type, second.keys, second.events) == ("greeter.mood_changed.v1", 1, 1)
    assert second.cause.startswith("Unreadable: greeter.mood_changed.v1: ")


def test_a_cause_has_an_example_that_failed_for_it(jammed: Tiny) -> None:
    with jammed.database.read() as connection:
        for cause in stuck.causes(connection):
            row = stuck.one(connection, cause.example)
            assert row is not None and row.is_first
            assert stuck.cause_of(row.error) == cause.cause
            assert row.parked_at == cause.oldest


def test_keys_are_found_by_their_cause_and_tried_again(jammed: Tiny) -> None:
    jammed.trouble.clear()
    with jammed.database.read() as connection:
        cause, _ = stuck.causes(connection)
        these = stuck.stuck_keys(connection, cause.type, cause.cause)
        others = stuck.stuck_keys(connection, "greeter.mood_changed.v1", cause.cause)
        everything = stuck.stuck_keys(connection, None, None)

    with jammed.database.begin() as connection:
        again = stuck.retry_keys(connection, these)

    assert (again, others, len(everything)) == (2, [], 3)
    assert jammed.drains() == 4
    with jammed.database.begin() as connection:
        assert stuck.retry_keys(connection, these) == 0, "they are not parked any more"


def test_rows_come_page_by_page_with_who_is_first(jammed: Tiny) -> None:
    with jammed.database.read() as connection:
        whole = stuck.rows(connection, None, None, 0, 100)
        pages = [stuck.rows(connection, None, None, last, 2) for last in (0, whole[1].id, whole[3].id)]
        of_ann = stuck.rows(connection, None, "ann", 0, 100)
        moods = stuck.rows(connection, "greeter.mood_changed.v1", None, 0, 100)

    assert [row.id for page in pages for row in page] == [row.id for row in whole]
    assert [row.is_first for row in whole] == [True, False, True, False, True]
    assert [row.key for row in of_ann] == ["ann", "ann"]
    assert [row.key for row in moods] == ["zoe"]


def test_what_was_discarded_is_neither_first_nor_listed(jammed: Tiny) -> None:
    with jammed.database.begin() as connection:
        first = stuck.rows(connection, None, "ann", 0, 1)[0]
        parking.discard(connection, first.id, "sam", "nonsense")

        [left] = stuck.rows(connection, None, "ann", 0, 100)
        summary = stuck.summary(connection)

        assert left.is_first
        assert stuck.one(connection, first.id) is None
        assert (summary.events, summary.keys, summary.waiting) == (4, 3, 0)


def test_behind_an_event_are_the_later_ones_of_its_key(jammed: Tiny) -> None:
    with jammed.database.read() as connection:
        first, second = stuck.rows(connection, None, "robert", 0, 100)
        count, some = stuck.queued_behind(connection, first, 10)

        assert (count, [row.id for row in some]) == (1, [second.id])
        assert stuck.queued_behind(connection, second, 10) == (0, [])


def test_what_waits_for_a_person_is_counted(jammed: Tiny) -> None:
    for _ in range(3):
        jammed.time_passes(seconds=31)
        jammed.drains()

    with jammed.database.read() as connection:
        assert stuck.summary(connection).waiting == 3


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("KeyError: 'MUG'", "KeyError: …"),
        ("ValueError: it is poison", "ValueError: it is poison"),
        ("X: 01a20d02-8961-757a-a059-97a01e45ea32 at 0x7F00 after 1.5 s", "X: … at … after … s"),
        ("first\nsecond", "first"),
        ("", ""),
        ("x" * 400, "x" * 300),
    ],
)
def test_a_cause_is_an_error_without_what_differs(error: str, cause: str) -> None:
    assert stuck.cause_of(error) == cause
