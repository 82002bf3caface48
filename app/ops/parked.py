"""Parked events: see why they wait, have them tried again, give up on one."""

import re
from base64 import b64encode
from typing import Any

import msgspec
from flask import Response
from flask.views import MethodView
from sqlalchemy import Row

from app.bus import operations, parking, stuck
from app.kernel.clock import rfc3339
from app.kernel.errors import Invalid, NotFound
from app.ops import bodies, schemas
from app.ops.blueprint import blp, caller, consumer_of, module_asked
from app.ops.bus import what_it_does
from app.web.auth import staff_only
from app.web.paging import after, page
from app.wiring import Module

BEHIND = 20  # events behind one that are shown


@blp.route("/parked")
class Parked(MethodView):
    @staff_only
    @blp.arguments(bodies.ListParked(), location="query")
    @blp.response(200, schemas.ParkedPage())
    def get(self, asked: dict[str, Any]) -> Response:
        """What could not be handled, with what waits behind it, oldest first"""
        key = after(asked["cursor"], int) or [0]
        if not 0 <= key[0] < 2**63:
            raise Invalid("bad_cursor", "the cursor is not one of ours: begin without one")
        with module_asked().database.read() as connection:
            found = stuck.rows(connection, asked["type"], asked["key"], key[0], asked["limit"] + 1)
        return page(found, asked["limit"], lambda row: [row.id], parked_json)


@blp.route("/parked/causes")
class Causes(MethodView):
    @staff_only
    @blp.response(200, schemas.Causes())
    def get(self) -> Response:
        """Why events are parked: each cause once, with how much is stuck by it and an example"""
        with module_asked().database.read() as connection:
            found = stuck.causes(connection)
        items = [_cause(each) for each in found]
        return _answer({"items": items, "next": None})


@blp.route("/parked/retry")
class RetryMany(MethodView):
    @staff_only
    @blp.arguments(bodies.RetryMany())
    @blp.response(200, schemas.Retried())
    def post(self, asked: dict[str, Any]) -> Response:
        """Try all of one cause again, or of one type, or everything"""
        return _answer({"keys": retry_many(module_asked(), asked["type"], asked["cause"], caller(), asked["reason"])})


@blp.route("/parked/<parked_id>")
class OneParked(MethodView):
    @staff_only
    @blp.response(200, schemas.WholeParked())
    def get(self, parked_id: str) -> Response:
        """One parked event, whole: what it says, what it would set off, what waits behind it"""
        module = module_asked()
        with module.database.read() as connection:
            row = stuck.one(connection, id_of(parked_id))
            if row is None:
                raise NotFound("not_parked", f"nothing is parked under {parked_id}")
            count, some = stuck.behind(connection, row, BEHIND)
        heard = consumer_of(module).heard.get(row.type)
        content = {
            **parked_json(row),
            "headers": msgspec.json.decode(row.headers),
            **payload_json(row.body),
            **(what_it_does(heard) if heard else {"kind": None, "does": None}),
            "behind": {"count": count, "next": [_behind(each) for each in some]},
        }
        return _answer(content)


@blp.route("/parked/<parked_id>/retry")
class Retry(MethodView):
    @staff_only
    @blp.arguments(bodies.Because())
    @blp.response(200, schemas.Retried())
    def post(self, asked: dict[str, Any], parked_id: str) -> Response:
        """Try this event again, with all that waits under its key"""
        retry(module_asked(), id_of(parked_id), caller(), asked["reason"])
        return _answer({"keys": 1})


@blp.route("/parked/<parked_id>/discard")
class Discard(MethodView):
    @staff_only
    @blp.arguments(bodies.Because())
    @blp.response(204)
    def post(self, asked: dict[str, Any], parked_id: str) -> Response:
        """Give up on this event for good; what waits behind it goes on"""
        discard(module_asked(), id_of(parked_id), caller(), asked["reason"])
        return Response(status=204)


def id_of(text: str) -> int:
    """The number of a parked event. Raises NotFound."""
    if not re.fullmatch("[0-9]{1,18}", text):
        raise NotFound("not_parked", f"nothing is parked under {text}")
    return int(text)


def retry(module: Module, id: int, who: str, why: str) -> None:
    """Try the queue of one event's key again. Raises NotFound."""
    with module.database.begin() as connection:
        row = parking.get(connection, id)
        parking.retry(connection, id)
        operations.note(connection, who, "parked.retry", _subject(row), why)


def retry_many(module: Module, type: str | None, cause: str | None, who: str, why: str) -> int:
    """Try again all keys whose first event is of this type and failed for this cause; how many."""
    with module.database.read() as connection:
        keys = stuck.stuck_keys(connection, type, cause)
    with module.database.begin() as connection:
        again = stuck.retry_keys(connection, keys)
        what = ", ".join(each for each in (type, cause) if each) or "everything"
        operations.note(connection, who, "parked.retry", f"{again} keys: {what}", why)
    return again


def discard(module: Module, id: int, who: str, why: str) -> None:
    """Give up on one event. Raises NotFound."""
    with module.database.begin() as connection:
        row = parking.get(connection, id)
        parking.discard(connection, id, who, why)
        operations.note(connection, who, "parked.discard", _subject(row), why)


def parked_json(row: Row[Any]) -> dict[str, Any]:
    """One row of stuck.rows."""
    names = ("id", "consumer", "topic", "key", "type", "error", "partition", "offset")
    return {
        **{name: getattr(row, name) for name in names},
        "event_id": str(row.event_id),
        "tries": row.tries or 0,
        "waits_for": waits_for(row),
        "next_try_at": rfc3339(row.next_try_at) if row.next_try_at else None,
        "parked_at": rfc3339(row.parked_at),
    }


def waits_for(row: Row[Any]) -> str:
    """What has to come before it is handled."""
    if not row.is_first:
        return "an earlier event of its key"
    return "its next try" if row.next_try_at else "a person"


def payload_json(body: bytes | None) -> dict[str, Any]:
    """A body as it can be shown: JSON as such, anything else in base64."""
    if body is None:
        return {"payload": None, "payload_is": "none"}
    try:
        return {"payload": msgspec.json.decode(body), "payload_is": "json"}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {"payload": b64encode(body).decode(), "payload_is": "base64"}


def _cause(cause: stuck.Cause) -> dict[str, Any]:
    return {**vars(cause), "oldest": rfc3339(cause.oldest)}


def _behind(row: Row[Any]) -> dict[str, Any]:
    return {"id": row.id, "type": row.type, "event_id": str(row.event_id), "parked_at": rfc3339(row.parked_at)}


def _subject(row: Row[Any]) -> str:
    return f"{row.id}: {row.type} of {row.key}"


def _answer(content: object) -> Response:
    return Response(msgspec.json.encode(content), mimetype="application/json")
