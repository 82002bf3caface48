"""The timeline of each order, as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select

from app.kernel.compiled import execute
from app.kernel.context import request_id, trace_id
from app.kernel.slices import SLICE
from app.modules.orders.domain.orders.order import OPEN
from app.modules.orders.domain.orders.timeline import TimelineEntry
from app.modules.orders.infrastructure.tables import orders, timeline

INSERT = insert(timeline).inline()
OF = select(timeline).where(timeline.c.order_id == bindparam("order")).order_by(timeline.c.id)

STAYS = ("nudged", "refund_failed")  # what the list of stuck orders reads, also of a finished order
OLDEST = select(timeline.c.id).where(timeline.c.what.not_in(STAYS)).order_by(timeline.c.id).limit(SLICE)
FINISHED = select(orders.c.id).where(orders.c.id == timeline.c.order_id, orders.c.status.not_in(sorted(OPEN))).exists()


class SqlTimeline:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, order_id: UUID, module: str, what: str, at: datetime, detail: Mapping[str, object]) -> None:
        """Takes the request id and the trace id from the current context."""
        row = {
            "order_id": order_id,
            "at": at,
            "module": module,
            "what": what,
            "detail": msgspec.json.encode(dict(detail)).decode(),
            "request_id": request_id.get(),
            "trace_id": trace_id(),
        }
        execute(self._connection, INSERT, row)

    def prune(self, before: datetime) -> int:
        """Of the oldest by id, which has the index: entries are written in that order."""
        old = timeline.c.id.in_(OLDEST), timeline.c.at < before, FINISHED
        return self._connection.execute(delete(timeline).where(*old)).rowcount

    def of(self, order_id: UUID) -> Sequence[TimelineEntry]:
        return [
            TimelineEntry(
                at=row.at,
                module=row.module,
                what=row.what,
                detail=msgspec.json.decode(row.detail),
                request_id=row.request_id,
                trace_id=row.trace_id,
            )
            for row in execute(self._connection, OF, {"order": order_id})
        ]
