"""An event: what a module says has happened. And its envelope: the bytes and headers that travel (CloudEvents 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

import msgspec

from app.kernel import trace

LARGEST_BODY = 1_000_000  # bytes; what a Kafka broker takes, unless it was told otherwise
TYPES: dict[str, type["Event"]] = {}  # by type: orders.order_placed.v1


class Unreadable(Exception):
    """The bytes are not an event that we can take; parked at once."""


class Event:
    """Declared as `class OrderPlaced(Event, name="orders.order_placed", version=1, key="order_id")`, a dataclass.

    `key` names the field whose value orders it: events of one key arrive in the order they were said.
    """

    event_name: ClassVar[str]
    event_version: ClassVar[int]
    key_field: ClassVar[str]

    def __init_subclass__(cls, *, name: str, version: int, key: str) -> None:
        cls.event_name, cls.event_version, cls.key_field = name, version, key
        TYPES[cls.event_type()] = cls

    @classmethod
    def event_type(cls) -> str:
        """The type as it travels: orders.order_placed.v1."""
        return f"{cls.event_name}.v{cls.event_version}"

    @classmethod
    def topic(cls) -> str:
        """The module that says it; its topic has the same name."""
        return cls.event_name.partition(".")[0]

    @property
    def key(self) -> str:
        """What orders it."""
        return str(getattr(self, self.key_field))

    def to_json(self) -> bytes:
        """The data as it travels."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Read the data strictly: a missing or mistyped field raises Unreadable; unknown ones are let pass."""
        try:
            return msgspec.json.decode(body, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unreadable(f"{cls.event_type()}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Message:
    """An event under way, as a transport hands it over. `partition` and `offset` say where it was read."""

    topic: str
    key: str | None
    headers: Mapping[str, str]
    body: bytes | None
    partition: int = 0
    offset: int = 0

    @property
    def id(self) -> UUID:
        """The event's own id: the same in every copy of it."""
        try:
            return UUID(self.headers["ce_id"])
        except (KeyError, ValueError) as error:
            raise Unreadable(f"no usable ce_id: {error}") from error

    @property
    def type(self) -> str:
        """orders.order_placed.v1"""
        return self.headers.get("ce_type", "")

    @property
    def said_at(self) -> datetime | None:
        """When it was said; None where a stranger did not tell."""
        try:
            return datetime.fromisoformat(self.headers["ce_time"]).astimezone(UTC)
        except (KeyError, ValueError, OverflowError):
            return None

    @property
    def request_id(self) -> str | None:
        """The request that set this off, wherever it was made."""
        return self.headers.get("ce_requestid")

    @property
    def traceparent(self) -> str | None:
        """The step of a trace in which it was said; None where it tells none that is sound."""
        return trace.read(self.headers.get("traceparent"))

    def event(self) -> Any:
        """The event itself. Raises Unreadable."""
        if self.key is None or self.body is None:
            raise Unreadable("a message without key or body")
        if len(self.body) > LARGEST_BODY:
            raise Unreadable(f"{len(self.body)} bytes, which is more than {LARGEST_BODY}")
        if self.type not in TYPES:
            raise Unreadable(f"nobody here knows {self.type!r}")
        return TYPES[self.type].from_json(self.body)


def differ(before: Event, after: Event) -> bool:
    """Whether a full-state fact says anything else than before, apart from its version."""
    was, is_now = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return bool({**was, "version": 0} != {**is_now, "version": 0})


def said_by(module: str) -> list[str]:
    """The types that a module says."""
    return sorted(type for type, event in TYPES.items() if event.topic() == module)


def headers_of(
    event: Event, id: UUID, said_at: datetime, request_id: str | None, traceparent: str | None = None
) -> dict[str, str]:
    """CloudEvents' attributes, as headers of Kafka's binary mode; and the trace, as W3C names its header."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(id),
        "ce_type": event.event_type(),
        "ce_source": f"/quartet/{event.topic()}",
        "ce_time": said_at.isoformat(),
        "content-type": "application/json",
    }
    headers |= {"ce_requestid": request_id} if request_id else {}
    return headers | ({"traceparent": traceparent} if traceparent else {})
