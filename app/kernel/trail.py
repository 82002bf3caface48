"""The trail: the operations that people did by hand, with their reasons."""

from typing import Protocol


class Trail(Protocol):
    """The part of a unit of work that records operations."""

    def record(self, who: str, what: str, subject: str, why: str) -> None:
        """Record an operation. `who`: user:<id>, or shell:<account> for a command."""
