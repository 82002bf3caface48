"""An event: what a module says has happened. And its envelope: the bytes and headers that travel (CloudEvents 1.0)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

import msgspec

from app.kernel import trace

MAX_BODY_BYTES = 1_000_000  # bytes; what a Kafka broker takes, unless it was told otherwise
TYPES: dict[str, type["Event"]] = {}  # by type: orders.order_placed.v1
FORMER: dict[str, "Former"] = {}  # by the type that an earlier release published


class Unreadable(Exception):
    """The bytes are not an event that we can take; parked at once."""


@dataclass(frozen=True)
class Former:
    """What an event is called today, and its fields that have another name today."""

    type: str
    renamed: Mapping[str, str]


class Event:
    """Declared as `class OrderPlaced(Event, name="orders.order_placed", version=1, key="order_id")`, a dataclass.

    `formerly`: its type in an earlier release, which is still read; `renamed`: its fields that were called otherwise.

    `key` names the field whose value orders it: events of one key arrive in the order they were said.
    """

    event_name: ClassVar[str]
    event_version: ClassVar[int]
    key_field: ClassVar[str]

    def __init_subclass__(
        cls, *, name: str, version: int, key: str, formerly: str = "", renamed: Mapping[str, str] | None = None
    ) -> None:
        cls.event_name, cls.event_version, cls.key_field = name, version, key
        TYPES[cls.event_type()] = cls
        if formerly:
            FORMER[formerly] = Former(cls.event_type(), renamed or {})

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
        return str(getattr(self, self.key_field))

    def to_json(self) -> bytes:
        """The data as it travels."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, body: bytes, renamed: Mapping[str, str] | None = None) -> Self:
        """Read the data strictly: a missing or mistyped field raises Unreadable; unknown ones are let pass.

        `renamed`: today's names of fields, by those in this data.
        """
        try:
            if not renamed:
                return msgspec.json.decode(body, type=cls)
            fields = msgspec.json.decode(body, type=dict[str, Any])
            return msgspec.convert({renamed.get(name, name): value for name, value in fields.items()}, cls)
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
        """orders.order_placed.v1; today's, where an earlier release called it otherwise."""
        return current_type(self.headers.get("ce_type", ""))

    @property
    def occurred_at(self) -> datetime | None:
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
        if len(self.body) > MAX_BODY_BYTES:
            raise Unreadable(f"{len(self.body)} bytes, which is more than {MAX_BODY_BYTES}")
        if self.type not in TYPES:
            raise Unreadable(f"nobody here knows {self.type!r}")
        former = FORMER.get(self.headers.get("ce_type", ""))
        return TYPES[self.type].from_json(self.body, former.renamed if former else None)


def current_type(type: str) -> str:
    """What a type is called today."""
    former = FORMER.get(type)
    return former.type if former else type


def every_name(types: Iterable[str]) -> frozenset[str]:
    """These types, and what earlier releases called them: rows keep the name that they were written with."""
    named = frozenset(types)
    return named | {name for name, former in FORMER.items() if former.type in named}


def differ(before: Event, after: Event) -> bool:
    """Whether a full-state fact says anything else than before, apart from its version."""
    was, is_now = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return bool({**was, "version": 0} != {**is_now, "version": 0})


def published_by(module: str) -> list[str]:
    """The types that a module says."""
    return sorted(type for type, event in TYPES.items() if event.topic() == module)


def headers_of(
    event: Event, id: UUID, occurred_at: datetime, request_id: str | None, traceparent: str | None = None
) -> dict[str, str]:
    """CloudEvents' attributes, as headers of Kafka's binary mode; and the trace, as W3C names its header."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(id),
        "ce_type": event.event_type(),
        "ce_source": f"/quartet/{event.topic()}",
        "ce_time": occurred_at.isoformat(),
        "content-type": "application/json",
    }
    headers |= {"ce_requestid": request_id} if request_id else {}
    return headers | ({"traceparent": traceparent} if traceparent else {})
