"""A process whose Kafka clients have lost their brokers for ever ends, and is started again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer as Client
from confluent_kafka import Producer

from app.bus.transport.kafka import Kafka
from app.config.settings import Settings
from tests.bus.broker_with_errors import BrokerWithErrors, broker_with_errors
from tests.bus.kafka import TOPIC
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
    assert not transport.has_lost_its_brokers()


def test_clients_are_kept_when_nobody_reaches_a_broker(listener: Tiny) -> None:
    transport = Kafka([listener.consumer], Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}))
    transport.listeners[0].run_once()

    assert not transport.has_lost_its_brokers()
    transport.close()


def test_a_process_without_clients_has_lost_nothing(broker: BrokerWithErrors, listener: Tiny) -> None:
    settings = Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": broker.servers})

    assert not Kafka([listener.consumer], settings).has_lost_its_brokers()


def test_a_producer_that_has_lost_them(transport: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_made", Producer(NOWHERE))

    assert transport.has_lost_its_brokers()


def test_a_consumer_that_has_lost_them(transport: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport.listeners[0], "_client", Client(NOWHERE | {"group.id": "lost"}))

    assert transport.has_lost_its_brokers()


@pytest.mark.parametrize(
    ("looks", "needed"), [((True, True), 2), ((False, True, False, True, True), 5), ((True, KeyError, True, True), 4)]
)
def test_two_looks_in_sequence_end_the_process(looks: tuple[object, ...], needed: int) -> None:
    program = f"""
import time
from app.runtime import lost_brokers

looks = iter({looks!r})
def has_lost():
    print("looks", flush=True)
    look = next(looks)
    if look is KeyError:
        raise KeyError
    return look

lost_brokers.PAUSE = 0.01
lost_brokers.watch(has_lost)
time.sleep(100)
""".replace("<class 'KeyError'>", "KeyError")
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=150)

    assert (ended.returncode, ended.stdout.count("looks")) == (os.EX_TEMPFAIL, needed)
    assert "The brokers answer, but not to the Kafka clients of this process" in ended.stderr
