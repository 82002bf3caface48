"""Reads from Kafka: one consumer group per module. An offset is stored after the effect of its event has committed."""

import logging
import random
import threading
import time
from collections.abc import Iterable, Sequence

from confluent_kafka import Consumer as Client
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as Record

from app.bus.consumer import Consumer
from app.bus.event import Message
from app.bus.retry import Away, Stopped
from app.bus.transport.kafka_brokers import connection, reaches_a_broker
from app.bus.transport.kafka_record import message_of
from app.config.settings import Settings
from app.kernel.crash import crash_point

log = logging.getLogger(__name__)

Partition = tuple[str, int]
"""A topic, without the prefix, and the number of its partition."""

FETCHED = 500  # records per round, at most
ROUND = 60.0  # seconds; then the rest is fetched again. Kafka removes a member that does not poll for five minutes.
FIRST_PAUSE, MAX_PAUSE = 0.1, 30.0  # seconds, while the module's database is away
MIN_STAY = 5.0  # seconds in the group before it is left because of an error
OFFSETS_MISSING = "Failed to fetch committed offset"  # begins the text of this error, whatever its code is


class KafkaListener:
    """Reads the topics that one module subscribes to, as a member of its group, and stores the offsets handled."""

    def __init__(self, consumer: Consumer, settings: Settings) -> None:
        self.consumer = consumer
        self._settings = settings
        self._client: Client | None = None
        self._closing = threading.Lock()
        self._pause = FIRST_PAUSE
        self._paused_until: float | None = None
        self._has_more = False  # whether partitions were assigned since the last pause or resume
        self._complained: set[str] = set()
        self._joined_at = 0.0
        self._has_unread_partitions = False

    def wake(self) -> None:
        """Does nothing: a wait lasts a second at most, and the loop then sees that it has to stop."""

    def run_once(self, timeout: float = 0) -> bool:
        """Handle the records that have arrived, those of each partition in order, and store the offsets handled."""
        client = self._join()
        if self._paused_until is not None:
            timeout = max(0.0, min(timeout, self._paused_until - time.monotonic()))
        one = client.poll(timeout)
        # consume() alone would wait for FETCHED records; and a record without a value is falsy
        records = [one, *client.consume(FETCHED, 0)] if one is not None else []
        self._pause_or_resume(client)
        good = [message_of(each, self._settings.topic_prefix) for each in records if not self._is_error(each)]
        if good:
            self._handle(client, sorted(good, key=_partition_of))
        self._has_unread_partitions |= any(OFFSETS_MISSING in str(each.error()) for each in records)
        if self._has_unread_partitions and time.monotonic() - self._joined_at > MIN_STAY:
            self._rejoin()
        return bool(good) and not self.consumer.stopping.is_set()

    def close(self) -> None:
        """Commit the stored offsets and leave the group, so that other members take over at once."""
        with self._closing:
            if self._client:
                self._client.close()
                self._client = None

    def reaches_a_broker(self) -> bool:
        """Whether a broker answers to this listener's client; True before there is one. From any thread."""
        with self._closing:  # a closed client must not be asked
            return self._client is None or reaches_a_broker(self._client, self._settings)

    def _handle(self, client: Client, messages: Sequence[Message]) -> None:
        """Handle messages of several partitions, those of each in order. After a failure, seek to the first message of
        each partition that was not handled, and pause.
        """
        next = {_partition_of(each): self._position_of(each) for each in reversed(messages)}
        last = {_partition_of(each): each.offset for each in messages}
        lost: set[Partition] = set()  # the new owner reads what is left of them; the inbox has our effects

        def done(some: Sequence[Message]) -> None:
            crash_point("before_offset")
            for each in some:
                next[_partition_of(each)].offset = each.offset + 1
            lost.update(each for each in set(map(_partition_of, some)) if not _stored(client, next[each]))

        until = time.monotonic() + ROUND
        try:
            for batch in _batches(messages):
                if self._paused_until is not None or time.monotonic() > until:
                    break
                self.consumer.settle([each for each in batch if _partition_of(each) not in lost], done)
            else:
                self._pause = FIRST_PAUSE
        except Stopped:
            return
        except Away as away:
            log.warning("%s cannot reach its database; waiting %.1f s: %s", self.consumer.name, self._pause, away)
            self._rest(client)
        except Exception:  # any error: continuing after the batch would lose the records fetched and not handled
            log.exception("%s will retry in %.1f s", self.consumer.name, self._pause)
            self._rest(client)
        for partition, position in next.items():
            if position.offset <= last[partition] and partition not in lost:
                _seek(client, position)

    def _pause_or_resume(self, client: Client) -> None:
        """Pause or resume all partitions as the state requires, also those just assigned: a partition that was lost
        while it was paused would otherwise stay paused for ever.
        """
        over = self._paused_until is not None and time.monotonic() >= self._paused_until
        if over:
            self._paused_until = None
        if over or self._has_more:
            self._has_more = False
            ours = client.assignment()
            client.resume(ours) if self._paused_until is None else client.pause(ours)

    def _assigned(self, _client: Client, _partitions: Sequence[TopicPartition]) -> None:
        self._has_more = True

    def _rest(self, client: Client) -> None:
        """Pause all partitions for a while, and keep polling, so that the group does not remove this member."""
        client.pause(client.assignment())
        self._paused_until = time.monotonic() + self._pause * random.uniform(0.5, 1)  # noqa: S311 — jitter, not a secret
        self._pause = min(self._pause * 2, MAX_PAUSE)

    def _rejoin(self) -> None:
        """Leave the group and, with the next round, join it again. librdkafka asks only once for the offsets of an
        assigned partition. After an error, such as that of a coordinator that has just restarted, it would never fetch
        the partition's records (https://github.com/confluentinc/librdkafka/issues/5586).
        """
        log.warning("%s joins its group again: it got no offsets to continue from", self.consumer.name)
        self.close()
        self._has_unread_partitions = False

    def _join(self) -> Client:
        if self._client is None:
            prefix = self._settings.topic_prefix
            options = {
                "group.id": prefix + self.consumer.name,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": True,
                "auto.commit.interval.ms": 1000,
                "enable.auto.offset.store": False,
                "partition.assignment.strategy": "cooperative-sticky",
                "session.timeout.ms": 10_000,
                "topic.metadata.refresh.interval.ms": 10_000,
                "receive.message.max.bytes": 100_000_000,
            }
            self._client = Client(options | connection(self._settings), logger=log)
            topics = [prefix + topic for topic in sorted(self.consumer.topics)]
            self._client.subscribe(topics, on_assign=self._assigned)
            self._joined_at = time.monotonic()
        return self._client

    def _position_of(self, message: Message) -> TopicPartition:
        return TopicPartition(self._settings.topic_prefix + message.topic, message.partition, message.offset)

    def _is_error(self, record: Record) -> bool:
        error = record.error()
        if error is None:
            return False
        if str(error) not in self._complained:  # librdkafka repeats an error for as long as it lasts
            self._complained.add(str(error))
            advice = ": run `flask bus topics`" if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART else ""
            log.warning("%s cannot read from Kafka: %s%s", self.consumer.name, error, advice)
        return True


def _partition_of(message: Message) -> Partition:
    return message.topic, message.partition


def _batches(messages: Sequence[Message], size: int = 100) -> Iterable[Sequence[Message]]:
    return (messages[start : start + size] for start in range(0, len(messages), size))


def _stored(client: Client, offset: TopicPartition) -> bool:
    """Store an offset for the next commit; False if the partition is no longer assigned to this process."""
    try:
        client.store_offsets(offsets=[offset])
    except KafkaException as error:
        if error.args[0].code() != KafkaError._STATE:
            raise
        return False
    return True


def _seek(client: Client, offset: TopicPartition) -> None:
    """Continue from this offset. Otherwise offsets of later records, already fetched, would be stored over it, and the
    records between them would be lost.
    """
    try:
        client.seek(offset)
    except KafkaException as error:
        if error.args[0].code() not in {KafkaError._STATE, KafkaError._UNKNOWN_PARTITION}:  # no longer assigned
            raise
