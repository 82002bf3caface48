"""The past: have events handled that were lost, a projection rebuilt, or what a broker lost sent again."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, request
from flask.views import MethodView
from sqlalchemy import Row

from app.bus import operations, past
from app.bus.event import said_by
from app.bus.past import Question
from app.bus.transport.base import Unreachable
from app.jobs import replay
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.kernel.errors import Conflict, Invalid, Unavailable
from app.ops import bodies, schemas
from app.ops.blueprint import blp, caller, consumer_of, module_asked, transport_that_carries
from app.web.auth import staff_only
from app.wiring import Module

LOOKED = 5.0  # seconds of counting before a dry run answers with what it has
MOST = 10_000  # events that one request may have sent again: it is one transaction


@blp.route("/replay")
class Replay(MethodView):
    @staff_only
    @blp.arguments(bodies.Replay())
    @blp.response(202, schemas.ReplayState())
    @blp.alt_response(200, schema=schemas.Count(), description="What a dry run found.")
    def post(self, asked: dict[str, Any]) -> Response:
        """Feed past events to this module again; what it has handled has no second effect, unless with forget"""
        module, transport = module_asked(), transport_that_carries()
        consumer = consumer_of(module)
        types = replay.types_meant(consumer, asked["type"], asked["forget"])
        question = _question(asked, types, forget=asked["forget"])
        if asked["dry_run"]:
            try:
                found = replay.count(consumer, module.database, transport, question, LOOKED)
            except Unreachable as error:
                raise Unavailable("bus_unreachable", f"the past cannot be read now: {error}") from error
            return _answer(count_json(found))
        with module.database.begin() as connection:
            id = replay.ask(connection, question, caller(), asked["reason"])
            row = replay.get(connection, id)
        answer = _answer(replay_json(row), 202)
        answer.headers["Location"] = f"{request.path}s/{id}"
        return answer


@blp.route("/replays/<uuid:replay_id>")
class OneReplay(MethodView):
    @staff_only
    @blp.response(200, schemas.ReplayState())
    def get(self, replay_id: UUID) -> Response:
        """How far a replay has come"""
        with module_asked().database.read() as connection:
            return _answer(replay_json(replay.get(connection, replay_id)))


@blp.route("/republish")
class Republish(MethodView):
    @staff_only
    @blp.arguments(bodies.Past())
    @blp.response(200, schemas.SentAgain())
    def post(self, asked: dict[str, Any]) -> Response:
        """Send again what this module said, with the same ids: who has handled it drops it, who lost it does not"""
        module = module_asked()
        question = _question(asked, types_said(module, asked["type"]))
        with module.database.read() as connection:
            by_type, since = past.count(connection, question), past.oldest(connection)
        events = sum(by_type.values())
        if not asked["dry_run"]:
            if events > MOST:
                advice = "ask for less at a time, or use `flask bus republish`, which takes any number"
                raise Conflict("too_many_events", f"these are {events} events, and a request takes {MOST}: {advice}")
            with module.database.begin() as connection:
                events, _ = past.have_sent_again(connection, question, 0, MOST)
                operations.note(connection, caller(), "republish", f"{events} of {question}", asked["reason"])
        kept = {"kept_since": rfc3339(since) if since else None}
        return _answer({"events": events, "by_type": by_type, **kept})


def types_said(module: Module, type: str | None) -> frozenset[str]:
    """What a republish sends: all that this module says, or one type of it. Raises Invalid."""
    said = said_by(module.name)
    if type is not None and type not in said:
        raise Invalid("unknown_type", f"{module.name} does not say {type}; it says {', '.join(said)}")
    return frozenset(said if type is None else {type})


def count_json(found: replay.Count) -> dict[str, Any]:
    """What a dry run found."""
    by_type = [
        {"type": type, "events": events, "to_handle": found.to_handle[type]}
        for type, events in sorted(found.events.items())
    ]
    return {"events": found.events.total(), "by_type": by_type, "complete": found.complete}


def replay_json(row: Row[Any]) -> dict[str, Any]:
    """A replay, and how far it has come."""
    question = replay.question_of(row)
    return {
        "id": str(row.id),
        "since": rfc3339(question.since),
        "until": rfc3339(question.until),
        "types": sorted(question.types),
        "key": question.key,
        "forget": question.forget,
        "counts": replay.counts_of(row),
        "ended_at": rfc3339(row.ended_at) if row.ended_at else None,
        "trouble": row.trouble,
    }


def _question(asked: dict[str, Any], types: frozenset[str], *, forget: bool = False) -> Question:
    until: datetime = asked["until"] or clock.now()
    return Question(since=asked["since"], until=until, types=types, key=asked["key"], forget=forget)


def _answer(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, mimetype="application/json")
