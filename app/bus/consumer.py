"""The consumer: an event's effect happens once, or the event is parked; it is never dropped."""

import logging
import random
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from prometheus_client import Counter, Histogram

from app.bus.apply import Effects
from app.bus.event import Message
from app.bus.retry import Away, Retry
from app.bus.subscription import Connected, Subscriptions
from app.kernel import clock
from app.kernel.context import caused_by, request_id, traceparent
from app.kernel.transaction import Transaction
from app.telemetry import tracing

log = logging.getLogger(__name__)

MAX_PAUSE = 30.0  # seconds, while the database is away
OLDEST = 30 * 86_400.0  # seconds; what claims to be older was dated by a stranger

CONSUMED = Counter("quartet_bus_consumed_total", "Events that arrived", ["consumer", "type", "outcome"])
EFFECT = Histogram(
    "quartet_bus_effect_seconds",
    "Time from an event's being said to its effect",
    ["consumer"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)


class Consumer:
    """Handles what one module consumes: each event once, those of one key in order, several in one transaction."""

    def __init__(self, name: str, transaction: Transaction[Any], subscriptions: Subscriptions) -> None:
        self.name = name
        self.transaction = transaction
        self.topics = frozenset(event.topic() for event in subscriptions)
        self.stopping = threading.Event()
        self.subscriptions = {event.event_type(): each for event, each in subscriptions.items()}
        self._alone = frozenset(event.event_type() for event, each in subscriptions.items() if not each.batch)
        self._effects = Effects(name, subscriptions)
        self._retry = Retry(name, self._effects, self.stopping)

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
                pause = min(pause * 2, MAX_PAUSE)

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
        return self._effects.apply(work, message)

    def span(self, message: Message) -> tracing.Step:
        """The handling of a message, as a step of the trace in which it was said."""
        about = {
            "messaging.operation.type": "process",
            "messaging.destination.name": message.topic,
            "messaging.message.id": message.headers.get("ce_id", "")[:36],
            "quartet.module": self.name,
        }
        return tracing.span(f"process {self._known(message)}", "consumer", about)

    def _settle_one(self, message: Message, again: bool = False) -> str:
        """Raises Away while it can neither be handled nor parked."""
        if not self._effects.concern(message.type):
            self._count(message, "skipped")
            return "skipped"
        with caused_by(message.request_id, message.traceparent), self.span(message) as span:
            outcome = self._retry.until_done(self.transaction, message, again)
            if outcome == "parked":
                span.failed(outcome)
        self._count(message, outcome)
        return outcome

    def _settle_together(self, messages: Iterable[Message]) -> bool:
        """All in one transaction; False if any failed: nothing has happened then, and one by one shows which."""
        outcomes = []
        with caused_by(None, None):
            try:
                with self.transaction() as work:
                    for message in messages:
                        if not self._effects.concern(message.type):
                            outcomes.append((message, "skipped"))
                            continue
                        request_id.set(message.request_id)
                        traceparent.set(message.traceparent)
                        with self.span(message):
                            outcomes.append((message, self._effects.once(work, message)))
            except Exception as failure:
                log.info("%s handles events one by one: %s", self.name, failure)
                return False
        for message, outcome in outcomes:
            self._count(message, outcome)
        return True

    def _count(self, message: Message, outcome: str) -> None:
        CONSUMED.labels(self.name, self._known(message), outcome).inc()
        if outcome == "handled" and message.occurred_at:
            seconds = (clock.now() - message.occurred_at).total_seconds()
            EFFECT.labels(self.name).observe(min(max(0.0, seconds), OLDEST))

    def _known(self, message: Message) -> str:
        """Its type; one word for all that strangers may think of."""
        return message.type if message.type in self.subscriptions else "other"
