"""What the relay needs of a transport. Nothing above it knows which one it is."""

from collections.abc import Callable, Sequence
from typing import Protocol

from app.bus.event import Message

Delivered = Callable[[int], None]


class Transport(Protocol):
    """Moves messages to every module that listens to their topic, those of one key in order, at least once."""

    def send(self, messages: Sequence[tuple[int, Message]], delivered: Delivered) -> None:
        """Take messages with their outbox positions; call `delivered(position)`, from any thread, once it is safe."""

    def carries(self) -> bool:
        """Whether anyone can be reached at all; while not, the outbox keeps what is said."""
