"""The relay sends the rows of the outbox in order, and marks those delivered. One relay is active per module."""

import logging
import math
import os
import socket
import threading
import time
from collections import deque
from datetime import datetime, timedelta

from prometheus_client import Counter
from sqlalchemy import Connection

from app.bus import lease, outbox
from app.bus.event import Message
from app.bus.transport.base import Transport
from app.kernel import clock
from app.kernel.crash import crash_point
from app.kernel.database import Database
from app.kernel.ids import new_id

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
WINDOW = 10_000  # rows in flight at once: room for the other listeners while one of them does not answer
BATCH = 500
MARK_BATCH, MARK_PAUSE = 100, 0.1  # delivered rows are marked together: at so many, or after so many seconds
BUSY = 4  # rows in flight; while there are more, each round waits until still more have gathered
FEW = 25  # rows in flight; up to so many it costs less to read them again than to search for late rows
LOOK_BACK = 1.0  # seconds between queries for rows committed late, while many new rows wait
KEY_PAUSE = 30.0  # seconds for which a key is paused after the transport refused one of its rows

PUBLISHED = Counter("quartet_bus_published_total", "Events that the transport has accepted", ["topic"])
REFUSED = Counter("quartet_bus_refused_total", "Outbox rows that the transport refused", ["topic"])

Rows = list[tuple[int, Message]]
Key = tuple[str, str | None]


