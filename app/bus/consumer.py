"""The consumer: an event's effect happens once, or the event is parked; it is never dropped."""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from prometheus_client import Counter
from sqlalchemy import Connection

from app.bus import inbox, parking
from app.bus.event import Event, Message, Unreadable
from app.kernel.context import request_id
from app.kernel.crash import crash_point
from app.kernel.database import is_away
from app.kernel.errors import Stale
from app.kernel.transaction import Transaction

log = logging.getLogger(__name__)

QUICK_TRIES = 5
LONGEST_PAUSE = 30.0  # seconds, while the database is away

CONSUMED = Counter("quartet_bus_consumed_total", "Events that arrived", ["consumer", "type", "outcome"])

W = TypeVar("W")
E = TypeVar("E", bound=Event)


class Connected(Protocol):
    """What the bus needs of a module's transaction: its connection, for the inbox."""

    @property
    def connection(self) -> Connection: ...


@dataclass(frozen=True)
class Subscription:
    """What a module does when it hears an event. A projection may be run again over the past; a reaction may not."""

    handler: Callable[[Any, Any], None]
    is_projection: bool


Subscriptions = Mapping[type[Event], Subscription]


def reaction(handler: Callable[[W, E], None]) -> Subscription:
    """It does something: holds stock, takes money. Never replayed."""
    return Subscription(handler, is_projection=False)


def projection(handler: Callable[[W, E], None]) -> Subscription:
    """It keeps a copy, by version. May be replayed."""
    return Subscription(handler, is_projection=True)


class Stopped(Exception):
    """The process is ending; what was not handled is sent again."""


class Consumer:
    """Handles what one module hears: each event once, those of one key in order."""

    def __init__(self, name: str, transaction: Transaction[Any], subscriptions: Subscriptions) -> None:
        self.name = name
        self.transaction = transaction
        self.topics = frozenset(event.topic() for event in subscriptions)
        self.stopping = threading.Event()
        self._handlers = {event.event_type(): each.handler for event, each in subscriptions.items()}
        self._names = frozenset(event.event_name for event in subscriptions)

    def handle(self, message: Message) -> None:
        """Return once the event's effect or its parking is committed. Waits for ever while the database is away."""
        if not self._concerns_us(message.type):
            self._count(message, "skipped")
            return
        token = request_id.set(message.request_id)
        try:
            self._until_done(message)
        finally:
            request_id.reset(token)

    def apply(self, work: Connected, message: Message) -> bool:
        """The effect and its inbox row, in the transaction given; False if it was handled before."""
        handler = self._handlers.get(message.type)
        if handler is None:
            raise Unreadable(f"{message.type!r} is newer than what we read")
        event = message.event()
        if not inbox.first_time(work.connection, self.name, message.id):
            return False
        handler(work, event)
        crash_point("after_effect")
        return True

    def _concerns_us(self, type: str) -> bool:
        name, _, version = type.rpartition(".v")
        return type in self._handlers or name in self._names or not version.isdigit()

    def _until_done(self, message: Message) -> None:
        failures, pause = 0, 0.1
        error: Exception | None = None
        while True:
            if self.stopping.is_set():
                raise Stopped
            try:
                self._count(message, self._park(message, error) if error else self._try(message))
                return
            except Unreadable as unreadable:
                error = unreadable
            except Stale:
                self.stopping.wait(random.uniform(0, 0.01))  # noqa: S311 — spreads rivals, keeps no secret
            except Exception as failure:
                if error or is_away(failure):
                    what = "park an event" if error else "reach its database"
                    log.warning("%s cannot %s; waiting %.1f s: %s", self.name, what, pause, failure)
                    self.stopping.wait(pause * random.uniform(0.5, 1))  # noqa: S311 — as above
                    pause = min(pause * 2, LONGEST_PAUSE)
                    continue
                failures += 1
                log.exception("%s failed on %s (try %d)", self.name, message.type, failures)
                if failures == QUICK_TRIES:
                    error = failure

    def _try(self, message: Message) -> str:
        with self.transaction() as work:
            if parking.is_parked(work.connection, self.name, message):
                parking.park(work.connection, self.name, message, "waits behind an earlier one")
                return "queued"
            return "handled" if self.apply(work, message) else "seen"

    def _park(self, message: Message, error: Exception) -> str:
        with self.transaction() as work:
            parking.park(work.connection, self.name, message, f"{type(error).__name__}: {error}")
        log.error("%s parked %.200r of %.200r: %.500s", self.name, message.type, message.key, error)
        return "parked"

    def _count(self, message: Message, outcome: str) -> None:
        known = message.type if message.type in self._handlers else "other"
        CONSUMED.labels(self.name, known, outcome).inc()
