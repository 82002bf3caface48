"""Routes for past events: replay them to a module that lost them or rebuilds a projection, or republish them."""

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

COUNT_SECONDS = 5.0  # of counting, after which a dry run answers with what it has counted
MAX_EVENTS = 10_000  # events that one request may republish, as it is one transaction


@dataclass(frozen=True)
class Replay(MethodView):
    database: Database
    consumer: Consumer
    transport: Transport

    @staff_only
    @arguments(bodies.ReplayRequest())
    @answers(
        202,
        views.ReplayState,
        {"Location": "The URL of the replay, which has its progress."},
        others={200: views.ReplayCount},
    )
    @operation("replay", refusals={422: "not_a_projection unknown_type"})
    def post(self, args: dict[str, Any]) -> Answer[views.ReplayState] | Response:
        """Replay past events to this module; those it has consumed have no second effect, except with `forget`"""
        needs_others(self.transport)
        types = replay.types_meant(self.consumer, args["type"], args["forget"])
        event_filter = _event_filter(args, types, forget=args["forget"])
        if args["dry_run"]:
            return Answer(self._count(event_filter)).response(200)
        with self.database.begin() as connection:
            id = ask_for_replay(connection, event_filter, caller(), args["reason"])
            row = replay.get(connection, id)
        return Answer(_state(row), {"Location": f"{request.path}s/{id}"})

    def _count(self, event_filter: EventFilter) -> views.ReplayCount:
        try:
            return count_view(replay.count(self.consumer, self.database, self.transport, event_filter, COUNT_SECONDS))
        except Unreachable as error:
            raise Unavailable("bus_unreachable", f"past events cannot be read at present: {error}") from error


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
    def post(self, args: dict[str, Any]) -> views.RepublishResult:
        """Send this module's past events again, with the same ids: modules that have consumed them ignore them"""
        event_filter = _event_filter(args, published_types(self.module, args["type"]))
        with self.database.read() as connection:
            by_type, since = history.count(connection, event_filter), history.oldest(connection)
        events = sum(by_type.values())
        if not args["dry_run"]:
            if events > MAX_EVENTS:
                advice = "select fewer, or use `flask bus republish`, which has no limit"
                raise Conflict(
                    "too_many_events",
                    f"this selects {events} events, and a request may republish {MAX_EVENTS}: {advice}",
                )
            with self.database.begin() as connection:
                events, _ = history.mark_unpublished(connection, event_filter, 0, MAX_EVENTS)
                operations.record(connection, caller(), "republish", f"{events} of {event_filter}", args["reason"])
        return views.RepublishResult(events, by_type, since)


def ask_for_replay(
    connection: Connection, event_filter: EventFilter, who: str, why: str, due_at: datetime | None = None
) -> UUID:
    """Add a replay as a job, and record it in the trail. The id of the replay is the id of its entry in the trail.

    A worker runs the job after this transaction commits, or at `due_at`.
    """
    id = operations.record(connection, who, "replay", str(event_filter), why)
    replay.enqueue_replay(connection, id, event_filter, due_at)
    return id


def needs_others(transport: Transport) -> None:
    """Raise Unavailable if this process has no transport: a replay needs the events of the other modules."""
    if not transport.can_deliver():
        raise Unavailable(
            "no_transport", "this process has neither Kafka nor the other modules: set KAFKA_BOOTSTRAP_SERVERS"
        )


def published_types(module: str, type: str | None) -> frozenset[str]:
    """The types that a republish sends: all that the module publishes, or this one. Raises Invalid(unknown_type)."""
    published = published_by(module)
    if type is not None and type not in published:
        raise Invalid("unknown_type", f"{module} does not publish {type}; it publishes {', '.join(published)}")
    return frozenset(published if type is None else {type})


def count_view(found: replay.Count) -> views.ReplayCount:
    """The view of the counts of a dry run."""
    by_type = [
        views.ReplayTypeCount(type, events, found.to_handle[type]) for type, events in sorted(found.events.items())
    ]
    return views.ReplayCount(found.events.total(), by_type, found.complete)


def _state(row: Row[Any]) -> views.ReplayState:
    event_filter = replay.filter_of(row)
    return views.ReplayState(
        id=row.id,
        since=event_filter.since.astimezone(UTC),  # it is stored with the zone of the request
        until=event_filter.until.astimezone(UTC),
        types=sorted(event_filter.types),
        key=event_filter.key,
        forget=event_filter.forget,
        counts=replay.counts_of(row),
        ended_at=row.ended_at,
        trouble=row.trouble,
    )


def _event_filter(args: dict[str, Any], types: frozenset[str], *, forget: bool = False) -> EventFilter:
    since, until = args["since"].astimezone(UTC), (args["until"] or clock.now()).astimezone(UTC)
    return EventFilter(since=since, until=until, types=types, key=args["key"], forget=forget)
