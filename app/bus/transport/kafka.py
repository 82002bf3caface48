"""The transport between processes: Kafka, by librdkafka. CloudEvents in binary mode; one topic a publishing module.

Producer and consumers are made by whoever first needs them in a process: librdkafka does not survive a fork.
"""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Record
from confluent_kafka.admin import AdminClient

from app.bus.consumer import Consumer
from app.bus.contracts import PUBLISHERS
from app.bus.event import MAX_BODY_BYTES, Message
from app.bus.transport.base import Delivered, History, Offsets, Unreachable
from app.bus.transport.kafka_brokers import connection
from app.bus.transport.kafka_history import history
from app.bus.transport.kafka_lag import lag
from app.bus.transport.kafka_listener import KafkaListener
from app.config.settings import Settings

log = logging.getLogger(__name__)

QUICK = 1.5  # seconds for a broker to answer a probe
LAST_WORDS = 5.0  # seconds for what is under way when the process ends
OVERHEAD = 16_384  # bytes of key and headers beside the largest body


class Kafka:
    """Sends by one producer for all modules of the process, and listens by one consumer group a module."""

    def __init__(self, consumers: Iterable[Consumer], settings: Settings) -> None:
        self.listeners = [KafkaListener(consumer, settings) for consumer in consumers]
        self._settings = settings
        self._making = threading.Lock()
        self._made: Producer | None = None
        self._admin: AdminClient | None = None
        self._closed = threading.Event()
        self._polling: threading.Thread | None = None

    def carries(self) -> bool:
        """Always: what Kafka does not take now waits in the producer and the outbox."""
        return True

    def send(self, messages: Sequence[tuple[int, Message]], delivered: Delivered) -> None:
        """Hand them to the producer, those of one key in order; a refused one is not overtaken by its successors."""
        producer, refused = self._producer(), set()
        for position, message in messages:
            if (message.topic, message.key) in refused:
                delivered(position, "an earlier one of its key cannot be sent")
                continue
            try:
                self._produce(producer, message, partial(_report, delivered, position))
            except KafkaException as error:
                refused.add((message.topic, message.key))
                delivered(position, str(error.args[0]))

    def lag(self, seconds: float = 10.0) -> Mapping[tuple[str, str], int]:
        """As the brokers know it; by our names, without the prefix. Raises Unreachable."""
        prefix = self._settings.topic_prefix
        topics_of = {each.consumer.name: each.consumer.topics for each in self.listeners}
        groups = {prefix + name: [prefix + topic for topic in topics] for name, topics in topics_of.items()}
        try:
            found = lag(self._asking(), groups, seconds)
        except KafkaException as error:
            self._admin = None  # one that has seen a broker restart may time out for ever: ask by a new one
            raise Unreachable(error.args[0].str()) from error
        return {(group.removeprefix(prefix), topic.removeprefix(prefix)): n for (group, topic), n in found.items()}

    def trouble(self) -> str | None:
        """While no broker answers."""
        try:
            self._asking().list_topics(self._settings.topic_prefix + PUBLISHERS[0], timeout=QUICK)
        except KafkaException:
            self._admin = None
            return "Kafka does not answer: what is said waits in the outbox"
        return None

    def history(self, listener: str, since: datetime, until: datetime, offsets: Offsets) -> History:
        """What is in the topics before the place that the listener's group has committed. Raises Unreachable."""
        [topics] = [each.consumer.topics for each in self.listeners if each.consumer.name == listener]
        return history(self._settings, listener, topics, since, until, offsets)

    def close(self) -> None:
        """Wait a moment for what is under way; what is not delivered by then is sent again by the next relay."""
        for listener in self.listeners:
            listener.close()
        self._closed.set()
        if self._made and self._polling:
            self._polling.join()
            self._made.flush(LAST_WORDS)
            self._made.purge()
            self._made.flush(LAST_WORDS)
            self._made = None

    def _asking(self) -> AdminClient:
        with self._making:
            self._admin = self._admin or AdminClient(connection(self._settings), logger=log)
            return self._admin

    def _produce(self, producer: Producer, message: Message, report: Any) -> None:
        topic = self._settings.topic_prefix + message.topic
        headers: dict[str, str | bytes | None] = {name: text.encode() for name, text in message.headers.items()}
        while True:
            try:
                producer.produce(topic, message.body, message.key, headers=headers, on_delivery=report)
            except BufferError:  # as much is under way as it holds: Kafka is slow, or away
                producer.poll(0.1)
                if self._closed.is_set():
                    raise KafkaException(KafkaError(KafkaError._QUEUE_FULL)) from None
            else:
                return

    def _producer(self) -> Producer:
        with self._making:
            if self._made is None:
                options = {
                    "enable.idempotence": True,  # not the default, and without it a retry may reorder
                    "partitioner": "murmur2_random",  # where Java's clients would put the same key
                    "linger.ms": 5,
                    "compression.type": "lz4",
                    "message.timeout.ms": 0,  # never: the one after it would overtake it
                    "message.max.bytes": MAX_BODY_BYTES + OVERHEAD,
                }
                self._made = Producer(connection(self._settings) | options, logger=log)
                self._polling = threading.Thread(target=self._poll, args=(self._made,), name="kafka", daemon=True)
                self._polling.start()
            return self._made

    def _poll(self, producer: Producer) -> None:
        """Delivery reports are only told to who asks."""
        while not self._closed.is_set():
            producer.poll(0.5)


def _report(delivered: Delivered, position: int, error: KafkaError | None, _record: Record) -> None:
    if error is not None and error.code() in {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}:
        return  # the process ends: it is not delivered, and nothing is wrong with it
    delivered(position, None if error is None else str(error))
