"""Lose events: they are published, but one module never consumes them, as when a person discards them there."""

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from app.bus.transport.local import Letter
from tests.shop import Shop


class Leaky:
    """The queue of a consumer that drops the events for which `drops` returns True."""

    def __init__(self, consumer: str, consumed: set[tuple[str, str]], drops: Callable[[str, str], bool]) -> None:
        self._letters: SimpleQueue[Letter | None] = SimpleQueue()
        self._consumer, self._consumed, self._drops = consumer, consumed, drops

    def put(self, letter: Letter | None) -> None:
        name = letter.message.type.split(".")[1] if letter else ""
        self._consumed.add((self._consumer, name))
        if letter and self._drops(self._consumer, name):
            letter.arrived()
        else:
            self._letters.put(letter)

    def get_nowait(self) -> Letter | None:
        return self._letters.get_nowait()


class Losses:
    """Drops events of one name on their way to one module, from `begin` to `end`. `consumed` has each (consumer, event
    name) that was delivered or dropped."""

    def __init__(self, shop: Shop) -> None:
        self.consumed: set[tuple[str, str]] = set()
        self.lost = 0
        self._losing: tuple[str, str] | None = None
        for listener in shop.background.transport.listeners:
            leaky: Any = Leaky(listener.consumer.name, self.consumed, self._drops)
            listener.queue = leaky

    def begin(self, consumer: str, name: str) -> None:
        self._losing = consumer, name

    def end(self) -> None:
        self._losing = None

    def _drops(self, consumer: str, name: str) -> bool:
        drops = (consumer, name) == self._losing
        self.lost += drops
        return drops
