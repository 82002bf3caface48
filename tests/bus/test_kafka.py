"""Events through Kafka: in order, once, parked when they cannot be read, and none lost when the database is away."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.bus import relay as relay_module
from app.bus import tables
from app.bus.event import MAX_BODY_BYTES
from app.config.settings import Settings
from app.kernel.ids import new_id
from tests.bus.kafka import BROKERS, TOPIC, Line, broker, lag, make_topic, produce, produce_with_kcat, real, stand_in
from tests.bus.tiny import Greeted, Tiny, TinyUnitOfWork, Waved, close, message, tiny
from tests.conftest import until
from tests.kernel.databases import fresh_url
from tests.topics import records, topics

MURMUR2 = {  # as Kafka's own UtilsTest has them
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


@pytest.fixture(params=BROKERS)
def kafka(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A broker with the greeter's topic."""
    with broker(request.param) as settings:
        yield settings


@pytest.fixture
def line(kafka: Settings, greeter: Tiny, tmp_path: Path) -> Iterator[Line]:
    """A greeter that publishes, and a listener with a unique name that consumes."""
    listener = tiny(f"listener-{new_id().hex}", f"sqlite:///{tmp_path / 'listener.sqlite'}")
    made = Line(kafka, greeter, listener)
    made.greeter, made.listener = greeter, listener  # type: ignore[attr-defined]
    made.who = new_id().hex  # type: ignore[attr-defined]
    yield made
    made.close()
    close(listener)


def publishes(line: Any, *texts: str, to: str = "") -> None:
    for each in texts:
        line.greeter.publishes(Greeted(name=line.who + to, text=each))


def consumed(line: Any, to: str = "") -> list[str]:
    found: list[str] = line.listener.texts(line.who + to)
    return found


def parked(line: Any) -> list[Any]:
    return line.listener.rows(tables.parked)  # type: ignore[no-any-return]


def in_topic(settings: Settings) -> list[Any]:
    return records(settings.kafka_servers, settings.topic_prefix + TOPIC)


def headers(id: str | None = None, type: str = "greeter.greeted.v1") -> dict[str, str | bytes]:
    return {
        "ce_specversion": "1.0",
        "ce_id": id or str(new_id()),
        "ce_type": type,
        "ce_source": "/stranger",
        "content-type": "application/json",
    }


def test_published_events_are_consumed_in_order_and_marked(line: Any) -> None:
    publishes(line, "1", "2", "3")
    publishes(line, "a", "b", to="x")

    line.delivers(lambda: len(consumed(line)) == 3 and len(consumed(line, "x")) == 2, "all is consumed")

    assert (consumed(line), consumed(line, "x")) == (["1", "2", "3"], ["a", "b"])
    line.delivers(lambda: all(row.published_at for row in line.greeter.rows(tables.outbox)), "all is marked")


def test_on_the_wire_it_is_a_cloud_event_that_other_clients_can_read(line: Any, kafka: Settings) -> None:
    publishes(line, "hello")
    line.delivers(lambda: consumed(line), "it is consumed")

    [record] = in_topic(kafka)
    reported = dict(record.headers())
    assert json.loads(record.value()) == {"name": line.who, "text": "hello", "version": 1}
    assert reported["ce_type"] == b"greeter.greeted.v1"
    assert reported["ce_specversion"] == b"1.0"
    assert reported["ce_source"] == b"/quartet/greeter"
    assert reported["content-type"] == b"application/json"
    assert {"ce_id", "ce_time"} <= set(reported)


def test_an_event_of_another_client_in_that_form_is_consumed_once(line: Any, kafka: Settings) -> None:
    body = json.dumps({"name": line.who, "text": "from afar", "version": 1}).encode()
    same = headers()

    produce(kafka, body, line.who, same)
    produce(kafka, body, line.who, same)
    publishes(line, "last")
    line.delivers(lambda: "last" in consumed(line), "all is consumed")

    assert consumed(line) == ["from afar", "last"]


