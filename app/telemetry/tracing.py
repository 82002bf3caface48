"""Spans, where there is a receiver for them: how long each step of a trace took, and what it was part of.

Whatever is done within a span goes on in it: it is what `traceparent` then names. Without a receiver nothing of
OpenTelemetry is imported, and a span costs a fraction of a microsecond.
"""

import os
import threading
from collections.abc import Callable, Mapping
from multiprocessing.util import Finalize
from types import TracebackType
from typing import Literal, Protocol, Self

Kind = Literal["server", "consumer", "client", "internal"]
About = Mapping[str, str | int]


class Step(Protocol):
    """One span, from when it is made."""

    def set_attribute(self, name: str, value: str | int) -> None:
        """Something more about it. Nothing personal and no secret: whoever receives spans keeps them."""

    def failed(self, why: str) -> None:
        """It did not do what it was to do; leaving it by an exception says the same."""

    def end(self) -> None:
        """Leaving it says the same."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Recorder(Protocol):
    """What makes spans in one process."""

    def step(self, name: str, kind: Kind, about: About) -> Step: ...

    def close(self) -> None:
        """Send what is left, within a moment."""


class Unrecorded:
    """The span that is none."""

    def set_attribute(self, name: str, value: str | int) -> None: ...

    def failed(self, why: str) -> None: ...

    def end(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Tracing:
    """Off until it is told how to record; each process then makes a recorder of its own, when it needs one first:
    threads do not outlive a fork."""

    def __init__(self) -> None:
        self.make: Callable[[], Recorder] | None = None
        self._made: tuple[int, Recorder] | None = None  # in which process
        self._making = threading.Lock()

    def recorder(self, make: Callable[[], Recorder]) -> Recorder:
        """That of this process."""
        if self._made is None or self._made[0] != os.getpid():
            with self._making:
                if self._made is None or self._made[0] != os.getpid():
                    self._made = os.getpid(), make()
                    Finalize(None, self.close, exitpriority=1)  # after the bus has been drained
        return self._made[1]

    def close(self) -> None:
        """As the process ends."""
        made, self._made = self._made, None
        if made and made[0] == os.getpid():
            made[1].close()


UNRECORDED = Unrecorded()
_tracing = Tracing()


def record(make: Callable[[], Recorder]) -> None:
    """From now on, with what this makes."""
    stop_recording()
    _tracing.make = make


def stop_recording() -> None:
    """Send what is left, and be off again."""
    _tracing.make = None
    _tracing.close()


def is_on() -> bool:
    """Whether spans are recorded."""
    return _tracing.make is not None


def span(name: str, kind: Kind, about: About) -> Step:
    """Begin a step of the current trace, or of a new one where there is none."""
    make = _tracing.make
    return _tracing.recorder(make).step(name, kind, about) if make else UNRECORDED
