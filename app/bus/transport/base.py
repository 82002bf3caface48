"""What the bus needs of a transport. Nothing above it knows which one it is."""

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.bus.consumer import Consumer
from app.bus.event import Message

Delivered = Callable[[int, str | None], None]
"""Called with a position, and None; or with why it cannot be sent, and then for every later one of its key, too."""

Offsets = Mapping[str, int]
"""How far somebody has read, in the transport's own terms; at the beginning, nothing."""

History = Generator[tuple[Sequence[Message], Offsets], None, None]
"""Some messages at a time, now and then none, each time with the place to go on from after them."""


class Unreachable(Exception):
    """What carries the messages does not answer."""


class Listener(Protocol):
    """Brings one module's consumer what others said."""

    consumer: Consumer

    def run_once(self, timeout: float = 0) -> bool:
        """Handle what comes within so many seconds; False if nothing came, or if we are to stop."""

    def wake(self) -> None:
        """End a wait for the next message, because we are to stop."""

    def close(self) -> None:
        """Give back what it holds; after its last round."""


class Transport(Protocol):
    """Moves messages to every module that listens to their topic, those of one key in order, at least once."""

    @property
    def listeners(self) -> Sequence[Listener]:
        """One for each module in this process."""

    def send(self, messages: Sequence[tuple[int, Message]], delivered: Delivered) -> None:
        """Take messages with their outbox positions; call `delivered` for each, from any thread, once it is known."""

    def carries(self) -> bool:
        """Whether anyone can be reached at all; while not, the outbox keeps what is said."""

    def lag(self, seconds: float = 10.0) -> Mapping[tuple[str, str], int]:
        """By group and topic: how many messages came that the group has not handled. Raises Unreachable, in time."""

    def history(self, listener: str, since: datetime, until: datetime, offsets: Offsets) -> History:
        """What a listener has been through of what was said between two moments, those of one key in order.

        What the listener has still before it is left out: it will come to it. Nobody's reading is disturbed. Raises
        Unreachable.
        """

    def trouble(self) -> str | None:
        """A sentence while what carries the messages does not answer; asked within a second or two."""

    def close(self) -> None:
        """Give a moment to what is under way, and give back what it holds."""
