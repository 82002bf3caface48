"""Conversion of Kafka's records into messages of the bus."""

from collections.abc import Mapping
from operator import methodcaller
from typing import Any

from confluent_kafka import Message as Record

from app.bus.event import Message

# Where a header's name is not UTF-8, confluent_kafka returns a broken list and an exception at once. A call from C
# checks for both and raises SystemError; `record.headers()` skips the check once Python has optimised it, and the
# process crashes on the list (seen with confluent_kafka 2.16 on Python 3.11 to 3.13).
_ask_for_headers = methodcaller("headers")


def message_of(record: Record, topic_prefix: str) -> Message:
    """Convert any record, whichever client sent it. Bytes that are not UTF-8 are replaced; checks come later."""
    return Message(
        topic=str(record.topic()).removeprefix(topic_prefix),
        key=_text(record.key()),
        headers={name: _text(value) or "" for name, value in _headers(record).items()},
        body=_bytes(record.value()),
        partition=record.partition() or 0,
        offset=record.offset() or 0,
    )


def _headers(record: Record) -> Mapping[str, Any]:
    """The headers; empty if the name of one is not UTF-8, which the library cannot read. Such an event is parked."""
    try:
        return dict(_ask_for_headers(record) or ())
    except SystemError:
        return {}


def _text(raw: Any) -> str | None:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else raw


def _bytes(raw: Any) -> bytes | None:
    return raw.encode() if isinstance(raw, str) else raw
