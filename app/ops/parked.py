"""Routes for parked events: list them and their causes, retry them, or discard one."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from flask.views import MethodView
from sqlalchemy import Row

from app.bus import parking, stuck
from app.bus.consumer import Consumer
from app.kernel.database import Database
from app.kernel.errors import NotFound
from app.ops import bodies, operations, views
from app.ops.bus import kind_of
from app.ops.caller import caller
from app.web.auth import staff_only
from app.web.blueprint import Answer, answers, arguments
from app.web.operation import operation
from app.web.paging import after, bad_cursor, page

QUEUED_SHOWN = 20  # events that wait behind one and are listed


@dataclass(frozen=True)
class Parked(MethodView):
    database: Database

    @staff_only
    @arguments(bodies.ListParked(), location="query")
    @answers(200, views.ParkedEventPage)
    @operation("list_parked", refusals={422: "bad_cursor"})
    def get(self, args: dict[str, Any]) -> Answer[views.ParkedEventPage]:
        """List parked events, including those that wait behind another one of their key, oldest first"""
        key = after(args["cursor"], int) or [0]
        if not 0 <= key[0] < 2**63:
            raise bad_cursor()
        with self.database.read() as connection:
            found = stuck.rows(connection, args["type"], args["key"], key[0], args["limit"] + 1)
        return page(found, args["limit"], lambda row: [row.id], _page)


@dataclass(frozen=True)
class Causes(MethodView):
    database: Database

    @staff_only
    @answers(200, views.ParkCauseList)
    @operation("list_parked_causes")
    def get(self) -> views.ParkCauseList:
        """List the causes for which events are parked: each once, with the number of keys and an example"""
        with self.database.read() as connection:
            found = stuck.causes(connection)
        return views.ParkCauseList([views.ParkCause(**vars(each)) for each in found])


@dataclass(frozen=True)
class RetryMany(MethodView):
    database: Database

    @staff_only
    @arguments(bodies.RetryRequest())
    @answers(200, views.RetriedKeys)
    @operation("retry_parked")
    def post(self, args: dict[str, Any]) -> views.RetriedKeys:
        """Retry all parked events, or those of one type or cause"""
        return views.RetriedKeys(retry_many(self.database, args["type"], args["cause"], caller(), args["reason"]))


@dataclass(frozen=True)
class OneParked(MethodView):
    database: Database
    consumer: Consumer

    @staff_only
    @answers(200, views.ParkedEventDetail)
    @operation("get_parked", refusals={404: "not_parked"})
    def get(self, parked_id: str) -> views.ParkedEventDetail:
        """Get a parked event in full: its payload, what consuming it does, and the events that wait behind it"""
        with self.database.read() as connection:
            row = stuck.one(connection, id_of(parked_id))
            if row is None:
                raise NotFound("not_parked", f"there is no parked event {parked_id}")
            count, some = stuck.queued_behind(connection, row, QUEUED_SHOWN)
        subscription = self.consumer.subscriptions.get(row.type)
        payload, payload_is = payload_of(row.body)
        return views.ParkedEventDetail(
            **_event(row),
            headers=msgspec.json.decode(row.headers),
            payload=payload,
            payload_is=payload_is,
            kind=kind_of(subscription) if subscription else None,
            does=subscription.does if subscription else None,
            queued=views.QueuedEvents(count, [_queued(each) for each in some]),
        )


@dataclass(frozen=True)
class Retry(MethodView):
    database: Database

    @staff_only
    @arguments(bodies.OperationReason())
    @answers(200, views.RetriedKeys)
    @operation("retry_parked_event", refusals={404: "not_parked"})
    def post(self, args: dict[str, Any], parked_id: str) -> views.RetriedKeys:
        """Retry this event and all parked events of its key"""
        retry(self.database, id_of(parked_id), caller(), args["reason"])
        return views.RetriedKeys(1)


@dataclass(frozen=True)
class Discard(MethodView):
    database: Database

    @staff_only
    @arguments(bodies.OperationReason())
    @answers(204)
    @operation("discard_parked_event", refusals={404: "not_parked"})
    def post(self, args: dict[str, Any], parked_id: str) -> None:
        """Discard this event for good; the events that wait behind it are then consumed"""
        discard(self.database, id_of(parked_id), caller(), args["reason"])


def id_of(text: str) -> int:
    """The id of a parked event. Raises NotFound(not_parked) where the text is not a number."""
    if not re.fullmatch("[0-9]{1,18}", text):
        raise NotFound("not_parked", f"there is no parked event {text}")
    return int(text)


def retry(database: Database, id: int, who: str, why: str) -> None:
    """Retry all parked events of the key of one event. Raises NotFound(not_parked)."""
    with database.begin() as connection:
        row = parking.get(connection, id)
        parking.retry(connection, id)
        operations.record(connection, who, "parked.retry", _subject(row), why)


def retry_many(database: Database, type: str | None, cause: str | None, who: str, why: str) -> int:
    """Retry all keys whose first event is of this type and failed for this cause. Returns how many keys."""
    with database.read() as connection:
        keys = stuck.stuck_keys(connection, type, cause)
    with database.begin() as connection:
        again = stuck.retry_keys(connection, keys)
        what = ", ".join(each for each in (type, cause) if each) or "everything"
        operations.record(connection, who, "parked.retry", f"{again} keys: {what}", why)
    return again


def discard(database: Database, id: int, who: str, why: str) -> None:
    """Discard one event: it counts as consumed, without effect. Raises NotFound(not_parked)."""
    with database.begin() as connection:
        row = parking.get(connection, id)
        parking.discard(connection, id, who, why)
        operations.record(connection, who, "parked.discard", _subject(row), why)


def waits_for(row: Row[Any]) -> str:
    """What must happen before the parked event is consumed."""
    if not row.is_first:
        return "an earlier event of its key"
    return "its next try" if row.next_try_at else "a person"


def payload_of(body: bytes | None) -> tuple[Any, views.Payload]:
    """A body as it is shown, and its encoding: JSON is decoded, anything else is base64."""
    if body is None:
        return None, "none"
    try:
        return msgspec.json.decode(body), "json"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b64encode(body).decode(), "base64"


def _event(row: Row[Any]) -> dict[str, Any]:
    """The fields of a view for a row of stuck.rows."""
    alike = ("id", "consumer", "topic", "key", "type", "error", "partition", "offset", "event_id", "next_try_at")
    shown = {name: getattr(row, name) for name in (*alike, "parked_at")}
    return {**shown, "tries": row.tries or 0, "waits_for": waits_for(row)}


def _page(rows: Sequence[Row[Any]], following: str | None) -> views.ParkedEventPage:
    return views.ParkedEventPage([views.ParkedEvent(**_event(row)) for row in rows], following)


def _queued(row: Row[Any]) -> views.QueuedEvent:
    return views.QueuedEvent(row.id, row.type, row.event_id, row.parked_at)


def _subject(row: Row[Any]) -> str:
    return f"{row.id}: {row.type} of {row.key}"
