"""A process whose Kafka clients do not recover ends, and is started again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer as Client
from confluent_kafka import KafkaError, Producer

from app.bus import tables
from app.bus.transport.kafka import Kafka
from app.config.settings import Settings
from tests.bus.broker_with_errors import INIT_PRODUCER_ID, PRODUCE, BrokerWithErrors, broker_with_errors
from tests.bus.kafka import TOPIC, Line
from tests.bus.tiny import Greeted, Tiny, close, message, tiny
from tests.conftest import ROOT

NOWHERE = {"bootstrap.servers": "127.0.0.1:9", "log_level": 0}


@pytest.fixture
def broker() -> Iterator[BrokerWithErrors]:
    with broker_with_errors(TOPIC) as broker:
        yield broker


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Tiny]:
    made = tiny("listener", f"sqlite:///{tmp_path / 'listener.sqlite'}")
    yield made
    close(made)


@pytest.fixture
def transport(broker: BrokerWithErrors, listener: Tiny) -> Iterator[Kafka]:
    """Its producer and its consumer have connected."""
    made = Kafka([listener.consumer], Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": broker.servers}))
    made.send([(1, message(Greeted(name="ann", text="hello")))], lambda _position, _why: None)
    made.listeners[0].run_once()
    yield made
    made.close()


def test_clients_that_reach_a_broker_are_kept(transport: Kafka) -> None:
    assert not transport.needs_new_clients()


def test_clients_are_kept_when_nobody_reaches_a_broker(listener: Tiny) -> None:
    transport = Kafka([listener.consumer], Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}))
    transport.listeners[0].run_once()

    assert not transport.needs_new_clients()
    transport.close()


def test_a_process_without_clients_has_lost_nothing(broker: BrokerWithErrors, listener: Tiny) -> None:
    settings = Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": broker.servers})

    assert not Kafka([listener.consumer], settings).needs_new_clients()


def test_a_producer_that_has_lost_them(transport: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_made", Producer(NOWHERE))

    assert transport.needs_new_clients()


def test_a_consumer_that_has_lost_them(transport: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport.listeners[0], "_client", Client(NOWHERE | {"group.id": "lost"}))

    assert transport.needs_new_clients()


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (INIT_PRODUCER_ID, KafkaError.CLUSTER_AUTHORIZATION_FAILED),
        (PRODUCE, KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER),
    ],
)
def test_a_producer_that_refuses_everything_after_an_error(
    broker: BrokerWithErrors, greeter: Tiny, asked: int, error: int
) -> None:
    line = Line(Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": broker.servers}), greeter)
    broker.answers(asked, error)
    greeter.publishes(Greeted(name="ann", text="hello"))
    line.delivers(line.transport.needs_new_clients, "a new producer is needed")
    line.close()

    again = Line(line.settings, greeter)
    again.delivers(lambda: greeter.rows(tables.outbox)[0].published_at, "the new one sends the event")
    again.close()


@pytest.mark.parametrize(
    ("looks", "needed"), [((True, True), 2), ((False, True, False, True, True), 5), ((True, KeyError, True, True), 4)]
)
def test_two_looks_in_sequence_end_the_process(looks: tuple[object, ...], needed: int) -> None:
    program = f"""
import time
from app.runtime import kafka_watch

looks = iter({looks!r})
def needs_new_clients():
    print("looks", flush=True)
    look = next(looks)
    if look is KeyError:
        raise KeyError
    return look

kafka_watch.PAUSE = 0.01
kafka_watch.watch(needs_new_clients)
time.sleep(100)
""".replace("<class 'KeyError'>", "KeyError")
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=150)

    assert (ended.returncode, ended.stdout.count("looks")) == (os.EX_TEMPFAIL, needed)
    assert "A Kafka client of this process does not recover" in ended.stderr
