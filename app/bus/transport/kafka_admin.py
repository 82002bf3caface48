"""Administration of Kafka: creating topics at deployment, and rewinding a module's offsets after a restore."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TypeVar

from confluent_kafka import Consumer as Client
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic

from app.bus.transport.kafka_brokers import connection
from app.config.settings import Settings

T = TypeVar("T")

TIMEOUT = 15.0  # seconds
DAY = 86_400_000  # milliseconds


class CannotDo(Exception):
    """Kafka was not changed. The message is a sentence with the reason."""


def make_topics(settings: Settings, publishers: Iterable[str]) -> dict[str, str]:
    """Create each publisher's topic, or set the retention of an existing one. Returns what was done, by topic.

    The number of partitions of an existing topic stays: with another number, the next event of a key would go to
    another partition. Raises CannotDo.
    """
    admin = AdminClient(connection(settings))
    existing = answer_of(lambda: admin.list_topics(timeout=TIMEOUT)).topics
    config = {"retention.ms": str(settings.topic_days * DAY), "cleanup.policy": "delete"}
    retention = f"events are retained for {settings.topic_days} days"
    done, missing, present = {}, [], []
    for topic in (settings.topic_prefix + each for each in publishers):
        if topic in existing:
            partitions = len(existing[topic].partitions)
            other = f", not {settings.topic_partitions}" if partitions != settings.topic_partitions else ""
            done[topic] = f"exists, with {partitions} partitions{other}; {retention}"
            present.append(topic)
        else:
            done[topic] = f"created, with {settings.topic_partitions} partitions; {retention}"
            missing.append(NewTopic(topic, settings.topic_partitions, settings.topic_replicas, config=config))
    if missing:
        for future in admin.create_topics(missing, operation_timeout=TIMEOUT).values():
            answer_of(future.result)
    if present:
        for future in admin.incremental_alter_configs([_retention(topic, config) for topic in present]).values():
            answer_of(future.result)
    return done


def rewind(settings: Settings, module: str, topics: Iterable[str], to: datetime) -> dict[str, int]:
    """Set the offsets of a module's group back to the events published from `to` on. What the group has not read yet is
    never skipped: offsets that are earlier than that stay.

    Returns how many events it will read again, by topic. Raises CannotDo while the group has members: they would not
    notice the change, and would overwrite it with their own offsets.
    """
    group = settings.topic_prefix + module
    admin = AdminClient(connection(settings))
    client = Client(connection(settings) | {"group.id": group, "enable.auto.commit": False})
    try:
        partitions = []
        for topic in (settings.topic_prefix + each for each in sorted(topics)):
            partitions += answer_of(partial(_partitions, client, topic, int(to.timestamp() * 1000)))
        again = Counter[str]()
        for partition, events in partitions:
            again[partition.topic] += events
    finally:
        client.close()
    offsets = ConsumerGroupTopicPartitions(group, [partition for partition, _ in partitions])
    advice = f"Stop every process that consumes for {module} first."
    try:
        result = admin.alter_consumer_group_offsets([offsets])[group].result()
    except KafkaException as error:
        raise CannotDo(f"{group} cannot be set back: {error.args[0].str()}. {advice}") from None
    if refused := [each.error for each in result.topic_partitions if each.error]:
        raise CannotDo(f"{group} cannot be set back: {refused[0].str()}. {advice}")
    return again


def _partitions(client: Client, topic: str, timestamp: int) -> list[tuple[TopicPartition, int]]:
    """Where each partition is read from again: its first offset since a timestamp (milliseconds), or where its group is
    if that is earlier; and the number of events from there.
    """
    metadata = client.list_topics(topic, timeout=TIMEOUT).topics[topic]
    if metadata.error:
        raise CannotDo(f"There is no topic {topic}: run `flask bus topics`.")
    partitions = []
    reached = client.committed([TopicPartition(topic, each) for each in metadata.partitions], TIMEOUT)
    upto = {each.partition: each.offset for each in reached}
    for first in client.offsets_for_times(
        [TopicPartition(topic, each, timestamp) for each in metadata.partitions], TIMEOUT
    ):
        oldest, end = client.get_watermark_offsets(first, timeout=TIMEOUT)
        since = first.offset if first.offset >= 0 else end  # negative: nothing was published since
        offset = max(oldest, min(since, upto[first.partition]))  # negative: its group has read nothing yet
        partitions.append((TopicPartition(topic, first.partition, offset), end - offset))
    return partitions


def _retention(topic: str, config: dict[str, str]) -> ConfigResource:
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in config.items()]
    return ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)


def answer_of(call: Callable[[], T]) -> T:
    """Return the result of a call to Kafka. Raises CannotDo when it fails."""
    try:
        return call()
    except KafkaException as error:
        raise CannotDo(f"Kafka refused the request: {error.args[0].str()}") from None
