"""The transport within one process: a queue a listening module, so that one's trouble is not another's.

It remembers nothing: what was not handled when the process ends is still unmarked in the outbox and is sent again.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from queue import Empty, SimpleQueue

from app.bus import history
from app.bus.consumer import Consumer
from app.bus.event import Message
from app.bus.retry import Stopped
from app.bus.transport.base import Delivered, History, Offsets, Unreachable
from app.kernel.database import Database

READ = 100  # messages of the past at a time


class Letter:
    """One message on its way to several listeners."""

    def __init__(self, position: int, message: Message, listeners: int, delivered: Delivered) -> None:
        self.message = message
        self._position = position
        self._open = listeners
        self._delivered = delivered
        self._lock = threading.Lock()

    def arrived(self) -> None:
        """One more listener has it safely in its own database."""
        with self._lock:
            self._open -= 1
            last = self._open == 0
        if last:
            self._delivered(self._position, None)


class LocalListener:
    """Hands what comes in to one module's consumer, one after the other."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self.queue: SimpleQueue[Letter | None] = SimpleQueue()

    def wake(self) -> None:
        """End a wait for the next message, because we are to stop."""
        self.queue.put(None)

    def run_once(self, timeout: float = 0) -> bool:
        """Handle the next message; False if none came in time, or if we are to stop."""
        try:
            letter = self.queue.get(timeout=timeout) if timeout else self.queue.get_nowait()
            if letter is None:
                return False
            self.consumer.handle(letter.message)
        except (Empty, Stopped):
            return False
        letter.arrived()
        return True

    def close(self) -> None: ...


class Local:
    """Carries events only where every module that could listen is in this process.

    `outboxes`: where the modules of this process keep what they said, by topic; they are the only record of the past.
    """

    def __init__(
        self, consumers: Iterable[Consumer], outboxes: Mapping[str, Database] | None = None, *, complete: bool
    ) -> None:
        self.listeners = [LocalListener(consumer) for consumer in consumers]
        self._outboxes = outboxes or {}
        self._complete = complete

    def carries(self) -> bool:
        """A module alone, without Kafka, keeps what it says until others can hear it."""
        return self._complete

    def send(self, messages: Sequence[tuple[int, Message]], delivered: Delivered) -> None:
        """Queue each message with every module that listens to its topic."""
        for position, message in messages:
            interested = [each for each in self.listeners if message.topic in each.consumer.topics]
            letter = Letter(position, message, len(interested) or 1, delivered)
            for listener in interested:
                listener.queue.put(letter)
            if not interested:
                letter.arrived()

    def lag(self, seconds: float = 0) -> Mapping[tuple[str, str], int]:
        """What waits in the queues; they are not kept apart by topic."""
        return {(each.consumer.name, "local"): each.queue.qsize() for each in self.listeners}

    def trouble(self) -> str | None:
        """Only where there are too few to hear."""
        waits = "no transport: what is said here waits in the outbox until the others can hear it"
        return None if self._complete else waits

    def history(self, listener: str, since: datetime, until: datetime, offsets: Offsets) -> History:
        """What is marked in the outboxes: every listener has it. Raises Unreachable where others' are not here."""
        if not self._complete:
            raise Unreachable(
                "without Kafka the past is in the outboxes of all modules, and not all are in this process"
            )
        [topics] = [each.consumer.topics for each in self.listeners if each.consumer.name == listener]
        for topic in sorted(topics & self._outboxes.keys()):
            while True:
                with self._outboxes[topic].read() as connection:
                    found = history.published(connection, offsets.get(topic, 0), since, until, READ)
                if not found:
                    break
                offsets = {**offsets, topic: found[-1][0]}
                yield [message for _, message in found], offsets

    def close(self) -> None: ...
