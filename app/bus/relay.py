"""The relay: sends what is in the outbox, in order, and marks what was delivered. One is active per module."""

import logging
import os
import socket
import threading
import time
from collections import deque
from datetime import datetime, timedelta
from itertools import islice

from prometheus_client import Counter

from app.bus import lease, outbox
from app.bus.event import Message
from app.bus.transport.base import Transport
from app.kernel import clock
from app.kernel.crash import crash_point
from app.kernel.database import Database
from app.kernel.ids import new_id

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
WINDOW = 10_000  # rows under way at once: a listener in trouble leaves this much room to the others
BATCH = 500
LOOK_BACK = 1.0  # seconds between looks for what was committed late, while there is much ahead
KEY_PAUSE = 30.0  # seconds that a key waits after one of its rows was refused

PUBLISHED = Counter("quartet_bus_published_total", "Events that the transport has taken", ["topic"])
REFUSED = Counter("quartet_bus_refused_total", "Outbox rows that the transport would not take", ["topic"])

Rows = list[tuple[int, Message]]
Key = tuple[str, str | None]


class Relay:
    """Reads the rows not yet marked, sends them, marks those delivered. Killed anywhere, it only sends twice.

    It goes ahead from the last row it has read, and looks back before it does: a transaction that committed late has
    left rows behind. Nothing of this outlives the process, nor its lead. A row's state, as this process knows it::

        unread ──_fresh──> under way ──_report(None)──> delivered ──_mark──> published_at is set
           ^                   │
           │                   └──_report(refused)──> its key is held ──_release, after HELD──┐
           └──────────────────────────────────────────────────────────────────────────────────┘
        under way, delivered, held ──the lead is lost──> unread
    """

    def __init__(self, database: Database, transport: Transport, *, batch: int = BATCH) -> None:
        self.wake = threading.Event()
        self._database = database
        self._transport = transport
        self._batch = batch
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{new_id()}"[-60:]
        self._leads_until: datetime | None = None
        self._reached = 0
        self._look_back, self._look_back_at = True, 0.0
        self._under_way: dict[int, Key] = {}
        self._paused: dict[Key, float] = {}  # until when
        self._reports: deque[tuple[int, str | None]] = deque()
        self._woken = True
        database.on_notification(self._wake_up, "event")

    def run_once(self) -> bool:
        """One round; True while there is more to do at once."""
        if not self._transport.carries() or not self._leads():
            return False
        if self._mark() and not self._woken:
            return bool(self._reports)  # it was woken by a delivery: nothing new was said
        self._woken = False
        self._release()
        room = min(self._batch, WINDOW - len(self._under_way))
        rows = self._fresh(room) if room > 0 else []
        full = len(rows) >= room
        if full:
            self._woken = True  # more may wait than was looked at: a delivery must not end the looking
        sent = [(position, message) for position, message in rows if self._may_go(position, message)]
        if sent:
            crash_point("before_publish")
            self._transport.send(sent, self._report)
        return (full and room > 0) or bool(self._reports)

    def flush(self) -> None:
        """Send what has been said by now; before the transport is closed."""
        self._woken = True
        while self.run_once():
            pass

    def finish(self) -> None:
        """Mark what was delivered meanwhile, and leave the lead to another; after the last round."""
        self._mark()
        if self._leads_until:
            with self._database.begin() as connection:
                lease.give_up(connection, "relay", self._owner)

    def _fresh(self, room: int) -> Rows:
        """What is not yet under way, oldest first, as many as there is room for."""
        rows: Rows = []
        with self._database.read() as connection:
            if self._look_back or time.monotonic() >= self._look_back_at:
                self._look_back_at = time.monotonic() + LOOK_BACK
                enough = WINDOW + room  # of these, no more than WINDOW can be under way
                unpublished_up_to = outbox.unpublished_up_to(connection, self._reached, enough)
                late = [each for each in unpublished_up_to if each not in self._under_way]
                rows = outbox.load(connection, late[:room]) if late else []
            self._look_back = len(rows) >= room
            if len(rows) < room:
                rows += outbox.unpublished_after(connection, self._reached, room - len(rows))
                self._look_back = len(rows) < room
        if rows:
            self._reached = max(self._reached, rows[-1][0])
        return rows

    def _may_go(self, position: int, message: Message) -> bool:
        key = message.topic, message.key
        self._under_way[position] = key
        return key not in self._paused

    def _wake_up(self) -> None:
        self._woken = True
        self.wake.set()

    def _report(self, position: int, refused: str | None) -> None:
        self._reports.append((position, refused))
        self.wake.set()

    def _mark(self) -> bool:
        reports = list(islice(self._reports, len(self._reports)))
        delivered = [position for position, refused in reports if refused is None]
        if delivered:
            crash_point("before_mark")
            with self._database.begin() as connection:
                outbox.mark(connection, delivered, clock.now())
        for position, refused in reports:
            if refused is None:
                if key := self._under_way.pop(position, None):
                    PUBLISHED.labels(key[0]).inc()
            elif position in self._under_way:
                self._pause_key(position, refused)
        for _ in reports:  # not before the commit: what fails to be marked now is marked in the next round
            self._reports.popleft()
        return bool(delivered)

    def _pause_key(self, position: int, refused: str) -> None:
        """Send no more of its key for a while: what comes later must not overtake it."""
        topic, key = self._under_way[position]
        if (topic, key) not in self._paused:
            log.error("row %d of the outbox, key %s, is not taken for %s: %s", position, key, topic, refused)
            REFUSED.labels(topic).inc()
        self._paused[topic, key] = time.monotonic() + KEY_PAUSE

    def _release(self) -> None:
        """Those that have waited long enough are fresh again, all of a key at once."""
        over = {key for key, until in self._paused.items() if time.monotonic() >= until}
        if over:
            self._paused = {key: until for key, until in self._paused.items() if key not in over}
            self._under_way = {position: key for position, key in self._under_way.items() if key not in over}
            self._look_back = True

    def _leads(self) -> bool:
        now = clock.now()
        if self._leads_until and now < self._leads_until - LEASE / 2:
            return True
        with self._database.begin() as connection:
            leads = lease.take(connection, "relay", self._owner, now, LEASE)
        if not leads:  # another sends now; when it is our turn again, begin from what is not marked
            self._under_way.clear()
            self._paused.clear()
            self._reached = 0
        self._leads_until = now + LEASE if leads else None
        return leads
