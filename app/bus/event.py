"""Events, and the messages that carry them: bytes and headers as CloudEvents 1.0 defines them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

import msgspec

from app.kernel import trace

MAX_BODY_BYTES = 1_000_000  # bytes; a Kafka broker accepts about as much by default
TYPES: dict[str, type["Event"]] = {}  # by type: orders.order_placed.v1
FORMER: dict[str, "Former"] = {}  # by the type under which an earlier release published


class Unreadable(Exception):
    """A message that is not an event this release can read. It is parked without a retry."""


@dataclass(frozen=True)
class Former:
    """The current type of an event, and the current names of its renamed fields, by their former names."""

    type: str
    renamed: Mapping[str, str]


class Event:
    """A fact that a module publishes: a dataclass, declared with its name, version and key.

    `class OrderPlaced(Event, name="orders.order_placed", version=1, key="order_id")`

    `key`: the field by whose value events are ordered. Events of one key arrive in the order they were published.
    `formerly`: the type in an earlier release, which is still read. `renamed`: current names of fields, by their
    names in that release.
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
        """The type in the header `ce_type`, for instance `orders.order_placed.v1`."""
        return f"{cls.event_name}.v{cls.event_version}"

    @classmethod
    def topic(cls) -> str:
        """The module that publishes it; its topic has the same name."""
        return cls.event_name.partition(".")[0]

    @property
    def key(self) -> str:
        return str(getattr(self, self.key_field))

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, body: bytes, renamed: Mapping[str, str] | None = None) -> Self:
        """Read the fields of an event. Raises Unreadable for a missing or mistyped field; ignores unknown fields.

        `renamed`: current names of fields, by their names in `body`.
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
    """An event in transport. `partition` and `offset` are where it was read."""

    topic: str
    key: str | None
    headers: Mapping[str, str]
    body: bytes | None
    partition: int = 0
    offset: int = 0

    @property
    def id(self) -> UUID:
        """The event's id, the same in every copy of it. Raises Unreadable."""
        try:
            return UUID(self.headers["ce_id"])
        except (KeyError, ValueError) as error:
            raise Unreadable(f"no usable ce_id: {error}") from error

    @property
    def type(self) -> str:
        """For instance `orders.order_placed.v1`. A type of an earlier release is translated to the current one."""
        return current_type(self.headers.get("ce_type", ""))

    @property
    def occurred_at(self) -> datetime | None:
        """When it was published, in UTC; None without a valid `ce_time`, which our outbox always sets."""
        try:
            return datetime.fromisoformat(self.headers["ce_time"]).astimezone(UTC)
        except (KeyError, ValueError, OverflowError):
            return None

    @property
    def request_id(self) -> str | None:
        """The id of the HTTP request that caused the event, in any module."""
        return self.headers.get("ce_requestid")

    @property
    def traceparent(self) -> str | None:
        """The span in which it was published, in W3C's form; None without a valid one."""
        return trace.read(self.headers.get("traceparent"))

    def event(self) -> Any:
        """Parse the event. Raises Unreadable, also without a usable id."""
        _ = self.id
        if self.key is None or self.body is None:
            raise Unreadable("the message has no key or no body")
        if len(self.body) > MAX_BODY_BYTES:
            raise Unreadable(f"the body has {len(self.body)} bytes, more than {MAX_BODY_BYTES}")
        if self.type not in TYPES:
            raise Unreadable(f"unknown event type {self.type!r}")
        former = FORMER.get(self.headers.get("ce_type", ""))
        return TYPES[self.type].from_json(self.body, former.renamed if former else None)


def current_type(type: str) -> str:
    """Translate a type of an earlier release to the current one; return others unchanged."""
    former = FORMER.get(type)
    return former.type if former else type


def every_name(types: Iterable[str]) -> frozenset[str]:
    """These types and their names in earlier releases: stored rows keep the name under which they were written."""
    named = frozenset(types)
    return named | {name for name, former in FORMER.items() if former.type in named}


def differ(before: Event, after: Event) -> bool:
    """Whether two snapshots differ in any field other than `version`."""
    was, is_now = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return bool({**was, "version": 0} != {**is_now, "version": 0})


def published_by(module: str) -> list[str]:
    """The types of event that a module publishes, sorted."""
    return sorted(type for type, event in TYPES.items() if event.topic() == module)


def headers_of(
    event: Event, id: UUID, occurred_at: datetime, request_id: str | None, traceparent: str | None = None
) -> dict[str, str]:
    """CloudEvents attributes as headers, in Kafka's binary mode; and the trace, in W3C's header `traceparent`."""
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
