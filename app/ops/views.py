"""What operations answer as JSON."""

from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from app.web.blueprint import Timestamp

Kind = Literal["reaction", "projection"]
Payload = Literal["json", "base64", "none"]


class OutboxState(Struct, frozen=True):
    """What waits, and for how long the oldest has."""

    waiting: int
    oldest_seconds: float | None


class RelayState(Struct, frozen=True):
    """Who sends what is in the outbox, and until when that is promised."""

    active: bool
    owner: str | None
    lease_until: Timestamp | None


class TopicLag(Struct, frozen=True):
    """Events of a topic that the module has still to handle."""

    topic: str
    events: int


class ParkedSummary(Struct, frozen=True):
    """What could not be handled; `waiting_for_a_person` are the keys that nothing frees by itself."""

    events: int
    keys: int
    waiting_for_a_person: int
    oldest_seconds: float | None


class FailingJob(Struct, frozen=True):
    """A call to a third party that failed, and is tried again."""

    kind: str
    subject: str
    attempts: int
    error: str | None
    due_at: Timestamp


class JobSummary(Struct, frozen=True):
    """Calls to third parties to be made: how many, how late the latest is, and the worst of those that fail."""

    waiting: int
    overdue_seconds: float
    failing: list[FailingJob]


class ConsumedEvent(Struct, frozen=True):
    """What a module does when it hears an event: a reaction does something, a projection keeps a copy."""

    type: str
    kind: Kind
    does: str


class BusState(Struct, frozen=True):
    """The state of a module's events. `lag` is null while nobody can tell; `lag_unknown` then says why."""

    module: str
    outbox: OutboxState
    relay: RelayState
    lag: list[TopicLag] | None
    lag_unknown: str | None
    parked: ParkedSummary
    jobs: JobSummary
    publishes: list[str]
    consumes: list[ConsumedEvent]


class OperationEntry(Struct, frozen=True):
    """What somebody did by hand."""

    id: UUID
    at: Timestamp
    who: str
    what: str
    subject: str
    why: str


class OperationPage(Struct, frozen=True):
    """What people did by hand, the newest first."""

    items: list[OperationEntry]
    next: str | None


class AuditResult(Struct, frozen=True):
    """The result of one check: how much was compared, how many discrepancies, and the first hundred of them."""

    check: str
    at: Timestamp
    compared: int
    discrepancies: int
    report: list[str]


class AuditResultList(Struct, frozen=True):
    """Of each check, the last."""

    items: list[AuditResult]


class ParkedEvent(Struct, frozen=True):
    """An event that waits. `waits_for`: its next try, a person, or an earlier event of its key."""

    id: int
    consumer: str
    topic: str
    key: str
    type: str
    error: str
    partition: int
    offset: int
    event_id: UUID
    tries: int
    waits_for: str
    next_try_at: Timestamp | None
    parked_at: Timestamp


class ParkedEventPage(Struct, frozen=True):
    """A page of them, oldest first."""

    items: list[ParkedEvent]
    next: str | None


class QueuedEvent(Struct, frozen=True):
    """An event that waits behind another."""

    id: int
    type: str
    event_id: UUID
    parked_at: Timestamp


class QueuedEvents(Struct, frozen=True):
    """How many wait behind an event, and the next of them."""

    count: int
    next: list[QueuedEvent]


class ParkedEventDetail(ParkedEvent, frozen=True):
    """All of it. `payload` is JSON where `payload_is` says so, else base64; `does` is what it would set off."""

    headers: dict[str, str]
    payload: Any
    payload_is: Payload
    kind: Kind | None
    does: str | None
    queued: QueuedEvents


class ParkCause(Struct, frozen=True):
    """Why keys are stuck, with one example; `events` counts what waits behind them, too."""

    type: str
    cause: str
    keys: int
    events: int
    oldest: Timestamp
    example: int


class ParkCauseList(Struct, frozen=True):
    """All of them, most keys first: one page."""

    items: list[ParkCause]
    next: None = None


class RetriedKeys(Struct, frozen=True):
    """How many keys are tried again, within a second or two."""

    keys: int


class ReplayTypeCount(Struct, frozen=True):
    """How many events of a type; `to_handle`: those of them that would have an effect."""

    type: str
    events: int
    to_handle: int


class ReplayCount(Struct, frozen=True):
    """What a dry run found; without `complete` there is more than there was time to look at."""

    events: int
    by_type: list[ReplayTypeCount]
    complete: bool


class RepublishResult(Struct, frozen=True):
    """How many events are sent again, or would be; the outbox has what was said since `kept_since`."""

    events: int
    by_type: dict[str, int]
    kept_since: Timestamp | None


class ReplayState(Struct, frozen=True):
    """A replay, how far it has come, and what its last slice failed on, if it did."""

    id: UUID
    since: Timestamp
    until: Timestamp
    types: list[str]
    key: str | None
    forget: bool
    counts: dict[str, int]
    ended_at: Timestamp | None
    trouble: str | None
