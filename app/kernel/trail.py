"""The trail of what people who run the shop did by hand."""

from typing import Protocol


class Trail(Protocol):
    """The part of a transaction that writes it down."""

    def record(self, who: str, what: str, subject: str, why: str) -> None:
        """`who`: user:<id>, or shell:<account> for a command."""
