"""How far consumer groups are behind, as the brokers know it: a listener that hangs cannot tell of itself."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

MIN_TIMEOUT = 0.1  # seconds for the last question, when the others took all there were


def lag(admin: AdminClient, groups: Mapping[str, Iterable[str]], seconds: float) -> dict[tuple[str, str], int]:
    """By group and topic, of the topics given for each group: messages it has not handled. Raises KafkaException, in
    so many seconds.

    A group that never committed has everything before it. Topics that are not there have no lag.
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
        those = [
            TopicPartition(partition.topic, partition.partition)
            for partition in partitions
            if partition.topic in set(topics_of)
        ]
        for partition in _committed(admin, group, those, until):
            where = (partition.topic, partition.partition)
            if where in ends:
                done = max(partition.offset, begins.get(where, 0))  # what was never committed is negative
                lag[group, partition.topic] += max(0, ends[where] - done)
    return dict(lag)


def _offsets(
    admin: AdminClient, partitions: list[TopicPartition], which: OffsetSpec, until: float
) -> dict[tuple[str, int], int]:
    if not partitions:
        return {}
    asked = admin.list_offsets(dict.fromkeys(partitions, which), request_timeout=_left(until))
    return {(partition.topic, partition.partition): future.result().offset for partition, future in asked.items()}


def _committed(admin: AdminClient, group: str, partitions: list[TopicPartition], until: float) -> list[TopicPartition]:
    if not partitions:
        return []
    asked = admin.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group, partitions)], request_timeout=_left(until)
    )
    try:
        answered: list[TopicPartition] = asked[group].result().topic_partitions
    except KafkaException as error:
        if error.args[0].name() == "GROUP_ID_NOT_FOUND":
            return partitions
        raise
    return answered


def _left(until: float) -> float:
    return max(MIN_TIMEOUT, until - time.monotonic())
