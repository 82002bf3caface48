"""The commands `flask bus …`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.bus import tables
from app.config.settings import Settings
from app.factory import create_app
from app.ops import tables as ops
from tests.bus.tiny import Greeted, Tiny, TinyUnitOfWork, message


@pytest.fixture
def app(listener: Tiny, tmp_path: Path) -> Flask:
    """An application that hosts the listener alone."""
    return create_app(lambda _: listener.module, settings=Settings.from_environment({"QUARTET_DATA": str(tmp_path)}))


@pytest.fixture
def stuck(listener: Tiny) -> Iterator[Tiny]:
    """A listener with ann's queue of two parked."""

    def chokes(uow: TinyUnitOfWork, event: Greeted) -> None:
        if event.text == "poison":
            raise ValueError("it is poison")

    listener.trouble.append(chokes)
    for text in ("poison", "second"):
        listener.consumer.handle(message(Greeted(name="ann", text=text), headers={"traceparent": "00-abc"}))
    yield listener


def bus(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["bus", *words])


def ids(app: Flask) -> list[str]:
    """What `list` shows as ids."""
    return [line.split()[0] for line in bus(app, "parked", "list").output.splitlines() if line.startswith("listener/")]


def test_status_counts_what_waits_and_what_is_parked(app: Flask, stuck: Tiny) -> None:
    stuck.publishes(Greeted(name="zoe", text="1"), Greeted(name="zoe", text="2"))

    result = bus(app, "status")

    assert result.exit_code == 0
    header, row, record = result.output.splitlines()
    assert header.split() == ["module", "to", "send", "oldest,", "s", "parked"]
    module, waiting, oldest, parked = row.split()
    assert (module, waiting, parked) == ("listener", "2", "2")
    assert float(oldest) >= 0
    assert record.startswith("No transport")


def test_status_of_an_idle_shop_shows_no_age(app: Flask) -> None:
    assert bus(app, "status").output.splitlines()[1].split() == ["listener", "0", "-", "0"]


def test_list_reports_when_nothing_is_parked(app: Flask) -> None:
    result = bus(app, "parked", "list")

    assert (result.exit_code, result.output) == (0, "Nothing is parked.\n")


def test_list_shows_each_event_with_its_error_and_what_happens_next(app: Flask, stuck: Tiny) -> None:
    lines = bus(app, "parked", "list").output.splitlines()

    assert len(lines) == 3
    assert "greeter.greeted.v1" in lines[1]
    assert "ValueError: it is poison (next try 20" in lines[1]
    assert "waits behind an earlier event of its key" in lines[2]


def test_list_shows_what_waits_for_an_operator(app: Flask, stuck: Tiny) -> None:
    for _ in range(3):
        stuck.time_passes(seconds=31)
        stuck.drains()

    assert "(waits for a person)" in bus(app, "parked", "list").output


def test_show_prints_the_whole_event(app: Flask, stuck: Tiny) -> None:
    result = bus(app, "parked", "show", ids(app)[0])

    assert result.exit_code == 0
    for part in ("greeter.greeted.v1", "ann", "ValueError: it is poison", "traceparent", '"text":"poison"', "event_id"):
        assert part in result.output


def test_retry_has_the_queue_handled_at_the_next_round(app: Flask, stuck: Tiny) -> None:
    stuck.trouble.clear()
    assert stuck.drains() == 0, "not due yet"

    result = bus(app, "parked", "retry", ids(app)[0], "--reason", "it is mended")

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


@pytest.mark.parametrize("verb", ["retry", "discard"])
@pytest.mark.parametrize("reason", [[], ["--reason", " "], ["--reason", "x" * 501], ["--reason", "two\nlines"]])
def test_what_is_done_by_hand_asks_for_a_reason(app: Flask, stuck: Tiny, verb: str, reason: list[str]) -> None:
    result = bus(app, "parked", verb, ids(app)[0], *reason)

    assert result.exit_code == 2
    assert "--reason" in result.output
    assert len(ids(app)) == 2
    assert stuck.rows(ops.operations) == []


