"""The place of a request among those that run at a time (THREADS), and how a request leaves it while it only waits."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar

Leave = Callable[[], AbstractContextManager[None]]

of_request: ContextVar[Leave] = ContextVar("place of the request", default=nullcontext)
"""Set by a server that has more threads than places, in the thread of each request."""


def leave_place() -> AbstractContextManager[None]:
    """Free the place of this request inside the block, which waits for a change or for the answer of a third party.

    The wait must be bounded in time, and the number of such waits too: each keeps a thread. Hold no connection of a
    database in it. Outside a request, and under another server, the block does nothing.
    """
    return of_request.get()()
