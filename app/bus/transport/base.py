"""What the bus requires of a transport. Code above this package does not depend on which one is used."""

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.bus.consumer import Consumer
from app.bus.event import Message

Delivered = Callable[[int, str | None], None]
"""Called with an outbox position, and None when the message was delivered, or the reason why it cannot be sent.

After a refusal it is called with a reason for every later message of the same key, too.
"""

Offsets = Mapping[str, int]
"""How far a reader has read, in the transport's own terms; empty at the beginning."""

History = Generator[tuple[Sequence[Message], Offsets], None, None]
"""Yields some messages at a time, sometimes none, each time with the offsets from which to continue after them."""


class Unreachable(Exception):
    """The transport does not answer, or past events cannot be read in this process."""


class Listener(Protocol):
    """Receives the messages of other modules for the consumer of one module."""

    consumer: Consumer

    def run_once(self, timeout: float = 0) -> bool:
        """Wait up to `timeout` seconds for messages, and handle them.

        False if none came, or if the process is stopping.
        """

    def wake(self) -> None:
        """End a wait for the next message, because the process is stopping."""

    def close(self) -> None:
        """Release resources; called after the last round."""


class Transport(Protocol):
    """Delivers each message at least once to every module that subscribes to its topic, those of one key in order."""

    @property
    def gather(self) -> float:
        """The seconds in which a busy relay lets more rows gather; 0 if single messages cost no more than many."""

    @property
    def listeners(self) -> Sequence[Listener]:
        """One listener for each module in this process."""

    def send(self, messages: Sequence[tuple[int, Message]], delivered: Delivered) -> None:
        """Send messages, with their outbox positions; call `delivered` for each once its outcome is known, from any
        thread.
        """

    def can_deliver(self) -> bool:
        """Whether this transport can deliver messages at all; while it cannot, events stay in the outbox."""

    def lag(self, seconds: float = 10.0) -> Mapping[tuple[str, str], int]:
        """The number of messages not yet handled, by group and topic. Raises Unreachable after at most `seconds`."""

    def history(self, listener: str, since: datetime, until: datetime, offsets: Offsets) -> History:
        """Yield the past messages of a listener that were published between two times, those of one key in order.

        Messages that the listener has not reached yet are left out: it will handle them anyway. The offsets of the
        listener do not change. Raises Unreachable.
        """

    def trouble(self) -> str | None:
        """A sentence while messages cannot be delivered, otherwise None. Returns within a second or two."""

    def close(self) -> None:
        """Wait a short time for messages in flight, and release resources."""
