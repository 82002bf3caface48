"""The transport within one process: one queue per listening module, so that a slow module does not delay the others.

It stores nothing: events not handled when the process ends are not marked in the outbox, and are sent again.
"""

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue

from app.bus import history
from app.bus.consumer import Consumer
from app.bus.event import Message
from app.bus.retry import Stopped
from app.bus.transport.base import Delivered, History, Offsets, Unreachable
from app.kernel.database import Database

BATCH = 100  # messages in one round of a listener
READ = 100  # past messages in one query


class Letter:
    """One message in the queues of several listeners; reported as delivered when all of them have handled it."""

    def __init__(self, position: int, message: Message, listeners: int, delivered: Delivered) -> None:
        self.message = message
        self._position = position
        self._open = listeners
        self._delivered = delivered
        self._lock = threading.Lock()

    def arrived(self) -> None:
        """Record that one more listener has committed it in its own database."""
        with self._lock:
            self._open -= 1
            last = self._open == 0
        if last:
            self._delivered(self._position, None)


class LocalListener:
    """Passes the messages of its queue to the consumer of one module, in order."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self.queue: SimpleQueue[Letter | None] = SimpleQueue()

    def wake(self) -> None:
        self.queue.put(None)

    def run_once(self, timeout: float = 0) -> bool:
        """Handle the messages that wait, at most BATCH of them, in as few transactions as possible."""
        letters = self._waiting(timeout)
        messages = [letter.message for letter in letters]

        def arrived(messages: Sequence[Message]) -> None:
            for _ in messages:
                letters.popleft().arrived()

        try:
            self.consumer.handle_all(messages, arrived)
        except Stopped:
            return False
        return bool(messages)

    def _waiting(self, timeout: float) -> deque[Letter]:
        """Wait for the first letter, and take those behind it; none if the process is stopping."""
        letters: deque[Letter] = deque()
        with suppress(Empty):
            letter = self.queue.get(timeout=timeout) if timeout else self.queue.get_nowait()
            while letter is not None:
                letters.append(letter)
                letter = self.queue.get_nowait() if len(letters) < BATCH else None
        return letters

    def close(self) -> None: ...


class Local:
    """Delivers events only when every module is in this process (`complete`); otherwise they stay in the outbox.

    `outboxes`: the databases with the outboxes of this process's modules, by topic; the only record of past events.
    """

    gather = 0.0

    def __init__(
        self, consumers: Iterable[Consumer], outboxes: Mapping[str, Database] | None = None, *, complete: bool
    ) -> None:
        self.listeners = [LocalListener(consumer) for consumer in consumers]
        self._outboxes = outboxes or {}
        self._complete = complete

    def can_deliver(self) -> bool:
        return self._complete

    def send(self, messages: Sequence[tuple[int, Message]], delivered: Delivered) -> None:
        """Put each message in the queue of every module that subscribes to its topic."""
        for position, message in messages:
            interested = [each for each in self.listeners if message.topic in each.consumer.topics]
            letter = Letter(position, message, len(interested) or 1, delivered)
            for listener in interested:
                listener.queue.put(letter)
            if not interested:
                letter.arrived()

    def lag(self, seconds: float = 0) -> Mapping[tuple[str, str], int]:
        """The lengths of the queues, each under the topic `local`, as a queue has the messages of all topics."""
        return {(each.consumer.name, "local"): each.queue.qsize() for each in self.listeners}

    def trouble(self) -> str | None:
        if self._complete:
            return None
        return "no transport: events wait in the outbox until Kafka is configured or all modules run in one process"

    def history(self, listener: str, since: datetime, until: datetime, offsets: Offsets) -> History:
        """Reads the delivered rows of the outboxes. Raises Unreachable if modules are missing in this process."""
        if not self._complete:
            raise Unreachable(
                "without Kafka, past events are in the outboxes of all modules, and not all are in this process"
            )
        [topics] = [each.consumer.topics for each in self.listeners if each.consumer.name == listener]
        for topic in sorted(topics & self._outboxes.keys()):
            while True:
                with self._outboxes[topic].read() as connection:
                    rows = history.published(connection, offsets.get(topic, 0), since, until, READ)
                if not rows:
                    break
                offsets = {**offsets, topic: rows[-1][0]}
                yield [message for _, message in rows], offsets

    def close(self) -> None: ...
