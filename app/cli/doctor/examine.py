"""Makes all checks at once, each in a thread of its own: one that hangs keeps no other waiting, nor the whole."""

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from app.kernel.check_result import Check, CheckResult, wrong
from app.web.logs import hide

log = logging.getLogger(__name__)
TIMEOUT = 12.0  # seconds for all checks together


@dataclass(frozen=True)
class Named:
    """A check, and what a line of it is called where it cannot speak for itself."""

    name: str
    about: str
    check: Check


class Examination(threading.Thread):
    """One check under way."""

    def __init__(self, named: Named) -> None:
        super().__init__(name=f"doctor: {named.name} {named.about}", daemon=True)
        self._named = named
        self._found: list[CheckResult] = []

    def run(self) -> None:
        """Keep what it finds as it comes."""
        try:
            for result in self._named.check():
                self._found.append(result)
        except Exception as error:
            log.debug("the check %s failed", self._named.name, exc_info=error)
            self._found.append(
                self._wrong(
                    f"cannot be looked at: {hide(_first_line(error))}", "see where: LOG_LEVEL=debug flask doctor"
                )
            )

    def results(self, until: float) -> list[CheckResult]:
        """What it has found by then (time.monotonic)."""
        self.join(max(0.0, until - time.monotonic()))
        hangs = [self._wrong("does not answer: it hangs", "see what it is doing, or restart it")] * self.is_alive()
        return [*self._found, *hangs]

    def _wrong(self, sentence: str, advice: str) -> CheckResult:
        return wrong(self._named.name, self._named.about, sentence, advice)


def examine(checks: Iterable[Named], timeout: float = TIMEOUT) -> list[CheckResult]:
    """What all of them find, in the order of the checks."""
    until = time.monotonic() + timeout
    under_way = [Examination(each) for each in checks]
    for each in under_way:
        each.start()
    return [result for each in under_way for result in each.results(until)]


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
