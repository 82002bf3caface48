"""Runs all checks at once, each in its own thread: one that hangs delays neither the others nor the command."""

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from app.kernel.check_result import RESTART, Check, CheckResult, wrong
from app.web.logs import hide

log = logging.getLogger(__name__)
TIMEOUT = 12.0  # seconds for all checks together


@dataclass(frozen=True)
class Named:
    """A check, with the name and subject of the result that is reported where the check fails or hangs."""

    name: str
    about: str
    check: Check


class Examination(threading.Thread):
    """A thread that runs one check."""

    def __init__(self, named: Named) -> None:
        super().__init__(name=f"doctor: {named.name} {named.about}", daemon=True)
        self._named = named
        self._found: list[CheckResult] = []

    def run(self) -> None:
        """Run the check, and store each result as it comes."""
        try:
            for result in self._named.check():
                self._found.append(result)
        except Exception as error:
            log.debug("the check %s failed", self._named.name, exc_info=error)
            sentence = f"the check failed: {hide(_first_line(error))}"
            self._found.append(self._wrong(sentence, "run `LOG_LEVEL=debug flask doctor` to see where"))

    def results(self, until: float) -> list[CheckResult]:
        """The results up to the time `until` (time.monotonic), and one more if the check hangs."""
        self.join(max(0.0, until - time.monotonic()))
        hangs = [self._wrong("does not answer", RESTART)] * self.is_alive()
        return [*self._found, *hangs]

    def _wrong(self, sentence: str, advice: str) -> CheckResult:
        return wrong(self._named.name, self._named.about, sentence, advice)


def examine(checks: Iterable[Named], timeout: float = TIMEOUT) -> list[CheckResult]:
    """The results of all checks, in the order of the checks, after `timeout` seconds at the latest."""
    until = time.monotonic() + timeout
    running = [Examination(each) for each in checks]
    for each in running:
        each.start()
    return [result for each in running for result in each.results(until)]


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
