"""The connection to Kafka."""

from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from app.bus.contracts import PUBLISHERS
from app.config.settings import Settings

QUICK = 1.5  # seconds for a broker to answer a probe


def connection(settings: Settings) -> dict[str, Any]:
    """Options of librdkafka to connect to the brokers, for every kind of client."""
    return {
        "bootstrap.servers": settings.kafka_servers,
        "client.id": "quartet",
        "allow.auto.create.topics": False,
        "reconnect.backoff.max.ms": 2000,
        "socket.timeout.ms": 10_000,  # the default is a minute, and groups recovered that late from a frozen broker
        **settings.kafka_options,
    }


def reaches_a_broker(client: Consumer | Producer | AdminClient, settings: Settings) -> bool:
    """Ask for one topic's metadata, which any broker answers."""
    try:
        client.list_topics(settings.topic_prefix + PUBLISHERS[0], timeout=QUICK)
    except KafkaException:
        return False
    return True
