"""What is done to Kafka by hand: topics at deploy, and a module's place set back after a restore."""

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
    """Why Kafka was not changed, as a sentence."""


def make_topics(settings: Settings, publishers: Iterable[str]) -> dict[str, str]:
    """Make each publisher's topic, or set the retention of one that is there; what was done, by topic.

    The partitions of a topic that is there stay: another number would send a key's next event elsewhere.
    """
    admin = AdminClient(connection(settings))
    there = asking(lambda: admin.list_topics(timeout=TIMEOUT)).topics
    config = {"retention.ms": str(settings.topic_days * DAY), "cleanup.policy": "delete"}
    done, missing, present = {}, [], []
    for topic in (settings.topic_prefix + each for each in publishers):
        if topic in there:
            partitions = len(there[topic].partitions)
            other = f", not {settings.topic_partitions}" if partitions != settings.topic_partitions else ""
            done[topic] = f"there, with {partitions} partitions{other}; kept {settings.topic_days} days"
            present.append(topic)
        else:
            done[topic] = f"made, with {settings.topic_partitions} partitions; kept {settings.topic_days} days"
            missing.append(NewTopic(topic, settings.topic_partitions, settings.topic_replicas, config=config))
    if missing:
        for future in admin.create_topics(missing, operation_timeout=TIMEOUT).values():
            asking(future.result)
    if present:
        for future in admin.incremental_alter_configs([_kept(topic, config) for topic in present]).values():
            asking(future.result)
    return done


def rewind(settings: Settings, module: str, topics: Iterable[str], to: datetime) -> dict[str, int]:
    """Set a module's group back to what was said from `to` on; how many events it will meet again, by topic.

    Raises CannotDo while the group has members: they would not notice, and store their own place over it.
    """
    group = settings.topic_prefix + module
    admin = AdminClient(connection(settings))
    client = Client(connection(settings) | {"group.id": group, "enable.auto.commit": False})
    try:
        partitions = []
        for topic in (settings.topic_prefix + each for each in sorted(topics)):
            partitions += asking(partial(_partitions, client, topic, int(to.timestamp() * 1000)))
        again = Counter[str]()
        for partition, events in partitions:
            again[partition.topic] += events
    finally:
        client.close()
    offsets = ConsumerGroupTopicPartitions(group, [partition for partition, _ in partitions])
    advice = f"Stop what listens as {module} first."
    try:
        result = admin.alter_consumer_group_offsets([offsets])[group].result()
    except KafkaException as error:
        raise CannotDo(f"{group} cannot be set back: {error.args[0].str()}. {advice}") from None
    if refused := [each.error for each in result.topic_partitions if each.error]:
        raise CannotDo(f"{group} cannot be set back: {refused[0].str()}. {advice}")
    return again


def _partitions(client: Client, topic: str, timestamp: int) -> list[tuple[TopicPartition, int]]:
    """Each partition's first offset from a moment on (milliseconds), and how many events come from there."""
    there = client.list_topics(topic, timeout=TIMEOUT).topics[topic]
    if there.error:
        raise CannotDo(f"There is no topic {topic}: run `flask bus topics`.")
    partitions = []
    for found in client.offsets_for_times(
        [TopicPartition(topic, each, timestamp) for each in there.partitions], TIMEOUT
    ):
        _, end = client.get_watermark_offsets(found, timeout=TIMEOUT)
        offset = found.offset if found.offset >= 0 else end  # nothing was said since: its end
        partitions.append((TopicPartition(topic, found.partition, offset), end - offset))
    return partitions


def _kept(topic: str, config: dict[str, str]) -> ConfigResource:
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in config.items()]
    return ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)


def asking(event_filter: Callable[[], T]) -> T:
    """Its answer. Raises CannotDo."""
    try:
        return event_filter()
    except KafkaException as error:
        raise CannotDo(f"Kafka does not do it: {error.args[0].str()}") from None
