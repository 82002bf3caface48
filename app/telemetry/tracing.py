"""The interface of tracing: a span records how long a step of a trace took, and of which span it is a part.

Within a span, `traceparent` names this span, so that spans and events made there become parts of it. Without a
receiver, nothing of OpenTelemetry is imported, and a span costs a fraction of a microsecond.
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
    """One span, which begins when it is made."""

    def set_attribute(self, name: str, value: str | int) -> None:
        """Set an attribute. It must have no personal data and no secret, as the receiver stores spans."""

    def failed(self, why: str) -> None:
        """Mark the span as failed. Leaving its block by an exception does the same."""

    def end(self) -> None:
        """End the span. Leaving its block does the same."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Recorder(Protocol):
    """Makes the spans of one process."""

    def step(self, name: str, kind: Kind, about: About) -> Step:
        """Begin a span in the current trace, or in a new one if there is none. `about`: its attributes."""

    def close(self) -> None:
        """Send the remaining spans; returns within seconds."""


class Unrecorded:
    """A span that does nothing, for a process that does not record."""

    def set_attribute(self, name: str, value: str | int) -> None: ...

    def failed(self, why: str) -> None: ...

    def end(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Tracing:
    """Off until `make` is set. Each process then makes its own recorder at its first span, as threads do not survive a
    fork.
    """

    def __init__(self) -> None:
        self.make: Callable[[], Recorder] | None = None
        self._made: tuple[int, Recorder] | None = None  # with the id of the process that made it
        self._making = threading.Lock()

    def recorder(self, make: Callable[[], Recorder]) -> Recorder:
        """The recorder of this process."""
        if self._made is None or self._made[0] != os.getpid():
            with self._making:
                if self._made is None or self._made[0] != os.getpid():
                    self._made = os.getpid(), make()
                    Finalize(None, self.close, exitpriority=1)  # after the bus has been drained
        return self._made[1]

    def close(self) -> None:
        """Close the recorder of this process; called when the process ends."""
        made, self._made = self._made, None
        if made and made[0] == os.getpid():
            made[1].close()


UNRECORDED = Unrecorded()
_tracing = Tracing()


def record(make: Callable[[], Recorder]) -> None:
    """Record spans from now on, with the recorder that `make` returns."""
    stop_recording()
    _tracing.make = make


def stop_recording() -> None:
    """Send the remaining spans, and stop recording."""
    _tracing.make = None
    _tracing.close()


def is_on() -> bool:
    """Whether spans are recorded."""
    return _tracing.make is not None


def span(name: str, kind: Kind, about: About) -> Step:
    """Begin a span in the current trace, or in a new one if there is none. `about`: its attributes."""
    make = _tracing.make
    return _tracing.recorder(make).step(name, kind, about) if make else UNRECORDED