@pytest.mark.parametrize(
    ("value", "keyed", "changed"),
    [
        (b"not JSON", True, {}),
        (b'{"name": "ann"}', True, {}),  # a field is missing
        (b"{}", True, {"ce_type": "greeter.greeted.v2"}),  # a version that we cannot read
        (None, True, {}),
        (b'{"name": "ann", "text": "hi"}', False, {}),  # no key
        (b"x" * 2_000_000, True, {}),
        (b'{"name": "ann", "text": "hi"}', True, {"ce_id": "no id"}),
        (b"\xff\xfe", True, {"ce_type": b"\xff"}),
        (b"anything", True, {"ce_type": ""}),
    ],
    ids=["no JSON", "field missing", "newer", "null", "no key", "2 MB", "no id", "no text", "no type"],
)
def test_what_cannot_be_read_is_parked_as_it_came_and_all_else_is_handled(
    line: Any, kafka: Settings, value: bytes | None, keyed: bool, changed: dict[str, Any]
) -> None:
    publishes(line, "first", to="other")
    line.delivers(lambda: consumed(line, "other"), "the group is there")

    produce(kafka, value, line.who if keyed else None, headers() | changed)
    publishes(line, "goes on", to="other")

    all_is_well = "it is parked, and the others are consumed"
    line.delivers(lambda: len(consumed(line, "other")) == 2 and parked(line), all_is_well, seconds=5)

    [row] = [each for each in parked(line) if each.body == value]
    assert row.consumer == line.listener.module.name
    line.listens(lambda: lag(kafka, row.consumer) == 0, "nothing is left behind")


def test_a_header_whose_name_is_no_text_is_parked_and_nothing_beside_it_is_lost(line: Any, kafka: Settings) -> None:
    before = [str(n) for n in range(100)]  # enough for Python to optimise the call, and to skip its check
    publishes(line, *before, to="other")
    line.relay.run_once()
    produce_with_kcat(kafka, b"{}", line.who, b"ce_type=greeter.greeted.v1", b"\xff\xfe=1")
    publishes(line, "after", to="other")

    all_is_well = "it is parked, and the others are consumed"
    line.delivers(lambda: consumed(line, "other") == [*before, "after"] and parked(line), all_is_well)

    [row] = parked(line)
    assert (row.key, row.body) == (line.who, b"{}")
    line.listens(lambda: lag(kafka, row.consumer) == 0, "nothing is left behind")


def test_after_any_error_the_listener_comes_back_to_what_it_has_not_handled(line: Any) -> None:
    settle, failures = line.listener.consumer.settle, [SystemError("out of nowhere")]

    def fails_once(messages: Any, done: Any) -> None:
        if failures:
            raise failures.pop()
        settle(messages, done)

    line.listener.consumer.settle = fails_once
    texts = [str(n) for n in range(20)]
    publishes(line, *texts)

    line.delivers(lambda: len(consumed(line)) == 20, "all is consumed")

    assert failures == []
    assert consumed(line) == texts


def test_what_fails_in_the_middle_of_several_partitions_comes_again_in_each(line: Any, kafka: Settings) -> None:
    settle, failures = line.listener.consumer.settle, [SystemError("out of nowhere")]

    def stops_halfway(messages: Any, done: Any) -> None:
        if failures and len({each.partition for each in messages}) > 1:
            settle(messages[: len(messages) // 2], done)
            raise failures.pop()
        settle(messages, done)

    line.listener.consumer.settle = stops_halfway
    texts, keys = list[str](), [str(n) for n in range(9)]

    def more() -> bool:
        texts.extend(str(len(texts) + n) for n in range(5))
        for key in keys:
            publishes(line, *texts[-5:], to=key)
        line.delivers(lambda: all(len(consumed(line, key)) == len(texts) for key in keys), "all is consumed")
        return failures == []

    until(more, "records of several partitions have arrived together")

    line.listens(lambda: lag(kafka, line.listener.module.name) == 0, "nothing is left behind")
    assert {key: consumed(line, key) for key in keys} == dict.fromkeys(keys, texts)
    assert parked(line) == []


def test_a_key_goes_to_the_partition_where_javas_clients_would_put_it(line: Any, kafka: Settings) -> None:
    for key in MURMUR2:
        line.greeter.publishes(Greeted(name=key, text="hello"))
    line.delivers(lambda: all(row.published_at for row in line.greeter.rows(tables.outbox)), "all is sent")

    partitions = topics(kafka.kafka_servers)[kafka.topic_prefix + TOPIC]
    found = {record.key().decode(): record.partition() for record in in_topic(kafka)}
    assert partitions > 1
    assert found == {key: (hash & 0x7FFFFFFF) % partitions for key, hash in MURMUR2.items()}


def test_an_unknown_type_is_skipped(line: Any, kafka: Settings) -> None:
    produce(kafka, b"whatever", line.who, headers(type="greeter.sneezed.v1"))
    line.greeter.publishes(Waved(name=line.who))
    publishes(line, "goes on")

    line.delivers(lambda: consumed(line), "the next is consumed")

    assert parked(line) == []


def test_the_database_goes_away_in_the_middle_of_a_batch_and_nothing_is_skipped(
    kafka: Settings, greeter: Tiny, tmp_path: Path
) -> None:
    def hangs_up(uow: TinyUnitOfWork, event: Greeted) -> None:
        if event.text == "25" and left:
            left.pop()
            with listener.database.read() as other:
                mine = uow.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})

    left, texts = [1, 2, 3, 4], [str(n) for n in range(50)]
    with fresh_url("postgresql", tmp_path) as url:
        listener = tiny(f"listener-{new_id().hex}", url)
        listener.trouble.append(hangs_up)
        line = Line(kafka, greeter, listener)
        greeter.publishes(*(Greeted(name="ann", text=each) for each in texts))

        line.delivers(lambda: len(listener.consumed()) == 50, "all is consumed")
        line.listens(lambda: lag(kafka, listener.module.name) == 0, "nothing is left behind")
        line.close()
        consumed, parked = listener.texts("ann"), listener.count(tables.parked)
        close(listener)

    assert left == []
    assert consumed == texts
    assert parked == 0


