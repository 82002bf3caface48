"""A PostgreSQL that says nothing any more: frozen, or gone without a word. libpq would wait for it for ever.

Whoever has waited for a second asks by a new connection whether the server still answers anybody. A long statement on a
server that does may take its time; on one that does not, it fails, and whoever comes next is refused at once.
"""

import select
import threading
import time
from collections.abc import Mapping
from typing import Any

import psycopg2
from psycopg2 import extensions

from app.kernel.breaker import Breaker

SILENCE = 1.0  # seconds
CONNECTING = 3.0  # seconds that a server which is well never needs to take a connection


class Server:
    """Where to connect to, and whether it answers. `where`: psycopg2's arguments."""

    def __init__(self, where: Mapping[str, Any]) -> None:
        name = f"the database {where.get('dbname')} at {where.get('host')}:{where.get('port')}"
        self._where = where
        self._silent = f"{name} does not answer"
        self._breaker = Breaker(name, CONNECTING)
        self._asking = threading.Lock()
        self._last_sign_at = float("-inf")
        extensions.set_wait_callback(_wait)

    def connect(self) -> extensions.connection:
        """A new connection. Raises OperationalError within CONNECTING seconds; at once while others find it silent."""
        if not self._breaker.allows():
            raise psycopg2.OperationalError(self._silent)
        began = time.monotonic()
        try:
            connection: _Watched = psycopg2.connect(connection_factory=_Watched, **self._where)
        except psycopg2.OperationalError as error:
            if time.monotonic() - began >= CONNECTING:
                self._breaker.failed(error)
            else:
                self._breaker.worked()  # to refuse is to answer
            raise
        self._breaker.worked()
        connection.server = self
        return connection

    def must_answer(self) -> None:
        """Before a connection is used that was made while all was well. Raises OperationalError."""
        if self._breaker.is_open:
            self.connect().close()

    def must_still_answer(self) -> None:
        """While a statement waits. Raises OperationalError."""
        with self._asking:
            if self._breaker.is_open:
                raise psycopg2.OperationalError(self._silent)
            if time.monotonic() - self._last_sign_at < SILENCE:
                return  # it has just answered another
            try:
                self.connect().close()
            except psycopg2.OperationalError:
                if self._breaker.is_open:
                    raise
            self._last_sign_at = time.monotonic()


class _Watched(extensions.connection):
    server: Server | None = None


def _wait(connection: extensions.connection) -> None:
    """What psycopg2 does in this process instead of letting libpq wait."""
    began, connecting = time.monotonic(), connection.status == extensions.STATUS_SETUP
    while (state := connection.poll()) != extensions.POLL_OK:
        waiting = select.poll()  # anew: while it connects, its socket may become another
        waiting.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if waiting.poll(SILENCE * 1000):
            continue
        if connecting:
            if time.monotonic() - began >= CONNECTING:
                raise psycopg2.OperationalError("it did not take the connection in time")
        elif isinstance(connection, _Watched) and connection.server:
            connection.server.must_still_answer()
