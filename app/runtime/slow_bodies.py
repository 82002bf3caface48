"""A request whose body arrives slowly holds a thread, which is cheap, but none of the THREADS places.

Granian reads a body only when the application reads it, and has no time limit for it (decision 33). So it may start a
thread for each connection; THREADS of them run the application at a time (app/runtime/places.py), not counting those
that wait for a body, a change (app/web/waiting.py) or the answer of another server.
If a body is not complete after BODY_SECONDS, another thread sends the response; granian then closes the connection, and
the read ends.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec
from flask import Flask
from granian.server import mp

from app.kernel import places
from app.kernel.context import request_id
from app.runtime.places import Places
from app.web.bodies import READING
from app.web.problems import CODES, document
from app.web.waiting import use_own_threads

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]

PROTOCOL = "quartet.protocol"  # the key of granian's protocol object in the environ
LOOK = 0.25  # seconds between two checks for late bodies


class Reading:
    """Limits the requests of one process that run at a time, and the time to wait for a body."""

    def __init__(self, threads: int, seconds: float) -> None:
        self._places = Places(threads)
        self._seconds = seconds
        self._waiting: dict[
            object, tuple[float, Callable[[], None]]
        ] = {}  # deadline (time.monotonic), and what to do then
        threading.Thread(target=self._watch, name="slow bodies", daemon=True).start()

    def wrap(self, app: Flask) -> None:
        """Make each request of the application take a place while it runs."""
        inner = app.wsgi_app

        def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
            environ[READING] = self._read
            places.of_request.set(self._leave)
            self._places.take()
            try:
                return inner(environ, start_response)
            finally:
                self._places.give_back()

        app.wsgi_app = answer  # type: ignore[method-assign]
        use_own_threads(app)

    @contextmanager
    def _leave(self) -> Iterator[None]:
        self._places.give_back()
        try:
            yield
        finally:
            self._places.take()

    @contextmanager
    def _read(self, environ: Environ, path: str) -> Iterator[None]:
        """Free the place of the request while its body is read. Raises TimeoutError when it was late; the client then
        has its response already.
        """
        key = object()
        late = partial(_answer_late, environ, path, request_id.get())
        self._waiting[key] = (time.monotonic() + self._seconds, late)
        with self._leave():
            try:
                yield
            finally:
                in_time = self._waiting.pop(key, None)
        if in_time is None:
            raise TimeoutError

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK)
            now = time.monotonic()
            late = [key for key, (until, _) in list(self._waiting.items()) if until < now]
            for waiting in filter(None, (self._waiting.pop(key, None) for key in late)):
                waiting[1]()


def keep_protocol() -> None:
    """Make granian put its protocol object into the environ; called before it serves.

    Granian's warning of too many threads is dropped, as most of them only wait.
    """
    wrap: Callable[..., Callable[[Any, Environ], int]] = mp._wsgi_call_wrap  # type: ignore[attr-defined]

    def wrapped(*options: Any) -> Callable[[Any, Environ], int]:
        run = wrap(*options)

        def with_protocol(protocol: Any, scope: Environ) -> int:
            scope[PROTOCOL] = protocol
            return run(protocol, scope)

        return with_protocol

    mp._wsgi_call_wrap = wrapped  # type: ignore[attr-defined,assignment]
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())


def _answer_late(environ: Environ, path: str, request: str | None) -> None:
    about = document(408, "body_too_slow", CODES["body_too_slow"][1], path, request)
    headers = [("Content-Type", "application/problem+json"), ("Connection", "close"), ("X-Request-Id", str(request))]
    environ[PROTOCOL].response_bytes(408, headers, msgspec.json.encode(about))