def test_of_a_batch_only_what_fails_is_parked_with_its_successors(line: Any) -> None:
    def chokes(uow: TinyUnitOfWork, event: Greeted) -> None:
        if event.text == "poison":
            raise ValueError("it is poison")

    line.listener.trouble.append(chokes)
    publishes(line, "1", "poison", "3")
    publishes(line, "a", "b", to="x")

    line.delivers(lambda: len(consumed(line, "x")) == 2 and len(parked(line)) == 2, "the others are consumed")
    line.listener.trouble.clear()
    line.listener.time_passes(seconds=60)
    line.listener.drains()

    assert consumed(line) == ["1", "poison", "3"]
    assert consumed(line, "x") == ["a", "b"]


def test_a_listener_that_comes_back_goes_on_where_it_was(line: Any, kafka: Settings) -> None:
    publishes(line, "1", "2")
    line.delivers(lambda: len(consumed(line)) == 2, "the first are consumed")
    line.transport.listeners[0].close()
    met = line.listener.met = 0
    line.listener.trouble.append(lambda uow, event: None)

    again = Line(kafka, line.greeter, line.listener)
    publishes(line, "3")
    line.relay.run_once()
    again.listens(lambda: len(consumed(line)) == 3, "the next is consumed")
    again.close()

    assert consumed(line) == ["1", "2", "3"]
    assert line.listener.met - met == 1


def test_two_members_of_a_group_share_the_partitions_and_one_takes_over(line: Any, kafka: Settings) -> None:
    other = Line(kafka, line.greeter, line.listener)
    many = [str(n) for n in range(20)]
    for key in many:
        publishes(line, "first", to=key)

    def both(count: int) -> bool:
        other.transport.listeners[0].run_once(0.01)
        return sum(len(consumed(line, key)) for key in many) == count

    line.delivers(lambda: both(20), "the first are consumed")
    line.transport.listeners[0].close()
    for key in many:
        publishes(line, "second", to=key)
    line.relay.run_once()
    other.listens(lambda: sum(len(consumed(line, key)) for key in many) == 40, "the second are consumed")
    other.close()

    assert all(consumed(line, key) == ["first", "second"] for key in many)


