"""Kafka for tests of the transport: librdkafka's mock broker, or a real one, with topics for each test."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka import Consumer as Client
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from app.bus.relay import Relay
from app.bus.transport.kafka import Kafka
from app.config.settings import Settings
from app.kernel.ids import new_id
from app.runtime.background import Background
from tests.bus.tiny import Tiny
from tests.conftest import until
from tests.servers import address, is_wanted, program

TOPIC = "greeter"
PARTITIONS = 3
BROKERS = [  # the mock broker waits 3 s for each group
    pytest.param("nearest", marks=pytest.mark.slow),
    pytest.param("stand-in", marks=[pytest.mark.slow, pytest.mark.thorough]),
]


@contextmanager
def broker(kind: str) -> Iterator[Settings]:
    """The real broker, or the mock broker on a machine without one."""
    real_one = kind == "nearest" and is_wanted("TEST_KAFKA_BOOTSTRAP_SERVERS")
    with real() if real_one else stand_in() as settings:
        yield settings


@contextmanager
def stand_in() -> Iterator[Settings]:
    """librdkafka's mock broker, inside this process; it lives as long as the client that created it."""
    owner = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "here"})
    broker = next(iter(owner.list_topics(timeout=60).brokers.values()))
    settings = Settings.from_environment(
        {
            "KAFKA_BOOTSTRAP_SERVERS": f"{broker.host}:{broker.port}",
            "KAFKA_OPTIONS": "fetch.wait.max.ms=10",
            "KAFKA_TOPIC_PREFIX": "t.",
        }
    )
    until(lambda: owner.list_topics("t." + TOPIC, timeout=60).topics["t." + TOPIC].partitions, "it has made the topic")
    yield settings
    owner.flush(1)


@contextmanager
def real() -> Iterator[Settings]:
    """The broker of tests/servers.py."""
    servers = address("TEST_KAFKA_BOOTSTRAP_SERVERS")
    prefix = f"test-{new_id().hex}."
    settings = Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": servers, "KAFKA_TOPIC_PREFIX": prefix})
    make_topic(settings)
    yield settings
    admin = AdminClient({"bootstrap.servers": servers})
    for done in admin.delete_topics([prefix + TOPIC]).values():
        done.result()


def make_topic(settings: Settings) -> None:
    """Create the greeter's topic. It accepts bodies that are too large for our consumers."""
    admin = AdminClient({"bootstrap.servers": settings.kafka_servers})
    topic = NewTopic(settings.topic_prefix + TOPIC, PARTITIONS, 1, config={"max.message.bytes": "4000000"})
    for done in admin.create_topics([topic]).values():
        done.result()


class Line:
    """A transport with its relay and its listeners, run step by step by the test."""

    def __init__(self, settings: Settings, publisher: Tiny, *listeners: Tiny) -> None:
        self.settings = settings
        self.transport = Kafka([each.consumer for each in listeners], settings)
        self.relay = Relay(publisher.database, self.transport)

    def delivers(self, until_true: Callable[[], Any], what: str, seconds: float = 40) -> None:
        """Run the relay and the listeners until a condition holds."""

        def step() -> Any:
            self.relay.run_once()
            for listener in self.transport.listeners:
                listener.run_once(0.01)
            return until_true()

        until(step, what, seconds)

    def listens(self, until_true: Callable[[], Any], what: str, seconds: float = 40) -> None:
        def step() -> Any:
            for listener in self.transport.listeners:
                listener.run_once(0.01)
            return until_true()

        until(step, what, seconds)

    def close(self) -> None:
        self.transport.close()
        self.relay.finish()


def produce(
    settings: Settings, value: bytes | None, key: str | bytes | None, headers: Mapping[str, str | bytes]
) -> None:
    """Send a record as another client would."""
    producer = Producer(
        {"bootstrap.servers": settings.kafka_servers, "message.max.bytes": 4_000_000, "partitioner": "murmur2_random"}
    )
    producer.produce(settings.topic_prefix + TOPIC, value, key, headers=dict(headers))
    assert producer.flush(10) == 0


def produce_with_kcat(settings: Settings, value: bytes, key: str, *headers: bytes) -> None:
    """The same, with headers that Python's client refuses to make."""
    named = [word for header in headers for word in ("-H", header)]
    topic = settings.topic_prefix + TOPIC
    command = [program("kcat"), "-b", settings.kafka_servers, "-P", "-t", topic, "-k", key, *named]
    subprocess.run(command, input=value, check=True, timeout=150)


def lag(settings: Settings, group: str) -> int:
    """The number of records after the group's committed offsets."""
    client = Client({"bootstrap.servers": settings.kafka_servers, "group.id": settings.topic_prefix + group})
    topic = settings.topic_prefix + TOPIC
    offsets = [TopicPartition(topic, each) for each in client.list_topics(topic, timeout=60).topics[topic].partitions]
    behind = 0
    for offset in client.committed(offsets, timeout=60):
        low, high = client.get_watermark_offsets(offset, timeout=60)
        behind += high - max(offset.offset, low)
    client.close()
    return behind


def start(settings: Settings, *modules: Tiny) -> Background:
    """Modules with their threads, as in a separate process."""
    background = Background([each.module for each in modules], lambda consumers: Kafka(consumers, settings))
    background.start()
    return background
