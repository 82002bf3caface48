"""Reads past events from the topics, with a client that joins no group and stores no offsets."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from confluent_kafka import Consumer as Client
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as Record

from app.bus.transport.base import History, Offsets, Unreachable
from app.bus.transport.kafka_brokers import connection
from app.bus.transport.kafka_record import message_of
from app.config.settings import Settings
from app.kernel import clock

log = logging.getLogger(__name__)

READ = 100  # records at a time
TIMEOUT = 5.0  # seconds for each request to the brokers
MAX_SILENCE = 10.0  # seconds without a record, although there are more
CLOCK_SKEW = timedelta(minutes=1)  # Kafka's times may differ so much from ours: they are set when an event is sent

COMMIT_DELAY = 2.0  # seconds after which a group has committed its offsets; it does so every second

Where = tuple[str, int]


def history(
    settings: Settings, listener: str, topics: Iterable[str], since: datetime, until: datetime, offsets: Offsets
) -> History:
    """Yield the past events that a listener's group has passed. See Transport.history."""
    options = {
        "group.id": settings.topic_prefix + listener,  # to read its committed offsets
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",  # if the requested offset has been deleted meanwhile, as its retention is over
    }
    client = Client(options | connection(settings), logger=log)
    try:
        _wait_for_commits(until)
        partitions = _partitions(client, [settings.topic_prefix + topic for topic in sorted(topics)])
        begins = _begins(client, partitions, since - CLOCK_SKEW, offsets) if partitions else {}
        ends = _ends(client, partitions) if partitions else {}
        open_ = {where: ends[where] for where, begin in begins.items() if begin < ends[where]}
        client.assign([TopicPartition(*where, begins[where]) for where in open_])
        reached = {f"{topic}/{partition}": begin for (topic, partition), begin in begins.items()}
        received_at = time.monotonic()
        while open_:
            records = _records(client)
            received_at = time.monotonic() if records else received_at
            if time.monotonic() - received_at > MAX_SILENCE:
                raise Unreachable("Kafka has more events, but has stopped sending them")
            messages = []
            for record in _within(records, open_, reached):
                message = message_of(record, settings.topic_prefix)
                if since <= (message.occurred_at or _sent_at(record)) <= until:
                    messages.append(message)
            yield messages, dict(reached)
    except KafkaException as error:
        raise Unreachable(error.args[0].str()) from error
    finally:
        client.close()


def _wait_for_commits(until: datetime) -> None:
    """Wait until the group has committed the offsets of what it had handled at `until`; otherwise it is left out."""
    since_then = (clock.now() - min(until, clock.now())).total_seconds()
    time.sleep(max(0.0, COMMIT_DELAY - since_then))


def _partitions(client: Client, topics: Sequence[str]) -> list[TopicPartition]:
    existing = client.list_topics(timeout=TIMEOUT).topics
    return [TopicPartition(topic, each) for topic in topics if topic in existing for each in existing[topic].partitions]


def _begins(
    client: Client, partitions: Sequence[TopicPartition], since: datetime, offsets: Offsets
) -> dict[Where, int]:
    """The offsets to begin at: the given one, or that of the first record since a time. Others are left out."""
    fresh = [each for each in partitions if f"{each.topic}/{each.partition}" not in offsets]
    begins = {
        (each.topic, each.partition): offsets[f"{each.topic}/{each.partition}"]
        for each in partitions
        if each not in fresh
    }
    times = [TopicPartition(each.topic, each.partition, int(since.timestamp() * 1000)) for each in fresh]
    firsts = client.offsets_for_times(times, TIMEOUT) if times else []
    return begins | {(each.topic, each.partition): each.offset for each in firsts if each.offset >= 0}


def _ends(client: Client, partitions: Sequence[TopicPartition]) -> dict[Where, int]:
    """The committed offsets of the group; negative where it never committed, so that nothing is read there."""
    return {(each.topic, each.partition): each.offset for each in client.committed(list(partitions), TIMEOUT)}


def _records(client: Client) -> list[Record]:
    one = client.poll(0.5)
    return [one, *client.consume(READ - 1, 0)] if one is not None else []


def _within(records: Iterable[Record], open_: dict[Where, int], reached: dict[str, int]) -> Iterator[Record]:
    """Yield the records before the ends. A partition that was read to its end is removed from `open_`."""
    for record in records:
        where = (str(record.topic()), record.partition() or 0)
        error, offset = record.error(), record.offset() or 0
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                open_.pop(where, None)
            elif not error.retriable():
                raise KafkaException(error)
            continue
        if where not in open_:
            continue
        end = open_[where]
        if offset + 1 >= end:
            del open_[where]
        if offset < end:
            reached[f"{where[0]}/{where[1]}"] = offset + 1
            yield record


def _sent_at(record: Record) -> datetime:
    return datetime.fromtimestamp(record.timestamp()[1] / 1000, UTC)
