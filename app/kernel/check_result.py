"""What came of looking at one thing: whether it is well, in a sentence, and what to do where it is not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True)
class CheckResult:
    """One line of `flask doctor`. `about`: whose it is, such as orders; empty where there is one for all."""

    state: State
    name: str
    about: str
    sentence: str
    advice: str = ""  # a command, or a setting


Check = Callable[[], Iterable[CheckResult]]
"""Looks, and yields what it finds, one after the other: what hangs in the middle does not hide what came before."""


def ok(name: str, about: str, sentence: str) -> CheckResult:
    return CheckResult(State.OK, name, about, sentence)


def warn(name: str, about: str, sentence: str, advice: str) -> CheckResult:
    """It works, and will not for long, or not as meant."""
    return CheckResult(State.WARN, name, about, sentence, advice)


def wrong(name: str, about: str, sentence: str, advice: str) -> CheckResult:
    """It does not work."""
    return CheckResult(State.WRONG, name, about, sentence, advice)
