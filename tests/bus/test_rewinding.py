"""The group of a module is set back, and never forward: what it has not read would be lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Consumer as Client
from confluent_kafka import Producer, TopicPartition

from app.bus.transport import kafka_admin
from app.config.settings import Settings
from tests.bus.kafka import TOPIC, real

MODULE, HOUR = "listener", timedelta(hours=1)


@pytest.fixture
def kafka() -> Iterator[Settings]:
    """A broker whose topic has three events in the partition 0."""
    with real() as settings:
        producer = Producer({"bootstrap.servers": settings.kafka_servers})
        for number in range(3):
            producer.produce(settings.topic_prefix + TOPIC, f"{number}", partition=0)
        assert producer.flush(30) == 0
        yield settings


def group(settings: Settings) -> Client:
    return Client({"bootstrap.servers": settings.kafka_servers, "group.id": settings.topic_prefix + MODULE})


def reads(settings: Settings, count: int) -> None:
    """The module has consumed so many events."""
    client = group(settings)
    client.commit(offsets=[TopicPartition(settings.topic_prefix + TOPIC, 0, count)], asynchronous=False)
    client.close()


def goes_on_at(settings: Settings) -> int:
    client = group(settings)
    (place,) = client.committed([TopicPartition(settings.topic_prefix + TOPIC, 0)], timeout=30)
    client.close()
    return int(place.offset)


def rewinds(settings: Settings, to: datetime) -> int:
    """Returns how many events are read again."""
    return kafka_admin.rewind(settings, MODULE, [TOPIC], to)[settings.topic_prefix + TOPIC]


@pytest.mark.parametrize("later", [timedelta(), HOUR], ids=["now", "mistyped"])
def test_what_was_not_read_yet_is_not_skipped(kafka: Settings, later: timedelta) -> None:
    reads(kafka, 1)

    again = rewinds(kafka, datetime.now(UTC) + later)

    assert (again, goes_on_at(kafka)) == (2, 1)


def test_who_has_read_nothing_begins_with_the_oldest(kafka: Settings) -> None:
    assert (rewinds(kafka, datetime.now(UTC)), goes_on_at(kafka)) == (3, 0)


def test_what_was_read_since_then_is_read_again(kafka: Settings) -> None:
    reads(kafka, 3)

    assert (rewinds(kafka, datetime.now(UTC) - HOUR), goes_on_at(kafka)) == (3, 0)
