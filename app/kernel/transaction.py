"""What a use case that works in phases is handed to open its transactions."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

C = TypeVar("C")
W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)


class Transaction(Protocol[W_co]):
    """Opens one transaction: commits when its block ends well, rolls back when it raises.

    Raises Stale when someone else wrote first; whoever opened it repeats.
    """

    def __call__(self) -> AbstractContextManager[W_co]: ...


def opening(begin: Callable[[], AbstractContextManager[C]], work: Callable[[C], W]) -> Transaction[W]:
    """Opens what `begin` opens, and hands out what `work` makes of it."""

    @contextmanager
    def transaction() -> Iterator[W]:
        with begin() as opened:
            yield work(opened)

    return transaction
