"""What a use case that works in phases is handed to open its transactions."""

from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

W_co = TypeVar("W_co", covariant=True)


class Transaction(Protocol[W_co]):
    """Opens one transaction: commits when its block ends well, rolls back when it raises.

    Raises Stale when someone else wrote first; whoever opened it repeats.
    """

    def __call__(self) -> AbstractContextManager[W_co]: ...
