"""How a use case of several phases opens its transactions."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

C = TypeVar("C")
W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)


class Transaction(Protocol[W_co]):
    """Opens one transaction. It commits when its block succeeds, and rolls back when the block raises.

    Raises Stale when another transaction wrote first; the caller then repeats it.
    """

    def __call__(self) -> AbstractContextManager[W_co]: ...


def opening(begin: Callable[[], AbstractContextManager[C]], unit_of_work: Callable[[C], W]) -> Transaction[W]:
    """A Transaction that opens a connection with `begin`, and yields what `unit_of_work` makes of it."""

    @contextmanager
    def transaction() -> Iterator[W]:
        with begin() as opened:
            yield unit_of_work(opened)

    return transaction
