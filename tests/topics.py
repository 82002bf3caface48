"""What is in Kafka's topics, read as a stranger would."""

import time
from typing import Any

from confluent_kafka import Consumer as Client
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from app.kernel.ids import new_id
from tests.conftest import MAX_SLOWDOWN


def topics(servers: str) -> dict[str, int]:
    """Those that are there, and how many partitions each has."""
    there = AdminClient({"bootstrap.servers": servers}).list_topics(timeout=60).topics
    return {name: len(topic.partitions) for name, topic in there.items()}


def records(servers: str, topic: str) -> list[Any]:
    """All that a topic has at this moment, by partition and offset."""
    client = Client({"bootstrap.servers": servers, "group.id": f"look-{new_id()}"})
    places, ends, wanted = [], {}, 0
    for partition in range(topics(servers)[topic]):
        first, end = client.get_watermark_offsets(TopicPartition(topic, partition), timeout=60)
        places.append(TopicPartition(topic, partition, first))
        ends[partition], wanted = end, wanted + end - first
    client.assign(places)
    found: list[Any] = []
    deadline = time.monotonic() + 30 * MAX_SLOWDOWN
    while len(found) < wanted and time.monotonic() < deadline:
        found += [each for each in client.consume(500, 0.2) if each.offset() < ends[each.partition()]]
    client.close()
    assert len(found) == wanted, f"{topic} gave {len(found)} of {wanted} records"
    return sorted(found, key=lambda record: (record.partition(), record.offset()))
