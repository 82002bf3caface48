"""The transport between processes: Kafka, by librdkafka. CloudEvents in binary mode, one topic per publishing module.

The producer and the consumers are created at first use in a process, as librdkafka does not survive a fork.
"""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Record
from confluent_kafka.admin import AdminClient

from app.bus.consumer import Consumer
from app.bus.event import MAX_BODY_BYTES, Message
from app.bus.transport.base import Delivered, History, Offsets, Unreachable
from app.bus.transport.kafka_brokers import connection, reaches_a_broker
from app.bus.transport.kafka_history import history
from app.bus.transport.kafka_lag import Lag
from app.bus.transport.kafka_listener import KafkaListener
from app.config.settings import Settings

log = logging.getLogger(__name__)

FLUSH_TIMEOUT = 5.0  # seconds for messages in flight when the process ends
OVERHEAD = 16_384  # bytes for the key and the headers, in addition to the largest body


class Kafka:
    """Sends through one producer for all modules of the process, and receives with one consumer group per module."""

    gather = 0.02

    def __init__(self, consumers: Iterable[Consumer], settings: Settings) -> None:
        self.listeners = [KafkaListener(consumer, settings) for consumer in consumers]
        self._settings = settings
        self._making = threading.Lock()
        self._made: Producer | None = None
        self._admin: AdminClient | None = None
        self._lag: Lag | None = None
        self._has_failed = False
        self._closed = threading.Event()
        self._polling: threading.Thread | None = None

    def can_deliver(self) -> bool:
        """Always true: messages that Kafka does not accept now wait in the producer and in the outbox."""
        return True

    def send(self, messages: Sequence[tuple[int, Message]], delivered: Delivered) -> None:
        """Pass messages to the producer. After a refused message, later ones of its key are refused, too."""
        producer, refused = self._producer(), set()
        for position, message in messages:
            if (message.topic, message.key) in refused:
                delivered(position, "an earlier event of its key cannot be sent")
                continue
            try:
                self._produce(producer, message, partial(_report, delivered, position))
            except KafkaException as error:
                self._has_failed |= error.args[0].fatal()
                refused.add((message.topic, message.key))
                delivered(position, str(error.args[0]))

    def lag(self, seconds: float = 10.0) -> Mapping[tuple[str, str], int]:
        """As the brokers report it, without the prefix of topics and groups."""
        prefix = self._settings.topic_prefix
        topics_of = {each.consumer.name: each.consumer.topics for each in self.listeners}
        groups = {prefix + name: [prefix + topic for topic in topics] for name, topics in topics_of.items()}
        try:
            with self._making:
                lag = self._lag = self._lag or Lag(self._settings)
            behind = lag.of(groups, seconds)
        except KafkaException as error:
            self._lag = None
            raise Unreachable(error.args[0].str()) from error
        return {(group.removeprefix(prefix), topic.removeprefix(prefix)): n for (group, topic), n in behind.items()}

    def trouble(self) -> str | None:
        with suppress(KafkaException):  # no client can be made while a file that KAFKA_OPTIONS names is missing
            if reaches_a_broker(self._admin_client(), self._settings):
                return None
        self._admin = None
        return "Kafka does not answer: events wait in the outbox"

    def needs_new_clients(self) -> bool:
        """Whether a client of this process cannot recover: after a fatal error, the producer refuses all messages; and
        a client that reaches no broker, although a new one does, has lost them.
        """
        producer = self._made
        if self._has_failed:
            return True
        if (producer is None or reaches_a_broker(producer, self._settings)) and all(
            each.reaches_a_broker() for each in self.listeners
        ):
            return False
        return reaches_a_broker(AdminClient(connection(self._settings), logger=log), self._settings)

    def history(self, listener: str, since: datetime, until: datetime, offsets: Offsets) -> History:
        """Reads the topics up to the offsets that the listener's group has committed."""
        [topics] = [each.consumer.topics for each in self.listeners if each.consumer.name == listener]
        return history(self._settings, listener, topics, since, until, offsets)

    def close(self) -> None:
        """Wait up to FLUSH_TIMEOUT for messages in flight. The next relay sends again those not delivered by then."""
        for listener in self.listeners:
            listener.close()
        self._closed.set()
        if self._made and self._polling:
            self._polling.join()
            try:
                self._made.flush(FLUSH_TIMEOUT)
                self._made.purge()
                self._made.flush(FLUSH_TIMEOUT)
            except KafkaException as error:
                log.error("the messages in flight will be sent again: %s", error)
            self._made = None

    def _admin_client(self) -> AdminClient:
        with self._making:
            self._admin = self._admin or AdminClient(connection(self._settings), logger=log)
            return self._admin

    def _produce(self, producer: Producer, message: Message, report: Any) -> None:
        topic = self._settings.topic_prefix + message.topic
        headers: dict[str, str | bytes | None] = {name: text.encode() for name, text in message.headers.items()}
        while True:
            try:
                producer.produce(topic, message.body, message.key, headers=headers, on_delivery=report)
            except BufferError:  # the producer's queue is full: Kafka is slow, or away
                producer.poll(0.1)
                if self._closed.is_set():
                    raise KafkaException(KafkaError(KafkaError._QUEUE_FULL)) from None
            else:
                return

    def _producer(self) -> Producer:
        with self._making:
            if self._made is None:
                options = {
                    "enable.idempotence": True,  # not the default; without it a retry may reorder messages
                    "partitioner": "murmur2_random",  # the same partition for a key as with Java's clients
                    "linger.ms": 5,
                    "compression.type": "lz4",
                    "message.timeout.ms": 0,  # never: otherwise the next message would overtake the one given up
                    "message.max.bytes": MAX_BODY_BYTES + OVERHEAD,
                }
                self._made = Producer(connection(self._settings) | options, logger=log)
                self._polling = threading.Thread(target=self._poll, args=(self._made,), name="kafka", daemon=True)
                self._polling.start()
            return self._made

    def _poll(self, producer: Producer) -> None:
        """Poll, as librdkafka calls the delivery callbacks only within a poll, which raises fatal errors, too."""
        while not self._closed.is_set():
            try:
                producer.poll(0.5)
            except Exception:
                log.exception("Kafka's producer failed")
                self._has_failed = True


def _report(delivered: Delivered, position: int, error: KafkaError | None, _record: Record) -> None:
    if error is not None and error.code() in {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}:
        return  # the process is ending: the message was not delivered, and was not refused either
    delivered(position, None if error is None else str(error))
