"""The connection to Kafka."""

from typing import Any

from app.config.settings import Settings


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