def test_partitions_lost_while_the_database_is_away_are_read_again_when_they_come_back(
    line: Any, kafka: Settings, tmp_path: Path
) -> None:
    def is_away(uow: TinyUnitOfWork, event: Greeted) -> None:
        tried.append(event.text)
        if down:
            raise ConnectionError("the database is away")

    down, tried, many = [True], list[str](), [str(n) for n in range(20)]
    line.listener.trouble.append(is_away)
    for key in many:
        publishes(line, "first", to=key)
    line.delivers(lambda: tried, "the listener has found its database away, and rests")
    twin = tiny(line.listener.module.name, f"sqlite:///{tmp_path / 'listener.sqlite'}")
    other = Line(kafka, line.greeter, twin)

    def consumed_by_all() -> int:
        other.transport.listeners[0].run_once(0.01)
        return sum(len(consumed(line, key)) for key in many)

    line.delivers(consumed_by_all, "another has taken some of its partitions", seconds=80)
    down.clear()
    line.delivers(lambda: consumed_by_all() == 20, "the first are consumed")
    other.close()
    for key in many:
        publishes(line, "second", to=key)
    line.delivers(
        lambda: sum(len(consumed(line, key)) for key in many) == 40, "the second are consumed, by the one that is left"
    )
    close(twin)

    assert all(consumed(line, key) == ["first", "second"] for key in many)


def test_a_row_too_large_holds_its_key_back_and_no_other(line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "KEY_PAUSE", 3600.0)
    publishes(line, "1", "x" * (MAX_BODY_BYTES + 50_000), "3")
    publishes(line, "flows", to="other")

    line.delivers(lambda: consumed(line, "other") and consumed(line), "the others are consumed")
    for _ in range(20):
        line.delivers(lambda: True, "nothing more comes")

    assert consumed(line) == ["1"]
    unsent = [row for row in line.greeter.rows(tables.outbox) if row.published_at is None]
    assert len(unsent) == 2


def test_a_missing_topic_holds_its_events_back_until_it_is_created(
    tmp_path: Path, greeter: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "KEY_PAUSE", 0.5)
    with real() as there:
        elsewhere = Settings.from_environment(
            {
                "KAFKA_BOOTSTRAP_SERVERS": there.kafka_servers,
                "KAFKA_TOPIC_PREFIX": f"test-{new_id().hex}.",
                "KAFKA_OPTIONS": "topic.metadata.propagation.max.ms=100",
            }
        )
        line = Line(elsewhere, greeter)
        greeter.publishes(Greeted(name="ann", text="1"), Greeted(name="ann", text="2"))
        refused = relay_module.REFUSED.labels("greeter")
        before = refused._value.get()
        line.delivers(lambda: refused._value.get() > before, "it is refused")

        make_topic(elsewhere)
        line.delivers(lambda: all(row.published_at for row in greeter.rows(tables.outbox)), "both are sent")
        found = [json.loads(record.value())["text"] for record in in_topic(elsewhere)]
        line.close()

    assert found == ["1", "2"]


def test_a_topic_is_not_created_by_sending_to_it(greeter: Tiny) -> None:
    with stand_in() as there:  # it creates any topic for a client that allows auto-creation
        options = "topic.metadata.propagation.max.ms=100"
        prefix = {"KAFKA_TOPIC_PREFIX": "missing.", "KAFKA_OPTIONS": options}
        elsewhere = Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": there.kafka_servers, **prefix})
        line = Line(elsewhere, greeter, greeter)
        refused = relay_module.REFUSED.labels("greeter")
        before = refused._value.get()
        greeter.publishes(Greeted(name="ann", text="1"))

        line.delivers(lambda: refused._value.get() > before, "it is refused")

        line.close()
        assert set(topics(there.kafka_servers)) == {"t.greeter"}


def test_nothing_is_connected_before_the_first_message(kafka: Settings, listener: Tiny) -> None:
    line = Line(kafka, listener, listener)

    assert line.transport._made is None
    assert line.transport.listeners[0]._client is None
    line.close()


def test_messages_that_may_not_share_a_transaction_do_not(listener: Tiny) -> None:
    transactions: list[int] = []
    depth = listener.consumer.transaction

    @contextmanager
    def stock_counts() -> Iterator[Any]:
        transactions.append(1)
        with depth() as uow:
            yield uow

    listener.consumer.transaction = stock_counts
    some = [message(Greeted(name=f"n{n}", text="x")) for n in range(5)]
    listener.consumer.settle(some, lambda _: None)
    together = len(transactions)
    listener.consumer._alone = frozenset({"greeter.greeted.v1"})
    others = [message(Greeted(name=f"m{n}", text="x")) for n in range(5)]

    listener.consumer.settle(others, lambda _: None)

    assert (together, len(transactions) - together) == (1, 5)
