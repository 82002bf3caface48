"""The consumer: an event's effect happens once, or the event is parked; it is never dropped."""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import getdoc
from itertools import groupby
from typing import Any, Protocol, TypeVar

from prometheus_client import Counter, Histogram
from sqlalchemy import Connection

from app.bus import inbox, parking
from app.bus.event import Event, Message, Unreadable
from app.kernel import clock
from app.kernel.context import caused_by, request_id, traceparent
from app.kernel.crash import crash_point
from app.kernel.database import is_away
from app.kernel.errors import Stale
from app.kernel.transaction import Transaction
from app.telemetry import tracing

log = logging.getLogger(__name__)

QUICK_TRIES = 5
PATIENCE = 30.0  # seconds of losing a race for the same rows
LONGEST_PAUSE = 30.0  # seconds, while the database is away
OLDEST = 30 * 86_400.0  # seconds; what claims to be older was dated by a stranger

CONSUMED = Counter("quartet_bus_consumed_total", "Events that arrived", ["consumer", "type", "outcome"])
UNPARKED = Counter("quartet_bus_unparked_total", "Parked events that were handled after all", ["consumer"])
EFFECT = Histogram(
    "quartet_bus_effect_seconds",
    "Time from an event's being said to its effect",
    ["consumer"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)

W = TypeVar("W")
E = TypeVar("E", bound=Event)


class Connected(Protocol):
    """What the bus needs of a module's transaction: its connection, for the inbox."""

    @property
    def connection(self) -> Connection: ...


@dataclass(frozen=True)
class Subscription:
    """What a module does when it hears an event. A projection may be run again over the past; a reaction may not.
    A projection goes by versions, so it need not wait behind an earlier event of its key that is parked.

    `batch`: may share a transaction with others; not if it locks rows that requests lock too, in an order of its own.
    """

    handler: Callable[[Any, Any], None]
    is_projection: bool
    batch: bool = True

    @property
    def does(self) -> str:
        """In words, for who has never seen the code."""
        return getdoc(self.handler) or self.handler.__name__


Subscriptions = Mapping[type[Event], Subscription]


def reaction(handler: Callable[[W, E], None], *, batch: bool = True) -> Subscription:
    """It does something: holds stock, takes money. Never replayed."""
    return Subscription(handler, is_projection=False, batch=batch)


def projection(handler: Callable[[W, E], None]) -> Subscription:
    """It keeps a copy, by version. May be replayed."""
    return Subscription(handler, is_projection=True)


class Away(Exception):
    """The module's database cannot be reached now; nothing is wrong with the event."""


class Stopped(Exception):
    """The process is ending; what was not handled is sent again."""


class Consumer:
    """Handles what one module hears: each event once, those of one key in order."""

    def __init__(self, name: str, transaction: Transaction[Any], subscriptions: Subscriptions) -> None:
        self.name = name
        self.transaction = transaction
        self.topics = frozenset(event.topic() for event in subscriptions)
        self.stopping = threading.Event()
        self.heard = {event.event_type(): each for event, each in subscriptions.items()}
        self._handlers = {type: each.handler for type, each in self.heard.items()}
        self._passing = frozenset(type for type, each in self.heard.items() if each.is_projection)
        self._alone = frozenset(event.event_type() for event, each in subscriptions.items() if not each.batch)
        self._names = frozenset(event.event_name for event in subscriptions)

    def handle(self, message: Message, *, again: bool = False) -> str:
        """Return once the event's effect or its parking is committed. Waits for ever while the database is away.

        `again`: even if it was handled before. Returns what became of it: handled, seen, queued, parked or skipped.
        """
        pause = 0.1
        while True:
            try:
                return self._settle_one(message, again)
            except Away as away:
                log.warning("%s cannot reach its database; waiting %.1f s: %s", self.name, pause, away)
                self.stopping.wait(pause * random.uniform(0.5, 1))  # noqa: S311 — spreads rivals, keeps no secret
                pause = min(pause * 2, LONGEST_PAUSE)

    def settle(self, messages: Sequence[Message], done: Callable[[Message], None]) -> None:
        """Handle them in order, several in one transaction where they may be; `done` is told of the last one after
        each commit. Raises Away or Stopped: those after the last that was done have had no effect.
        """
        for alone, some in groupby(messages, key=lambda message: message.type in self._alone):
            together = list(some)
            if not alone and len(together) > 1 and self._settle_together(together):
                done(together[-1])
                continue
            for message in together:
                self._settle_one(message)
                done(message)

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

    def span(self, message: Message) -> tracing.Step:
        """The handling of a message, as a step of the trace in which it was said."""
        about = {
            "messaging.operation.type": "process",
            "messaging.destination.name": message.topic,
            "messaging.message.id": message.headers.get("ce_id", "")[:36],
            "quartet.module": self.name,
        }
        return tracing.span(f"process {self._known(message)}", "consumer", about)

    def _concerns_us(self, type: str) -> bool:
        name, _, version = type.rpartition(".v")
        return type in self._handlers or name in self._names or not version.isdigit()

    def _settle_one(self, message: Message, again: bool = False) -> str:
        """Raises Away while it can neither be handled nor parked."""
        if not self._concerns_us(message.type):
            self._count(message, "skipped")
            return "skipped"
        with caused_by(message.request_id, message.traceparent), self.span(message) as span:
            outcome = self._until_done(message, again)
            if outcome == "parked":
                span.failed(outcome)
        self._count(message, outcome)
        return outcome

    def _until_done(self, message: Message, again: bool) -> str:
        failures, until = 0, time.monotonic() + PATIENCE
        while not self.stopping.is_set():
            try:
                with self.transaction() as work:
                    return self._within(work, message, again)
            except Unreadable as unreadable:
                return self._park(message, unreadable)
            except Stale as stale:
                if time.monotonic() > until:
                    raise Away(f"its rows are not to be had: {stale}") from stale
                self.stopping.wait(random.uniform(0, 0.01))  # noqa: S311 — spreads rivals, keeps no secret
            except Exception as failure:
                if is_away(failure):
                    raise Away(str(failure)) from failure
                failures += 1
                log.exception("%s failed on %s (try %d)", self.name, message.type, failures)
                if failures == QUICK_TRIES:
                    return self._park(message, failure)
        raise Stopped

    def _settle_together(self, messages: Iterable[Message]) -> bool:
        """All in one transaction; False if any failed: nothing has happened then, and one by one shows which."""
        concerning = []
        with caused_by(None, None):
            try:
                with self.transaction() as work:
                    for message in messages:
                        if not self._concerns_us(message.type):
                            concerning.append((message, "skipped"))
                            continue
                        request_id.set(message.request_id)
                        traceparent.set(message.traceparent)
                        with self.span(message):
                            concerning.append((message, self._within(work, message)))
            except Exception as failure:
                log.info("%s handles events one by one: %s", self.name, failure)
                return False
        for message, outcome in concerning:
            self._count(message, outcome)
        return True

    def _within(self, work: Connected, message: Message, again: bool = False) -> str:
        if again and parking.was_discarded(work.connection, self.name, message):
            return "seen"  # somebody decided that it shall have no effect
        if again:
            inbox.forget(work.connection, self.name, parking.identity(message))
        if message.type not in self._passing and parking.is_parked(work.connection, self.name, message):
            if inbox.known(work.connection, self.name, [parking.identity(message)]):
                return "seen"
            parking.park(work.connection, self.name, message, "waits behind an earlier one")
            return "queued"
        return "handled" if self.apply(work, message) else "seen"

    def _park(self, message: Message, error: Exception) -> str:
        try:
            with self.transaction() as work:
                parking.park(work.connection, self.name, message, f"{type(error).__name__}: {error}")
        except Exception as failure:
            raise Away(f"cannot park an event: {failure}") from failure
        log.error("%s parked %.200r of %.200r: %.500s", self.name, message.type, message.key, error)
        return "parked"

    def _count(self, message: Message, outcome: str) -> None:
        CONSUMED.labels(self.name, self._known(message), outcome).inc()
        if outcome == "handled" and message.said_at:
            seconds = (clock.now() - message.said_at).total_seconds()
            EFFECT.labels(self.name).observe(min(max(0.0, seconds), OLDEST))

    def _known(self, message: Message) -> str:
        """Its type; one word for all that strangers may think of."""
        return message.type if message.type in self._handlers else "other"