class Relay:
    """Reads the rows not marked as delivered, sends them, and marks those delivered, many in one transaction.

    Killed at any point, it sends some rows twice and loses none. It reads all unmarked rows while few are in flight;
    otherwise it reads on from the last row it has read, and regularly looks back before that row for rows of
    transactions that committed late. This state is lost with the process and with the lease. The states of a row in
    this process::

        unread ──_fresh──> in flight ──_report(None)──> delivered ──mark──> published_at is set
           ^                   │
           │                   └──_report(refused)──> its key is paused ──_release, after KEY_PAUSE──┐
           └─────────────────────────────────────────────────────────────────────────────────────────┘
        in flight, delivered, paused ──the lease is lost──> unread
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
        self._in_flight: dict[int, Key] = {}
        self._paused: dict[Key, float] = {}  # until when
        self._reports: deque[tuple[int, str | None]] = deque()
        self._delivered: list[int] = []
        self._mark_at = 0.0
        self._woken = True
        database.listeners.on_notification(self._wake_up, "event")

    def run_once(self) -> bool:
        """Do one round: mark, read and send. Returns True while there is more to do at once."""
        self._take_reports()
        if not self._transport.can_deliver() or not self._leads():
            return False
        if self._delivered:
            if len(self._delivered) >= MARK_BATCH or time.monotonic() >= self._mark_at:
                self.mark()
            if not self._woken:
                return len(self._reports) >= MARK_BATCH  # only deliveries woke it: the outbox has nothing new
        self._woken = False
        self._release()
        room = min(self._batch, WINDOW - len(self._in_flight))
        rows = self._fresh(room) if room > 0 else []
        full = len(rows) >= room
        if full:
            self._woken = True  # more rows may wait than were read: the next round must read, even after a delivery
        sent = [(position, message) for position, message in rows if self._may_go(position, message)]
        if sent:
            crash_point("before_publish")
            self._transport.send(sent, self._report)
        return (full and room > 0) or len(self._reports) >= MARK_BATCH

    def max_pause(self) -> float:
        """The seconds until the next round has to be done, even if nothing wakes the relay."""
        return MARK_PAUSE if self._delivered or self._reports else math.inf

    def rest(self) -> float:
        """The seconds to wait before the next round, while many rows come, so that fewer rounds read and mark them."""
        return self._transport.gather if BUSY < len(self._in_flight) < self._batch else 0

    def mark(self) -> None:
        """Mark all rows that were delivered so far."""
        self._take_reports()
        if not self._delivered:
            return
        crash_point("before_mark")
        with self._database.at_once() as connection:
            outbox.mark(connection, self._delivered, clock.now())
        for position in self._delivered:  # only after the commit: rows whose mark failed are marked later
            if key := self._in_flight.pop(position, None):
                PUBLISHED.labels(key[0]).inc()
        self._delivered = []
        self._mark_at = time.monotonic() + MARK_PAUSE

    def flush(self) -> None:
        """Send all events published so far; called before the transport is closed."""
        self._woken = True
        while self.run_once():
            pass

    def finish(self) -> None:
        """Mark what was delivered meanwhile, and give the lease up; called after the last round."""
        self.mark()
        if self._leads_until:
            with self._database.begin() as connection:
                lease.give_up(connection, "relay", self._owner)

    def _fresh(self, room: int) -> Rows:
        """Up to `room` rows that are not in flight, oldest first."""
        with self._database.read() as connection:
            if len(self._in_flight) <= FEW:
                rows = outbox.unpublished_after(connection, 0, room, without=self._in_flight)
            else:
                rows = self._late_and_new(connection, room)
        if rows:
            self._reached = max(self._reached, rows[-1][0])
        return rows

    def _late_and_new(self, connection: Connection, room: int) -> Rows:
        rows: Rows = []
        if self._look_back or time.monotonic() >= self._look_back_at:
            self._look_back_at = time.monotonic() + LOOK_BACK
            enough = WINDOW + room  # at most WINDOW of these are in flight
            unpublished_up_to = outbox.unpublished_up_to(connection, self._reached, enough)
            late = [each for each in unpublished_up_to if each not in self._in_flight]
            rows = outbox.load(connection, late[:room]) if late else []
        self._look_back = len(rows) >= room
        if len(rows) < room:
            rows += outbox.unpublished_after(connection, self._reached, room - len(rows))
            self._look_back = len(rows) < room
        return rows

    def _may_go(self, position: int, message: Message) -> bool:
        key = message.topic, message.key
        self._in_flight[position] = key
        return key not in self._paused

    def _wake_up(self) -> None:
        self._woken = True
        self.wake.set()

    def _report(self, position: int, refused: str | None) -> None:
        is_first = not (self._reports or self._delivered)  # later ones are marked with it
        self._reports.append((position, refused))
        if is_first or refused is not None or len(self._reports) >= MARK_BATCH:
            self.wake.set()

    def _take_reports(self) -> None:
        """Note what was delivered, and pause the keys of rows that were refused, before any more of them is sent."""
        for _ in range(len(self._reports)):
            position, refused = self._reports.popleft()
            if refused is None:
                self._delivered.append(position)
            elif position in self._in_flight:
                self._pause_key(position, refused)

    def _pause_key(self, position: int, refused: str) -> None:
        """Send no more rows of this row's key for KEY_PAUSE seconds, so that later rows do not overtake it."""
        topic, key = self._in_flight[position]
        if (topic, key) not in self._paused:
            log.error("row %d of the outbox, key %s, was refused for topic %s: %s", position, key, topic, refused)
            REFUSED.labels(topic).inc()
        self._paused[topic, key] = time.monotonic() + KEY_PAUSE

    def _release(self) -> None:
        """End the pause of keys whose time is over: all rows of such a key become unread."""
        over = {key for key, until in self._paused.items() if time.monotonic() >= until}
        if over:
            self._paused = {key: until for key, until in self._paused.items() if key not in over}
            self._in_flight = {position: key for position, key in self._in_flight.items() if key not in over}
            self._look_back = True

    def _leads(self) -> bool:
        now = clock.now()
        if self._leads_until and now < self._leads_until - LEASE / 2:
            return True
        with self._database.begin() as connection:
            leads = lease.take(connection, "relay", self._owner, now, LEASE)
        if not leads:  # another process sends now; when we lead again, we begin with all unmarked rows
            self._in_flight.clear()
            self._paused.clear()
            self._delivered.clear()
            self._reached = 0
        self._leads_until = now + LEASE if leads else None
        return leads
