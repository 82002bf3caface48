"""When handling fails, the event is repeated at once, waits for the database, or is parked; none is dropped."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from app.bus import tables
from app.bus.retry import QUICK_TRIES, Stopped
from app.kernel.errors import NotFound, Stale
from tests.bus.tiny import Greeted, Tiny, TinyUnitOfWork, Waved, message
from tests.conftest import until


def test_a_conflict_is_repeated_and_is_no_failure(listener: Tiny) -> None:
    def loses_often(uow: TinyUnitOfWork, event: Greeted) -> None:
        if listener.met <= 4 * QUICK_TRIES:
            raise Stale("someone else was first")

    listener.trouble.append(loses_often)

    listener.consumer.handle(message(Greeted(name="ann", text="hello")))

    assert listener.met == 4 * QUICK_TRIES + 1
    assert listener.consumed() == [("ann", "hello")]
    assert listener.count(tables.parked) == 0


def test_a_handler_that_fails_four_times_is_not_parked(listener: Tiny) -> None:
    def fails(uow: TinyUnitOfWork, event: Greeted) -> None:
        if listener.met < QUICK_TRIES:
            raise ValueError("not yet")

    listener.trouble.append(fails)

    listener.consumer.handle(message(Greeted(name="ann", text="hello")))

    assert listener.consumed() == [("ann", "hello")]
    assert listener.count(tables.parked) == 0


@pytest.mark.parametrize(
    "error", [ValueError("no such mug"), NotFound("no_such_order", "no such order"), KeyError("x")]
)
def test_a_handler_that_keeps_failing_has_its_event_parked_with_the_error(listener: Tiny, error: Exception) -> None:
    def fails(uow: TinyUnitOfWork, event: Greeted) -> None:
        raise error

    listener.trouble.append(fails)
    hello = message(Greeted(name="ann", text="hello"), partition=3, offset=77)

    listener.consumer.handle(hello)

    [row] = listener.rows(tables.parked)
    assert listener.met == QUICK_TRIES
    assert listener.consumed() == []
    assert (row.event_id, row.type, row.key, row.body) == (hello.id, "greeter.greeted.v1", "ann", hello.body)
    assert (row.topic, row.partition, row.offset) == ("greeter", 3, 77)
    assert row.error == f"{type(error).__name__}: {error}"


def test_a_database_that_is_away_is_waited_for_and_nothing_is_parked(listener: Tiny) -> None:
    def away(uow: TinyUnitOfWork, event: Greeted) -> None:
        if listener.met <= 2:
            raise ConnectionRefusedError("nobody at 5432")

    listener.trouble.append(away)

    listener.consumer.handle(message(Greeted(name="ann", text="hello")))

    assert listener.met == 3
    assert listener.consumed() == [("ann", "hello")]
    assert listener.count(tables.parked) == 0


def test_a_consumer_that_waits_for_the_database_stops_on_request_and_the_event_is_not_lost(listener: Tiny) -> None:
    def away(uow: TinyUnitOfWork, event: Greeted) -> None:
        raise ConnectionRefusedError("nobody at 5432")

    listener.trouble.append(away)
    ended: list[BaseException] = []
    hello = message(Greeted(name="ann", text="hello"))

    def handle() -> None:
        try:
            listener.consumer.handle(hello)
        except Stopped as stopped:
            ended.append(stopped)

    waiting = threading.Thread(target=handle)
    waiting.start()
    until(lambda: listener.met, "it waits for the database")
    listener.consumer.stopping.set()
    waiting.join(timeout=60)

    assert len(ended) == 1
    assert listener.count(tables.inbox) == listener.count(tables.parked) == 0

    listener.trouble.clear()
    listener.consumer.stopping.clear()
    listener.consumer.handle(hello)
    assert listener.consumed() == [("ann", "hello")]


GREETING = Greeted(name="ann", text="hello")
UNREADABLE: dict[str, dict[str, Any]] = {
    "not JSON": {"body": b"\xff\x00 hello"},
    "no body": {"body": None},
    "an empty body": {"body": b""},
    "a missing field": {"body": b'{"name": "ann"}'},
    "a field of another type": {"body": b'{"name": "ann", "text": 5}'},
    "a deep nest": {"body": b"[" * 100_000},
    "two megabytes of nonsense": {"body": b"x" * 2_000_000},
    "no key": {"key": None},
    "a newer version": {"headers": {"ce_type": "greeter.greeted.v2"}},
    "a version from before the first": {"headers": {"ce_type": "greeter.greeted.v0"}},
    "no type": {"headers": {"ce_type": None}},
    "no version": {"headers": {"ce_type": "greeter.greeted"}},
    "a version in words": {"headers": {"ce_type": "greeter.greeted.vone"}},
    "a type of a megabyte": {"headers": {"ce_type": "greeter.greeted.v" + "x" * 1_000_000}},
    "no id": {"headers": {"ce_id": None}},
    "an id that is none": {"headers": {"ce_id": "../../etc/passwd"}},
    "an empty id": {"headers": {"ce_id": ""}},
    "a null in the type": {"headers": {"ce_type": "greeter.\x00"}},
    "a null in a header": {"headers": {"ce_type": "", "x": "a\x00b"}},
    "half a character in a header": {"headers": {"ce_type": "", "x": "\ud800"}},
    "half a character in the type": {"headers": {"ce_type": "greeter.\ud800"}},
    "a null in the key": {"key": "a\x00nn", "body": b"-"},
    "half a character in the key": {"key": "a\ud800nn", "body": b"-"},
    "a key of a megabyte": {"key": "k" * 1_000_000, "body": b"-"},
    "a thousand headers": {"headers": {"ce_type": ""} | {f"x-{n}": "y" * 100 for n in range(1000)}},
}


@pytest.mark.parametrize("what", UNREADABLE, ids=lambda what: what.replace(" ", "-"))
def test_what_cannot_be_read_is_parked_at_once_and_the_rest_goes_on(listener: Tiny, what: str) -> None:
    strange = message(GREETING, offset=5, **UNREADABLE[what])

    listener.consumer.handle(strange)
    listener.consumer.handle(replace(strange))  # a second copy of it
    listener.consumer.handle(message(Greeted(name="bob", text="hello")))

    [row] = listener.rows(tables.parked)
    assert row.body == strange.body
    assert row.error.startswith("Unreadable: ")
    assert listener.met == 0
    assert listener.consumed() == [("bob", "hello")]


@pytest.mark.parametrize("what", ["greeter.waved.v1", "greeter.waved.v9", "greeter.unheard_of.v3", "a.b.c.v1"])
def test_a_type_that_is_not_for_us_is_skipped_and_counted(listener: Tiny, what: str) -> None:
    labels = {"consumer": "listener", "type": "other", "outcome": "skipped"}
    before = REGISTRY.get_sample_value("quartet_bus_consumed_total", labels) or 0

    listener.consumer.handle(message(Waved(name="ann"), headers={"ce_type": what}))

    assert listener.count(tables.parked) == listener.count(tables.inbox) == 0
    assert REGISTRY.get_sample_value("quartet_bus_consumed_total", labels) == before + 1


def test_a_request_id_of_any_shape_harms_nothing(listener: Tiny) -> None:
    for n, strange in enumerate(("", "a\x00b", "é" * 10_000, "' OR 1=1 --")):
        listener.consumer.handle(message(Greeted(name="ann", text=str(n)), headers={"ce_requestid": strange}))

    assert listener.texts("ann") == ["0", "1", "2", "3"]


def test_a_wrong_statement_is_a_bug_and_not_a_database_that_is_away(listener: Tiny) -> None:
    def wrong(uow: TinyUnitOfWork, event: Greeted) -> None:
        uow.connection.execute(text("SELECT * FROM no_such_table"))

    listener.trouble.append(wrong)

    listener.consumer.handle(message(GREETING))

    assert listener.met == QUICK_TRIES
    assert "no_such_table" in listener.rows(tables.parked)[0].error


def test_a_server_that_ends_the_connection_in_the_middle_is_waited_for_and_nothing_is_parked(listener: Tiny) -> None:
    if listener.database.is_sqlite:
        pytest.skip("SQLite has no server")

    def restarts(uow: TinyUnitOfWork, event: Greeted) -> None:
        if listener.met <= QUICK_TRIES:
            mine = uow.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with listener.database.read() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
            uow.connection.execute(text("SELECT 1"))

    listener.trouble.append(restarts)

    listener.consumer.handle(message(GREETING))

    assert listener.met == QUICK_TRIES + 1
    assert listener.consumed() == [("ann", "hello")]
    assert listener.count(tables.parked) == 0
