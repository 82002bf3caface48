"""An event has its effect once, however often it arrives."""

from uuid import UUID

import pytest

from app.bus import inbox, outbox, tables
from app.kernel import context
from app.kernel.ids import new_id
from tests.bus.tiny import Greeted, MoodChanged, Tiny, TinyUnitOfWork, Waved, greetings, message, moods


def test_the_same_event_twice_has_its_effect_once(listener: Tiny) -> None:
    hello = message(Greeted(name="ann", text="hello"))

    listener.consumer.handle(hello)
    listener.consumer.handle(hello)

    assert listener.consumed() == [("ann", "hello")]
    assert listener.count(tables.inbox) == 1


def test_the_same_text_published_twice_is_two_events(listener: Tiny) -> None:
    listener.consumer.handle(message(Greeted(name="ann", text="hello")))
    listener.consumer.handle(message(Greeted(name="ann", text="hello")))

    assert listener.texts("ann") == ["hello", "hello"]


def test_each_consumer_on_one_database_handles_it_for_itself(listener: Tiny) -> None:
    id = new_id()

    with listener.database.begin() as connection:
        first = [inbox.first_time(connection, name, id) for name in ("search", "mail", "search")]

    assert first == [True, True, False]


def test_a_handler_that_fails_leaves_neither_effect_nor_inbox_row(listener: Tiny) -> None:
    def fails_once(uow: TinyUnitOfWork, event: Greeted) -> None:
        assert listener.met > 1, "the first time it fails"

    listener.trouble.append(fails_once)

    listener.consumer.handle(message(Greeted(name="ann", text="hello")))

    assert listener.met == 2
    assert listener.consumed() == [("ann", "hello")]
    assert listener.count(tables.inbox) == 1


def test_an_effect_its_inbox_row_and_its_events_commit_together_or_not_at_all(listener: Tiny) -> None:
    def answers(uow: TinyUnitOfWork, event: Greeted) -> None:
        outbox.publish(uow.connection, Waved(name=event.name))
        if event.name == "bob":
            raise ValueError("not with bob")

    listener.trouble.append(answers)

    listener.consumer.handle(message(Greeted(name="ann", text="hello")))
    listener.consumer.handle(message(Greeted(name="bob", text="hello")))

    assert [row.key for row in listener.rows(tables.outbox)] == ["ann"]
    assert listener.consumed() == [("ann", "hello")]
    assert listener.count(tables.inbox) == 1


def test_what_a_handler_publishes_carries_the_request_that_caused_it(listener: Tiny) -> None:
    listener.trouble.append(lambda uow, event: outbox.publish(uow.connection, Waved(name=event.name)))

    listener.consumer.handle(message(Greeted(name="ann", text="hello"), headers={"ce_requestid": "r-7"}))

    [(_, waved)] = in_outbox(listener)
    assert waved.request_id == "r-7"
    assert context.request_id.get() is None


def in_outbox(module: Tiny) -> list[tuple[int, object]]:
    """The messages that a module has not sent yet."""
    with module.database.read() as connection:
        return outbox.unpublished_after(connection, 0, 100)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 3, 1), (1, 3, 2, 3)])
def test_a_projection_only_moves_forward(listener: Tiny, order: tuple[int, ...]) -> None:
    for version in order:
        listener.consumer.handle(message(MoodChanged(name="ann", mood=f"mood {version}", version=version)))

    assert [tuple(row) for row in listener.rows(moods)] == [("ann", "mood 3", 3, 0)]


def test_a_copy_accepts_the_same_version_again_when_the_fact_has_gained_a_field(listener: Tiny) -> None:
    def receives(mood: str, version: int, revision: int) -> list[str]:
        listener.consumer.handle(message(MoodChanged(name="ann", mood=mood, version=version, revision=revision)))
        return [row.mood for row in listener.rows(moods)]

    assert receives("gloomy", 2, 0) == ["gloomy"]
    assert receives("gloomy, of the weather", 2, 1) == ["gloomy, of the weather"], (
        "announced by the code with the new field"
    )
    assert receives("gloomy", 2, 0) == ["gloomy, of the weather"], "the same fact arrives again"
    assert receives("cheerful", 3, 0) == ["cheerful"], "old code still runs somewhere, and publishes a newer version"


def test_a_projection_stays_right_when_its_inbox_was_pruned(listener: Tiny) -> None:
    old = message(MoodChanged(name="ann", mood="gloomy", version=1))
    listener.consumer.handle(old)
    listener.consumer.handle(message(MoodChanged(name="ann", mood="cheerful", version=2)))
    with listener.database.begin() as connection:
        connection.execute(tables.inbox.delete())

    listener.consumer.handle(old)

    assert [row.mood for row in listener.rows(moods)] == ["cheerful"]


def test_an_event_without_a_subscription_is_skipped(listener: Tiny) -> None:
    listener.consumer.handle(message(Waved(name="ann")))

    assert listener.count(tables.inbox) == listener.count(tables.parked) == listener.count(greetings) == 0


def test_an_event_of_a_megabyte_arrives_whole(listener: Tiny) -> None:
    text = "ä" * 499_000

    listener.consumer.handle(message(Greeted(name="ann", text=text)))

    assert listener.texts("ann") == [text]


def test_ids_are_compared_as_ids_not_as_text(listener: Tiny) -> None:
    id = UUID("019ac2b4-7a1f-7c3e-9d55-0f4a51c9e102")

    listener.consumer.handle(message(Greeted(name="ann", text="hello"), id=id))
    listener.consumer.handle(message(Greeted(name="ann", text="hello"), headers={"ce_id": str(id).upper()}))

    assert listener.texts("ann") == ["hello"]
