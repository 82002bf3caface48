"""How a module's events fare, and what people did about it."""

from typing import Any
from uuid import UUID

import msgspec
from flask import Response
from flask.views import MethodView
from sqlalchemy import Row

from app.bus import audits, operations, stuck
from app.bus.event import said_by
from app.bus.standing import age, standing, worst_work
from app.bus.subscription import Subscription
from app.bus.transport.base import Transport, Unreachable
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.kernel.errors import Invalid
from app.ops import schemas
from app.ops.blueprint import blp, consumer_of, module_asked, transport
from app.web.auth import staff_only
from app.web.paging import PageArgs, after, page

PATIENCE = 2.0  # seconds for Kafka to say how far the module is behind
WORST = 10  # rows of work that are shown


@blp.route("/bus")
class Bus(MethodView):
    @staff_only
    @blp.response(200, schemas.Bus())
    def get(self) -> Response:
        """What waits, what is parked, who sends, what it says and hears"""
        module, now = module_asked(), clock.now()
        with module.database.read() as connection:
            found, parked = standing(connection, now), stuck.summary(connection)
            failing = worst_work(connection, WORST)
        lag, unknown = _lag(transport(), module.name)
        relay = found.relay
        content = {
            "module": module.name,
            "outbox": {"waiting": found.to_send, "oldest_seconds": age(found.oldest, now) if found.oldest else None},
            "relay": {
                "active": relay is not None,
                "owner": relay.owner if relay else None,
                "lease_until": rfc3339(relay.until) if relay else None,
            },
            "lag": lag,
            "lag_unknown": unknown,
            "parked": {
                "events": parked.events,
                "keys": parked.keys,
                "waiting_for_a_person": parked.waiting,
                "oldest_seconds": age(parked.oldest, now) if parked.oldest else None,
            },
            "work": {
                "waiting": found.work,
                "overdue_seconds": age(found.work_due, now),
                "failing": [_failing(row) for row in failing],
            },
            "says": said_by(module.name),
            "hears": [{"type": type, **what_it_does(each)} for type, each in sorted(consumer_of(module).heard.items())],
        }
        return Response(msgspec.json.encode(content), mimetype="application/json")


@blp.route("/operations")
class Operations(MethodView):
    @staff_only
    @blp.arguments(PageArgs(), location="query")
    @blp.response(200, schemas.Operations())
    def get(self, asked: dict[str, Any]) -> Response:
        """What people did by hand, and why, the newest first"""
        before = _id(after(asked["cursor"], str))
        with module_asked().database.read() as connection:
            found = operations.newest(connection, before, asked["limit"] + 1)
        return page(found, asked["limit"], lambda row: [str(row.id)], _operation)


@blp.route("/audits")
class Audits(MethodView):
    @staff_only
    @blp.response(200, schemas.Audits())
    def get(self) -> Response:
        """What `flask audit` found when it was last run: each check, and the first hundred findings"""
        with module_asked().database.read() as connection:
            items = [_audit(row) for row in audits.kept(connection)]
        return Response(msgspec.json.encode({"items": items}), mimetype="application/json")


def what_it_does(subscription: Subscription) -> dict[str, str]:
    """In words, for who has never seen the code."""
    kind = "projection" if subscription.is_projection else "reaction"
    return {"kind": kind, "does": subscription.does}


def _lag(transport: Transport, module: str) -> tuple[list[dict[str, Any]] | None, str | None]:
    if not transport.carries():
        return None, "there is neither Kafka nor all modules in this process: nothing is heard"
    try:
        found = transport.lag(PATIENCE)
    except Unreachable as error:
        return None, f"Kafka does not answer: {error}"
    return [{"topic": topic, "events": n} for (group, topic), n in sorted(found.items()) if group == module], None


def _failing(row: Row[Any]) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in ("kind", "subject", "attempts", "error")}
    return {**shown, "due_at": rfc3339(row.due_at)}


def _operation(row: Row[Any]) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in ("who", "what", "subject", "why")}
    return {"id": str(row.id), "at": rfc3339(row.at), **shown}


def _audit(row: Row[Any]) -> dict[str, Any]:
    told = {"check": row.check, "at": rfc3339(row.at), "compared": row.compared, "findings": row.findings}
    return {**told, "report": msgspec.json.decode(row.report)}


def _id(key: list[Any] | None) -> UUID | None:
    try:
        return UUID(key[0]) if key else None
    except ValueError:
        raise Invalid("bad_cursor", "the cursor is not one of ours: begin without one") from None
