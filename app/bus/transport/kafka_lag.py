"""The lag of consumer groups as the brokers report it, because a listener that hangs cannot report its own."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

MIN_TIMEOUT = 0.1  # seconds for the last request, when earlier ones took all the time


def lag(admin: AdminClient, groups: Mapping[str, Iterable[str]], seconds: float) -> dict[tuple[str, str], int]:
    """The number of messages not yet handled, by group and topic, for the given topics of each group.

    For a group that never committed, all messages of the topic count. Topics that do not exist have no lag. Raises
    KafkaException after at most `seconds`.
    """
    until = time.monotonic() + seconds
    topics = admin.list_topics(timeout=seconds).topics
    partitions = [
        TopicPartition(topic, partition)
        for topic in sorted({topic for topics_of in groups.values() for topic in topics_of})
        if topic in topics
        for partition in topics[topic].partitions
    ]
    ends = _offsets(admin, partitions, OffsetSpec.latest(), until)  # type: ignore[no-untyped-call]
    begins = _offsets(admin, partitions, OffsetSpec.earliest(), until)  # type: ignore[no-untyped-call]
    lag: Counter[tuple[str, str]] = Counter()
    for group, topics_of in groups.items():
        of_group = [
            TopicPartition(partition.topic, partition.partition)
            for partition in partitions
            if partition.topic in set(topics_of)
        ]
        for partition in _committed(admin, group, of_group, until):
            where = (partition.topic, partition.partition)
            if where in ends:
                done = max(partition.offset, begins.get(where, 0))  # negative if the group never committed
                lag[group, partition.topic] += max(0, ends[where] - done)
    return dict(lag)


def _offsets(
    admin: AdminClient, partitions: list[TopicPartition], which: OffsetSpec, until: float
) -> dict[tuple[str, int], int]:
    if not partitions:
        return {}
    futures = admin.list_offsets(dict.fromkeys(partitions, which), request_timeout=_left(until))
    return {(partition.topic, partition.partition): future.result().offset for partition, future in futures.items()}


def _committed(admin: AdminClient, group: str, partitions: list[TopicPartition], until: float) -> list[TopicPartition]:
    if not partitions:
        return []
    futures = admin.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group, partitions)], request_timeout=_left(until)
    )
    try:
        committed: list[TopicPartition] = futures[group].result().topic_partitions
    except KafkaException as error:
        if error.args[0].name() == "GROUP_ID_NOT_FOUND":
            return partitions
        raise
    return committed


def _left(until: float) -> float:
    return max(MIN_TIMEOUT, until - time.monotonic())
