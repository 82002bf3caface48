"""The consumer applies each event once, or parks it. It never drops one."""

import logging
import random
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, TypeVar

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

T = TypeVar("T")

MAX_PAUSE = 30.0  # seconds, while the database is away
OLDEST = 30 * 86_400.0  # seconds; an older date was not set by our outbox, and must not distort the histogram

CONSUMED = Counter("quartet_bus_consumed_total", "Events that arrived", ["consumer", "type", "outcome"])
EFFECT = Histogram(
    "quartet_bus_effect_seconds",
    "Time from an event's publication to its effect",
    ["consumer"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)


class Consumer:
    """Handles what one module consumes: each event once, those of one key in order, several in one transaction."""

    def __init__(
        self, name: str, transaction: Transaction[Any], subscriptions: Subscriptions, *, one_writer: bool = False
    ) -> None:
        """`one_writer`: write transactions run one after the other, so events that lock rows may share one, too."""
        self.name = name
        self.transaction = transaction
        self.topics = frozenset(event.topic() for event in subscriptions)
        self.stopping = threading.Event()
        self.subscriptions = {event.event_type(): each for event, each in subscriptions.items()}
        self._alone = frozenset(name for name, each in self.subscriptions.items() if not (each.batch or one_writer))
        self._effects = Effects(name, subscriptions)
        self._retry = Retry(name, self._effects, self.stopping)

    def handle(self, message: Message, *, again: bool = False) -> str:
        """Return once the event is applied or parked, and that is committed. Retries while the database is away.

        `again`: apply it even if it was handled before. Returns the outcome: `handled`, `seen`, `queued`, `parked` or
        `skipped`. Raises Stopped.
        """
        return self._once_back(lambda: self._settle_one(message, again))

    def handle_all(self, messages: Sequence[Message], done: Callable[[Sequence[Message]], None]) -> None:
        """Handle messages as `settle` does, but retry while the database is away. Raises Stopped."""
        left = list(messages)

        def committed(some: Sequence[Message]) -> None:
            del left[: len(some)]
            done(some)

        self._once_back(lambda: self.settle(tuple(left), committed))

    def settle(self, messages: Sequence[Message], done: Callable[[Sequence[Message]], None]) -> None:
        """Handle messages in order, several in one transaction where their subscriptions allow it.

        `done` is called after each commit with the messages that it handled. Raises Away or Stopped: the messages after
        the last call of `done` have had no effect.
        """
        for alone, group in groupby(messages, key=lambda message: message.type in self._alone):
            batch = list(group)
            together = self._settle_together(batch) if len(batch) > 1 and not alone else 0
            if together:
                done(batch[:together])
            for message in batch[together:]:
                self._settle_one(message)
                done([message])

    def apply(self, uow: Connected, message: Message) -> bool:
        """Apply the event and write its inbox row, in the given transaction; False if it was handled before."""
        return self._effects.apply(uow, message)

    def span(self, message: Message) -> tracing.Step:
        """Begin the span of handling a message, in the trace in which it was published."""
        about = {
            "messaging.operation.type": "process",
            "messaging.destination.name": message.topic,
            "messaging.message.id": message.headers.get("ce_id", "")[:36],
            "quartet.module": self.name,
        }
        return tracing.span(f"process {self._type_label(message)}", "consumer", about)

    def _settle_one(self, message: Message, again: bool = False) -> str:
        """Handle one message. Raises Away while it can neither be applied nor parked, and Stopped."""
        if not self._effects.concern(message.type):
            self._count(message, "skipped")
            return "skipped"
        with caused_by(message.request_id, message.traceparent), self.span(message) as span:
            outcome = self._retry.until_done(self.transaction, message, again)
            if outcome == "parked":
                span.failed(outcome)
        self._count(message, outcome)
        return outcome

    def _settle_together(self, messages: Iterable[Message]) -> int:
        """Handle messages in one transaction, all of them unless the process is stopping. Returns how many.

        Returns 0 if any failed: then nothing is committed, and handling them one by one shows which one fails.
        """
        outcomes: list[tuple[Message, str]] = []
        with caused_by(None, None):
            try:
                with self.transaction() as uow:
                    for message in messages:
                        if self.stopping.is_set():
                            break
                        if not self._effects.concern(message.type):
                            outcomes.append((message, "skipped"))
                            continue
                        request_id.set(message.request_id)
                        traceparent.set(message.traceparent)
                        with self.span(message):
                            outcomes.append((message, self._effects.once(uow, message)))
            except Exception as failure:
                log.info("%s could not handle a batch of events, and handles them one by one: %s", self.name, failure)
                return 0
        for message, outcome in outcomes:
            self._count(message, outcome)
        return len(outcomes)

    def _once_back(self, attempt: Callable[[], T]) -> T:
        """Attempt it until the database is not away."""
        pause = 0.1
        while True:
            try:
                return attempt()
            except Away as away:
                log.warning("%s cannot reach its database; waiting %.1f s: %s", self.name, pause, away)
                self.stopping.wait(pause * random.uniform(0.5, 1))  # noqa: S311 — jitter, not a secret
                pause = min(pause * 2, MAX_PAUSE)

    def _count(self, message: Message, outcome: str) -> None:
        CONSUMED.labels(self.name, self._type_label(message), outcome).inc()
        if outcome == "handled" and message.occurred_at:
            seconds = (clock.now() - message.occurred_at).total_seconds()
            EFFECT.labels(self.name).observe(min(max(0.0, seconds), OLDEST))

    def _type_label(self, message: Message) -> str:
        """The type, as a label of metrics; `other` for types without a subscription, so that labels stay few."""
        return message.type if message.type in self.subscriptions else "other"
