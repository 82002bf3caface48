"""Detects a PostgreSQL server that no longer answers: frozen, or gone without closing connections.

libpq would wait for it for ever. A caller that has waited for a second opens a new connection, to find out whether the
server still answers at all. If it does, a long statement may continue; if not, the statement fails, and further callers
are refused at once.
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
CONNECTING = 3.0  # seconds; a healthy server always accepts a connection faster


class Server:
    """A server, and whether it answers. `where`: the arguments of psycopg2.connect."""

    def __init__(self, where: Mapping[str, Any]) -> None:
        name = f"the database {where.get('dbname')} at {where.get('host')}:{where.get('port')}"
        self._where = where
        self._silent = f"{name} does not answer"
        self._breaker = Breaker(name, CONNECTING)
        self._asking = threading.Lock()
        self._last_sign_at = float("-inf")
        extensions.set_wait_callback(_wait)

    def connect(self) -> extensions.connection:
        """Open a connection. Raises OperationalError after at most CONNECTING seconds; at once while the server is
        known not to answer.
        """
        if not self._breaker.allows():
            raise psycopg2.OperationalError(self._silent)
        began = time.monotonic()
        try:
            connection: _Watched = psycopg2.connect(connection_factory=_Watched, **self._where)
        except psycopg2.OperationalError as error:
            if time.monotonic() - began >= CONNECTING:
                self._breaker.failed(error)
            else:
                self._breaker.worked()  # a refusal is an answer, too
            raise
        self._breaker.worked()
        connection.server = self
        return connection

    def must_answer(self) -> None:
        """Called before a pooled connection is used. Raises OperationalError if the server does not answer."""
        if self._breaker.is_open:
            self.connect().close()

    def must_still_answer(self) -> None:
        """Called each second while a statement waits. Raises OperationalError if the server does not answer."""
        with self._asking:
            if self._breaker.is_open:
                raise psycopg2.OperationalError(self._silent)
            if time.monotonic() - self._last_sign_at < SILENCE:
                return  # it has just answered another thread
            try:
                self.connect().close()
            except psycopg2.OperationalError:
                if self._breaker.is_open:
                    raise
            self._last_sign_at = time.monotonic()


class _Watched(extensions.connection):
    server: Server | None = None


def _wait(connection: extensions.connection) -> None:
    """Wait for the server; psycopg2 calls this in the whole process instead of letting libpq wait."""
    began, connecting = time.monotonic(), connection.status == extensions.STATUS_SETUP
    while (state := connection.poll()) != extensions.POLL_OK:
        waiting = select.poll()  # created anew, as the socket may change while it connects
        waiting.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if waiting.poll(SILENCE * 1000):
            continue
        if connecting:
            if time.monotonic() - began >= CONNECTING:
                raise psycopg2.OperationalError("the server did not accept the connection in time")
        elif isinstance(connection, _Watched) and connection.server:
            connection.server.must_still_answer()
