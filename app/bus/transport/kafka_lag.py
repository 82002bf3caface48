"""The lag of consumer groups as the brokers report it, because a listener that hangs cannot report its own."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping

from confluent_kafka import Consumer as Client
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from app.bus.transport.kafka_brokers import connection
from app.config.settings import Settings

log = logging.getLogger(__name__)

MIN_TIMEOUT = 0.1  # seconds for the last request, when earlier ones took all the time


class Lag:
    """Asks the brokers, with clients that stay connected. After an exception use a new one: a client that has seen a
    broker restart may time out for ever.

    A group's offsets are asked for by a client of that group, which does not join it. An admin client can ask, too, but
    ends the process when the answer is "not coordinator", as that of a broker that has just restarted may be
    (https://github.com/confluentinc/librdkafka/issues/5040).
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin = AdminClient(connection(settings), logger=log)
        self._clients: dict[str, Client] = {}

    def of(self, groups: Mapping[str, Iterable[str]], seconds: float) -> dict[tuple[str, str], int]:
        """The number of messages not yet handled, by group and topic, for the given topics of each group.

        For a group that never committed, all messages of the topic count. Topics that do not exist have no lag. Raises
        KafkaException after at most `seconds`.
        """
        until = time.monotonic() + seconds
        topics = self._admin.list_topics(timeout=seconds).topics
        partitions = [
            TopicPartition(topic, partition)
            for topic in sorted({topic for topics_of in groups.values() for topic in topics_of})
            if topic in topics
            for partition in topics[topic].partitions
        ]
        ends = self._offsets(partitions, OffsetSpec.latest(), until)  # type: ignore[no-untyped-call]
        begins = self._offsets(partitions, OffsetSpec.earliest(), until)  # type: ignore[no-untyped-call]
        lag: Counter[tuple[str, str]] = Counter()
        for group, topics_of in groups.items():
            of_group = [
                TopicPartition(partition.topic, partition.partition)
                for partition in partitions
                if partition.topic in set(topics_of)
            ]
            for partition in self._committed(group, of_group, until):
                where = (partition.topic, partition.partition)
                if where in ends:
                    done = max(partition.offset, begins.get(where, 0))  # negative if the group never committed
                    lag[group, partition.topic] += max(0, ends[where] - done)
        return dict(lag)

    def _offsets(self, partitions: list[TopicPartition], which: OffsetSpec, until: float) -> dict[tuple[str, int], int]:
        if not partitions:
            return {}
        futures = self._admin.list_offsets(dict.fromkeys(partitions, which), request_timeout=_left(until))
        return {(partition.topic, partition.partition): future.result().offset for partition, future in futures.items()}

    def _committed(self, group: str, partitions: list[TopicPartition], until: float) -> list[TopicPartition]:
        if not partitions:
            return []
        client = self._clients.get(group)
        if client is None:
            options = {"group.id": group, "enable.auto.commit": False}
            client = self._clients[group] = Client(options | connection(self._settings), logger=log)
        client.poll(0)  # serves the client's queue of logs and errors; no partition is assigned to it
        return client.committed(partitions, _left(until))


def _left(until: float) -> float:
    return max(MIN_TIMEOUT, until - time.monotonic())
