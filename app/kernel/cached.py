"""The last answer to a question that costs much, for as long as it may be old."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Cached(Generic[Answer]):
    """One answer, of this process, which must not be changed."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._latest: tuple[object, float, Answer] | None = None

    def get(self, question: object, read: Callable[[], Answer]) -> Answer:
        """The last answer if it was to the same question and is not too old; else a new one."""
        latest, now = self._latest, time.monotonic()
        if latest and latest[0] == question and now - latest[1] < self._seconds:
            return latest[2]
        answer = read()
        self._latest = question, now, answer
        return answer
