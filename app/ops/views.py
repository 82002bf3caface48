"""The responses of the operations, as JSON."""

from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from app.web.blueprint import Timestamp

Kind = Literal["reaction", "projection"]
Payload = Literal["json", "base64", "none"]


class OutboxState(Struct, frozen=True):
    """The number of events that wait to be sent, and the age of the oldest."""

    waiting: int
    oldest_seconds: float | None


class RelayState(Struct, frozen=True):
    """The process that sends the events of the outbox, and the end of its lease."""

    active: bool
    owner: str | None
    lease_until: Timestamp | None


class TopicLag(Struct, frozen=True):
    """The number of events of a topic that the module has not consumed yet."""

    topic: str
    events: int


class ParkedSummary(Struct, frozen=True):
    """Parked events. `waiting_for_a_person`: the number of keys that are not retried automatically any more."""

    events: int
    keys: int
    waiting_for_a_person: int
    oldest_seconds: float | None


class FailingJob(Struct, frozen=True):
    """A job that has failed, and is run again at `due_at`."""

    kind: str
    subject: str
    attempts: int
    error: str | None
    due_at: Timestamp


class JobSummary(Struct, frozen=True):
    """Jobs, which are calls to third parties: how many wait, how overdue the first is, and which fail most often."""

    waiting: int
    overdue_seconds: float
    failing: list[FailingJob]


class ConsumedEvent(Struct, frozen=True):
    """What a module does with an event: a reaction acts on it, a projection stores a copy of its facts."""

    type: str
    kind: Kind
    does: str


class BusState(Struct, frozen=True):
    """The state of a module's events. `lag` is null where it is unknown; `lag_unknown` then has the reason."""

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
    """An operation that a person did by hand, with the reason."""

    id: UUID
    at: Timestamp
    who: str
    what: str
    subject: str
    why: str


class OperationPage(Struct, frozen=True):
    """A page of operations that people did by hand, newest first."""

    items: list[OperationEntry]
    next: str | None


class AuditResult(Struct, frozen=True):
    """The last result of a check: items compared, number of discrepancies, and a report of the first hundred."""

    check: str
    at: Timestamp
    compared: int
    discrepancies: int
    report: list[str]


class AuditResultList(Struct, frozen=True):
    """The last result of each check."""

    items: list[AuditResult]


class ParkedEvent(Struct, frozen=True):
    """A parked event. `waits_for`: its next try, a person, or an earlier event of its key."""

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
    """A page of parked events, oldest first."""

    items: list[ParkedEvent]
    next: str | None


class QueuedEvent(Struct, frozen=True):
    """An event that waits behind an earlier one of its key."""

    id: int
    type: str
    event_id: UUID
    parked_at: Timestamp


class QueuedEvents(Struct, frozen=True):
    """How many events wait behind one, and the next of them."""

    count: int
    next: list[QueuedEvent]


class ParkedEventDetail(ParkedEvent, frozen=True):
    """A parked event in full. `payload_is`: how `payload` is encoded. `does`: what consuming the event does."""

    headers: dict[str, str]
    payload: Any
    payload_is: Payload
    kind: Kind | None
    does: str | None
    queued: QueuedEvents


class ParkCause(Struct, frozen=True):
    """Why keys are parked. `events` includes those that wait behind the first of a key. `example`: a parked event."""

    type: str
    cause: str
    keys: int
    events: int
    oldest: Timestamp
    example: int


class ParkCauseList(Struct, frozen=True):
    """All causes in one page, those of most keys first."""

    items: list[ParkCause]
    next: None = None


class RetriedKeys(Struct, frozen=True):
    """The number of keys that are retried, within a second or two."""

    keys: int


class ReplayTypeCount(Struct, frozen=True):
    """The number of events of a type. `to_handle`: those of them that would have an effect."""

    type: str
    events: int
    to_handle: int


class ReplayCount(Struct, frozen=True):
    """The counts of a dry run. If `complete` is false, the time was too short to count everything."""

    events: int
    by_type: list[ReplayTypeCount]
    complete: bool


class RepublishResult(Struct, frozen=True):
    """The number of events that are sent again, or would be. The outbox has events published since `retained_since`."""

    events: int
    by_type: dict[str, int]
    retained_since: Timestamp | None


class ReplayState(Struct, frozen=True):
    """A replay and its progress. `trouble`: why its last slice failed, or null."""

    id: UUID
    since: Timestamp
    until: Timestamp
    types: list[str]
    key: str | None
    forget: bool
    counts: dict[str, int]
    ended_at: Timestamp | None
    trouble: str | None
