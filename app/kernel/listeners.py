"""Who is called after a commit: what sends events, runs jobs, and lets clients wait for changes."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Literal, get_args

Notification = Literal["event", "job"]
"""What a commit can notify of: an event to send, or a job to run."""


class Listeners:
    """The listeners of one database in this process."""

    def __init__(self) -> None:
        self._of_kinds: list[tuple[Callable[[], None], frozenset[Notification]]] = []
        self._of_changes: list[tuple[Callable[[AbstractSet[str]], None], bool]] = []

    def on_notification(self, listener: Callable[[], None], *kinds: Notification) -> None:
        """Call `listener` after each commit with a notification of one of these kinds; by default, of any kind."""
        self._of_kinds.append((listener, frozenset(kinds or get_args(Notification))))

    def on_change(self, listener: Callable[[AbstractSet[str]], None], *, only_of_this_process: bool = False) -> None:
        """Call `listener` with the changed keys after each commit that changed something clients may wait for."""
        self._of_changes.append((listener, only_of_this_process))

    def notify(self, notifications: AbstractSet[Notification]) -> None:
        """Call the listeners for the notifications of a commit, made in this process or in another."""
        for listener, kinds in self._of_kinds:
            if notifications & kinds:
                listener()

    def notify_of_changes(self, keys: AbstractSet[str], *, of_this_process: bool) -> None:
        """Call the listeners for the keys that a commit changed, made in this process or in another."""
        for listener, only_of_this_process in self._of_changes if keys else ():
            if of_this_process or not only_of_this_process:
                listener(keys)
