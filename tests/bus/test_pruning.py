"""Old rows are deleted in slices: each is committed, and others write in between."""

from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, insert

from app.bus import inbox, outbox, tables
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.slices import SLICE, in_slices
from app.runtime.background import INBOX_RETENTION, OUTBOX_RETENTION, prune
from tests.bus.tiny import Tiny, Waved

MANY = 2 * SLICE + 7


class KilledError(Exception):
    """Ends a process between two transactions."""


def fill(listener: Tiny, sent: datetime | None, handled: datetime, count: int = MANY) -> None:
    """Events that were sent and handled then."""
    row = {"topic": "greeter", "key": "ann", "type": "greeter.waved.v1", "headers": "{}", "body": b"{}"}
    events = [{**row, "event_id": new_id(), "created_at": handled, "published_at": sent} for _ in range(count)]
    with listener.database.begin() as connection:
        connection.execute(insert(tables.outbox), events)
        ids = [{"consumer": "c", "event_id": each["event_id"], "handled_at": handled} for each in events]
        connection.execute(insert(tables.inbox), ids)


def test_all_old_rows_are_deleted_and_no_newer_ones(listener: Tiny) -> None:
    long_ago = clock.now() - max(OUTBOX_RETENTION, INBOX_RETENTION) - timedelta(hours=1)
    fill(listener, long_ago, long_ago)
    fill(listener, clock.now(), clock.now(), count=3)
    fill(listener, None, long_ago, count=1)

    deleted = prune(listener.database)

    assert (deleted["published events"], deleted["inbox rows"]) == (MANY, MANY + 1)
    assert (listener.count(tables.outbox), listener.count(tables.inbox)) == (4, 3)


def test_others_write_between_two_slices_and_what_is_done_stays_done(listener: Tiny) -> None:
    long_ago = clock.now() - OUTBOX_RETENTION - timedelta(hours=1)
    fill(listener, long_ago, long_ago)
    deleted: list[int] = []

    def delete_one(connection: Connection) -> int:
        if deleted:
            raise KilledError
        deleted.append(outbox.prune(connection, clock.now() - OUTBOX_RETENTION))
        return deleted[0]

    with pytest.raises(KilledError):
        in_slices(listener.database.begin, delete_one)

    assert deleted == [SLICE]
    assert listener.count(tables.outbox) == MANY - SLICE
    listener.publishes(Waved(name="ann"))
    assert in_slices(listener.database.begin, partial(inbox.prune, before=clock.now())) == MANY


def test_rows_that_the_driver_did_not_count_are_an_error() -> None:
    """Python's sqlite3 returns -1 for a statement that begins with WITH: to go on would never end."""
    with pytest.raises(RuntimeError, match="did not count"):
        in_slices(nullcontext, lambda _: -1)
