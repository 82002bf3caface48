"""`flask bus …`, as a person types it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.bus import tables
from app.config import Settings
from app.factory import create_app
from tests.bus.tiny import Greeted, Tiny, TinyWork, message


@pytest.fixture
def app(listener: Tiny, tmp_path: Path) -> Flask:
    """An application that hosts the listener alone."""
    return create_app(lambda _: listener.module, settings=Settings.from_environment({"QUARTET_DATA": str(tmp_path)}))


@pytest.fixture
def stuck(listener: Tiny) -> Iterator[Tiny]:
    """A listener with ann's queue of two parked."""

    def chokes(work: TinyWork, event: Greeted) -> None:
        if event.text == "poison":
            raise ValueError("it is poison")

    listener.trouble.append(chokes)
    for text in ("poison", "second"):
        listener.consumer.handle(message(Greeted(name="ann", text=text), headers={"traceparent": "00-abc"}))
    yield listener


def bus(app: Flask, *words: str) -> Result:
    """Type it."""
    return app.test_cli_runner().invoke(args=["bus", *words])


def ids(app: Flask) -> list[str]:
    """What `list` shows as ids."""
    return [line.split()[0] for line in bus(app, "parked", "list").output.splitlines() if line.startswith("listener/")]


def test_status_counts_what_waits_and_what_is_parked(app: Flask, stuck: Tiny) -> None:
    stuck.says(Greeted(name="zoe", text="1"), Greeted(name="zoe", text="2"))

    result = bus(app, "status")

    assert result.exit_code == 0
    header, row, note = result.output.splitlines()
    assert header.split() == ["module", "to", "send", "oldest,", "s", "parked"]
    module, waiting, oldest, parked = row.split()
    assert (module, waiting, parked) == ("listener", "2", "2")
    assert float(oldest) >= 0
    assert note.startswith("No transport")


def test_status_of_an_idle_shop_shows_no_age(app: Flask) -> None:
    assert bus(app, "status").output.splitlines()[1].split() == ["listener", "0", "-", "0"]


def test_list_says_when_nothing_is_parked(app: Flask) -> None:
    result = bus(app, "parked", "list")

    assert (result.exit_code, result.output) == (0, "Nothing is parked.\n")


def test_list_shows_each_event_with_its_error_and_what_happens_next(app: Flask, stuck: Tiny) -> None:
    lines = bus(app, "parked", "list").output.splitlines()

    assert len(lines) == 3
    assert "greeter.greeted.v1" in lines[1]
    assert "ValueError: it is poison (next try 20" in lines[1]
    assert "waits behind an earlier one" in lines[2]


def test_list_says_what_waits_for_a_person(app: Flask, stuck: Tiny) -> None:
    for _ in range(3):
        stuck.time_passes(seconds=31)
        stuck.drains()

    assert "(waits for you)" in bus(app, "parked", "list").output


def test_show_prints_the_whole_event(app: Flask, stuck: Tiny) -> None:
    result = bus(app, "parked", "show", ids(app)[0])

    assert result.exit_code == 0
    for part in ("greeter.greeted.v1", "ann", "ValueError: it is poison", "traceparent", '"text":"poison"', "event_id"):
        assert part in result.output


def test_retry_has_the_queue_handled_at_the_next_round(app: Flask, stuck: Tiny) -> None:
    stuck.trouble.clear()
    assert stuck.drains() == 0, "not due yet"

    result = bus(app, "parked", "retry", ids(app)[0])

    assert result.exit_code == 0
    assert stuck.drains() == 2
    assert stuck.texts("ann") == ["poison", "second"]
    assert bus(app, "parked", "list").output == "Nothing is parked.\n"


def test_discard_lets_the_rest_go_on_and_keeps_the_reason(app: Flask, stuck: Tiny) -> None:
    result = bus(app, "parked", "discard", ids(app)[0], "--reason", "a typo in the name")

    assert result.exit_code == 0
    assert len(ids(app)) == 1
    assert stuck.drains() == 1
    assert stuck.texts("ann") == ["second"]
    [row] = stuck.rows(tables.parked)
    assert row.discard_reason == "a typo in the name"
    assert row.discarded_by


def test_discard_asks_for_a_reason(app: Flask, stuck: Tiny) -> None:
    result = bus(app, "parked", "discard", ids(app)[0])

    assert result.exit_code == 2
    assert "--reason" in result.output
    assert len(ids(app)) == 2


@pytest.mark.parametrize("command", [("show",), ("retry",), ("discard", "--reason", "x")])
@pytest.mark.parametrize(
    ("which", "sentence"),
    [
        ("nobody/1", "not an id from `flask bus parked list`"),
        ("listener", "not an id from `flask bus parked list`"),
        ("listener/", "not an id from `flask bus parked list`"),
        ("listener/x", "not an id from `flask bus parked list`"),
        ("listener/²", "not an id from `flask bus parked list`"),
        ("listener/1; DROP TABLE parked", "not an id from `flask bus parked list`"),
        ("listener/999", "listener: nothing is parked under 999"),
        ("listener/" + "9" * 30, "not an id from `flask bus parked list`"),
    ],
)
def test_an_id_that_is_none_is_refused_with_a_sentence(
    app: Flask, stuck: Tiny, command: tuple[str, ...], which: str, sentence: str
) -> None:
    verb, *options = command

    result = bus(app, "parked", verb, which, *options)

    assert result.exit_code in {1, 2}
    assert sentence in result.output.replace("\n", " ")
    assert len(ids(app)) == 2


def test_prune_deletes_what_is_past_its_time_and_says_how_much(app: Flask, listener: Tiny) -> None:
    listener.says(Greeted(name="ann", text="old"), Greeted(name="ann", text="unsent"))
    listener.consumer.handle(message(Greeted(name="ann", text="long ago")))
    with listener.database.begin() as connection:
        sent = tables.outbox.c.position == connection.execute(tables.outbox.select()).first().position  # type: ignore[union-attr]
        handled = connection.execute(tables.inbox.select()).first()
        assert handled is not None
        connection.execute(tables.outbox.update().where(sent).values(published_at=handled.handled_at))

    assert bus(app, "prune").output.startswith("listener: 0 published events, 0 inbox rows")
    listener.time_passes(days=8)
    assert bus(app, "prune").output.startswith("listener: 1 published events, 0 inbox rows")
    listener.time_passes(days=23)
    assert bus(app, "prune").output.startswith("listener: 0 published events, 1 inbox rows")

    assert len(listener.rows(tables.outbox)) == 1, "what was never sent stays for ever"
