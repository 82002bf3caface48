"""How far consumer groups are behind, as the brokers know it: a listener that hangs cannot tell of itself."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

LEAST = 0.1  # seconds for the last question, when the others took all there were


def lag(admin: AdminClient, groups: Mapping[str, Iterable[str]], seconds: float) -> dict[tuple[str, str], int]:
    """By group and topic, of the topics given for each group: messages it has not handled. Raises KafkaException, in
    so many seconds.

    A group that never committed has everything before it. Topics that are not there have no lag.
    """
    until = time.monotonic() + seconds
    topics = admin.list_topics(timeout=seconds).topics
    places = [
        TopicPartition(topic, partition)
        for topic in sorted({topic for heard in groups.values() for topic in heard})
        if topic in topics
        for partition in topics[topic].partitions
    ]
    ends = _offsets(admin, places, OffsetSpec.latest(), until)  # type: ignore[no-untyped-call]
    begins = _offsets(admin, places, OffsetSpec.earliest(), until)  # type: ignore[no-untyped-call]
    behind: Counter[tuple[str, str]] = Counter()
    for group, heard in groups.items():
        wanted = [TopicPartition(place.topic, place.partition) for place in places if place.topic in set(heard)]
        for place in _committed(admin, group, wanted, until):
            where = (place.topic, place.partition)
            if where in ends:
                done = max(place.offset, begins.get(where, 0))  # what was never committed is negative
                behind[group, place.topic] += max(0, ends[where] - done)
    return dict(behind)


def _offsets(
    admin: AdminClient, places: list[TopicPartition], which: OffsetSpec, until: float
) -> dict[tuple[str, int], int]:
    if not places:
        return {}
    asked = admin.list_offsets(dict.fromkeys(places, which), request_timeout=_left(until))
    return {(place.topic, place.partition): future.result().offset for place, future in asked.items()}


def _committed(admin: AdminClient, group: str, places: list[TopicPartition], until: float) -> list[TopicPartition]:
    if not places:
        return []
    asked = admin.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group, places)], request_timeout=_left(until)
    )
    try:
        answered: list[TopicPartition] = asked[group].result().topic_partitions
    except KafkaException as error:
        if error.args[0].name() == "GROUP_ID_NOT_FOUND":
            return places
        raise
    return answered


def _left(until: float) -> float:
    return max(LEAST, until - time.monotonic())