def test_operations_can_be_listed_with_their_reasons(app: Flask, stuck: Tiny) -> None:
    first, second = ids(app)
    bus(app, "parked", "discard", second, "--reason", "sent by mistake")
    bus(app, "parked", "retry", first, "--reason", "mended")

    head, newest, before = bus(app, "operations").output.splitlines()

    assert head.split()[:3] == ["when", "module", "who"]
    assert "shell:" in newest and "parked.retry" in newest and newest.endswith(" mended")
    assert "parked.discard" in before and "greeter.greeted.v1 of ann" in before and before.endswith("sent by mistake")


def test_causes_are_listed_once_each_with_an_example(app: Flask, stuck: Tiny) -> None:
    _, line = bus(app, "parked", "causes").output.splitlines()

    module, keys, events, _, example, *what = line.split()
    assert (module, keys, events, example) == ("listener", "1", "2", ids(app)[0])
    assert " ".join(what) == "greeter.greeted.v1: ValueError: it is poison"


def test_all_keys_of_one_cause_are_retried_at_once(app: Flask, stuck: Tiny) -> None:
    stuck.trouble.clear()
    why = ("--reason", "mended")

    other = bus(app, "parked", "retry", "--module", "listener", "--cause", "KeyError: x", *why)
    these = bus(app, "parked", "retry", "--module", "listener", "--cause", "ValueError: it is poison", *why)

    assert other.output == "0 keys of listener will be retried within a second or two.\n"
    assert these.output == "1 keys of listener will be retried within a second or two.\n"
    assert stuck.drains() == 2


@pytest.mark.parametrize("words", [[], ["listener/1", "--module", "listener"], ["listener/1", "--cause", "x"]])
def test_retry_is_of_one_event_or_of_a_cause(app: Flask, words: list[str]) -> None:
    result = bus(app, "parked", "retry", *words, "--reason", "mended")

    assert result.exit_code == 2
    assert "give one event" in result.output


def test_commands_are_for_the_hosted_modules(app: Flask) -> None:
    result = bus(app, "parked", "retry", "--module", "orders", "--reason", "mended")

    assert result.exit_code == 2
    assert "this entry point does not host 'orders', only listener" in result.output


@pytest.mark.parametrize("command", ["replay", "republish"])
@pytest.mark.parametrize("since", ["yesterday", "2026-11-24", "2026-11-24T03:00:00", "", "0001-01-01T00:00:00+14:00"])
def test_the_start_of_the_past_is_a_time_with_its_zone(app: Flask, command: str, since: str) -> None:
    result = bus(app, command, "--module", "listener", "--since", since, "--dry-run")

    assert result.exit_code == 2
    assert "such as 2026-11-24T03:00:00Z" in result.output.replace("\n", " ")


def test_without_a_transport_there_is_no_past_to_replay(app: Flask) -> None:
    result = bus(app, "replay", "--module", "listener", "--since", "2026-11-24T03:00:00Z", "--dry-run")

    assert result.exit_code == 1
    assert "neither Kafka nor the other modules" in result.output


@pytest.mark.parametrize("command", [("show",), ("retry", "--reason", "x"), ("discard", "--reason", "x")])
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
def test_an_invalid_id_is_refused_with_a_sentence(
    app: Flask, stuck: Tiny, command: tuple[str, ...], which: str, sentence: str
) -> None:
    verb, *options = command

    result = bus(app, "parked", verb, which, *options)

    assert result.exit_code in {1, 2}
    assert sentence in result.output.replace("\n", " ")
    assert len(ids(app)) == 2


def test_prune_deletes_what_is_past_its_retention_and_prints_how_much(app: Flask, listener: Tiny) -> None:
    listener.publishes(Greeted(name="ann", text="old"), Greeted(name="ann", text="unsent"))
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

    assert len(listener.rows(tables.outbox)) == 1, "rows that were never sent are never deleted"
