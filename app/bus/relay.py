"""The relay: carries a module's outbox to the transport, in order, at least once. One is active per module."""

import os
import socket
import threading
from collections import deque
from datetime import datetime, timedelta
from itertools import islice

from app.bus import lease, outbox
from app.bus.transport.base import Transport
from app.kernel import clock
from app.kernel.crash import crash_point
from app.kernel.database import Database
from app.kernel.ids import new_id

LEASE = timedelta(seconds=10)
WINDOW = 10_000  # rows under way at once: a listener in trouble leaves this much room to the others
BATCH = 500


class Relay:
    """Reads the rows not yet marked, sends them, marks those delivered. Killed anywhere, it only sends twice."""

    def __init__(self, database: Database, transport: Transport) -> None:
        self.wake = threading.Event()
        self._database = database
        self._transport = transport
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
        self._leads_until: datetime | None = None
        self._under_way: set[int] = set()
        self._delivered: deque[int] = deque()
        self._told = True
        database.on_news(self._hear, "event")

    def run_once(self) -> bool:
        """One round; True while there is more to do at once."""
        if not self._transport.carries() or not self._leads():
            return False
        if self._mark() and not self._told:
            return bool(self._delivered)  # it was woken by a delivery: nothing new was said
        self._told = False
        with self._database.read() as connection:
            waiting = outbox.unpublished(connection, WINDOW)
            fresh = [position for position in waiting if position not in self._under_way][:BATCH]
            messages = outbox.load(connection, fresh) if fresh else []
        if len(messages) == BATCH or len(waiting) == WINDOW:
            self._told = True  # more may wait than was looked at: a delivery must not end the looking
        if messages:
            crash_point("before_publish")
            self._under_way.update(fresh)
            self._transport.send(messages, self._is_delivered)
        return len(messages) == BATCH or bool(self._delivered)

    def _hear(self) -> None:
        self._told = True
        self.wake.set()

    def _is_delivered(self, position: int) -> None:
        self._delivered.append(position)
        self.wake.set()

    def _mark(self) -> bool:
        positions = list(islice(self._delivered, len(self._delivered)))
        if not positions:
            return False
        crash_point("before_mark")
        with self._database.begin() as connection:
            outbox.mark(connection, positions, clock.now())
        for _ in positions:  # not before the commit: what fails to be marked now is marked in the next round
            self._delivered.popleft()
        self._under_way.difference_update(positions)
        return True

    def _leads(self) -> bool:
        now = clock.now()
        if self._leads_until and now < self._leads_until - LEASE / 2:
            return True
        with self._database.begin() as connection:
            leads = lease.take(connection, "relay", self._owner, now, LEASE)
        if not leads:
            self._under_way.clear()  # another sends now; when it is our turn again, begin from what is not marked
        self._leads_until = now + LEASE if leads else None
        return leads
