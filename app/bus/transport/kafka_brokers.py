"""How to reach Kafka."""

from typing import Any

from app.config.settings import Settings


def connection(settings: Settings) -> dict[str, Any]:
    """How to reach the brokers, for every kind of client."""
    return {
        "bootstrap.servers": settings.kafka_servers,
        "client.id": "quartet",
        "allow.auto.create.topics": False,
        "reconnect.backoff.max.ms": 2000,
        "socket.timeout.ms": 10_000,  # by default a minute: as late came groups back from a frozen broker
        **settings.kafka_options,
    }
