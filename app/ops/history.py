"""The past: have events handled that were lost, a projection rebuilt, or what a broker lost sent again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView
from sqlalchemy import Connection, Row

from app.bus import history
from app.bus.consumer import Consumer
from app.bus.event import published_by
from app.bus.history import EventFilter
from app.bus.transport.base import Transport, Unreachable
from app.jobs import replay
from app.kernel import clock
from app.kernel.database import Database
from app.kernel.errors import Conflict, Invalid, Unavailable
from app.ops import bodies, operations, views
from app.ops.caller import caller
from app.web.auth import staff_only
from app.web.blueprint import Answer, answers, arguments
from app.web.operation import operation

LOOKED = 5.0  # seconds of counting before a dry run answers with what it has
MAX_EVENTS = 10_000  # events that one request may have sent again: it is one transaction


@dataclass(frozen=True)
class Replay(MethodView):
    database: Database
    consumer: Consumer
    transport: Transport

    @staff_only
    @arguments(bodies.ReplayRequest())
    @answers(202, views.ReplayState, {"Location": "where it says how far it has come"}, others={200: views.ReplayCount})
    @operation("replay", refusals={422: "not_a_projection unknown_type"})
    def post(self, asked: dict[str, Any]) -> Answer[views.ReplayState] | Response:
        """Replay past events to this module; what it has handled has no second effect, unless with forget"""
        needs_others(self.transport)
        types = replay.types_meant(self.consumer, asked["type"], asked["forget"])
        event_filter = _event_filter(asked, types, forget=asked["forget"])
        if asked["dry_run"]:
            return Answer(self._count(event_filter)).response(200)
        with self.database.begin() as connection:
            id = ask_for_replay(connection, event_filter, caller(), asked["reason"])
            row = replay.get(connection, id)
        return Answer(_state(row), {"Location": f"{request.path}s/{id}"})

    def _count(self, event_filter: EventFilter) -> views.ReplayCount:
        try:
            return count_view(replay.count(self.consumer, self.database, self.transport, event_filter, LOOKED))
        except Unreachable as error:
            raise Unavailable("bus_unreachable", f"the past cannot be read now: {error}") from error


@dataclass(frozen=True)
class OneReplay(MethodView):
    database: Database

    @staff_only
    @answers(200, views.ReplayState)
    @operation("get_replay", refusals={404: "no_such_replay"})
    def get(self, replay_id: UUID) -> views.ReplayState:
        """Get the progress of a replay"""
        with self.database.read() as connection:
            return _state(replay.get(connection, replay_id))


@dataclass(frozen=True)
class Republish(MethodView):
    database: Database
    module: str

    @staff_only
    @arguments(bodies.RepublishRequest())
    @answers(200, views.RepublishResult)
    @operation("republish", refusals={409: "too_many_events", 422: "unknown_type"})
    def post(self, asked: dict[str, Any]) -> views.RepublishResult:
        """Publish this module's past events again, with the same ids: only those who missed them act"""
        event_filter = _event_filter(asked, published_types(self.module, asked["type"]))
        with self.database.read() as connection:
            by_type, since = history.count(connection, event_filter), history.oldest(connection)
        events = sum(by_type.values())
        if not asked["dry_run"]:
            if events > MAX_EVENTS:
                advice = "ask for less at a time, or use `flask bus republish`, which takes any number"
                raise Conflict(
                    "too_many_events", f"these are {events} events, and a request takes {MAX_EVENTS}: {advice}"
                )
            with self.database.begin() as connection:
                events, _ = history.mark_unpublished(connection, event_filter, 0, MAX_EVENTS)
                operations.record(connection, caller(), "republish", f"{events} of {event_filter}", asked["reason"])
        return views.RepublishResult(events, by_type, since)


def ask_for_replay(
    connection: Connection, event_filter: EventFilter, who: str, why: str, due_at: datetime | None = None
) -> UUID:
    """Have it done after this transaction, and note it; the replay's id is that of its entry in the trail."""
    id = operations.record(connection, who, "replay", str(event_filter), why)
    replay.enqueue_replay(connection, id, event_filter, due_at)
    return id


def needs_others(transport: Transport) -> None:
    """Whoever replays needs others' events. Raises Unavailable where nothing carries them."""
    if not transport.carries():
        raise Unavailable(
            "no_transport", "this process has neither Kafka nor the other modules: set KAFKA_BOOTSTRAP_SERVERS"
        )


def published_types(module: str, type: str | None) -> frozenset[str]:
    """What a republish sends: all that this module says, or one type of it. Raises Invalid."""
    published = published_by(module)
    if type is not None and type not in published:
        raise Invalid("unknown_type", f"{module} does not say {type}; it says {', '.join(published)}")
    return frozenset(published if type is None else {type})


def count_view(found: replay.Count) -> views.ReplayCount:
    """What a dry run found."""
    by_type = [
        views.ReplayTypeCount(type, events, found.to_handle[type]) for type, events in sorted(found.events.items())
    ]
    return views.ReplayCount(found.events.total(), by_type, found.complete)


def _state(row: Row[Any]) -> views.ReplayState:
    event_filter = replay.filter_of(row)
    return views.ReplayState(
        id=row.id,
        since=event_filter.since.astimezone(UTC),  # it is kept as it was asked for, in any zone
        until=event_filter.until.astimezone(UTC),
        types=sorted(event_filter.types),
        key=event_filter.key,
        forget=event_filter.forget,
        counts=replay.counts_of(row),
        ended_at=row.ended_at,
        trouble=row.trouble,
    )


def _event_filter(asked: dict[str, Any], types: frozenset[str], *, forget: bool = False) -> EventFilter:
    until: datetime = asked["until"] or clock.now()
    return EventFilter(since=asked["since"], until=until, types=types, key=asked["key"], forget=forget)
