"""The result of one check of `flask doctor`: its state, a sentence, and what to do if something is wrong."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

HANGS = "accepts the connection but does not answer"  # the sentence for a server that hangs, and the advice
RESTART = "see what it is doing, or restart it"


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True)
class CheckResult:
    """One line of `flask doctor`. `about`: the module checked, such as orders; empty for a check of the whole shop."""

    state: State
    name: str
    about: str
    sentence: str
    advice: str = ""  # a command, or a setting


Check = Callable[[], Iterable[CheckResult]]
"""Yields its results one after the other, so that a check that hangs does not hide the results before it."""


def ok(name: str, about: str, sentence: str) -> CheckResult:
    return CheckResult(State.OK, name, about, sentence)


def warn(name: str, about: str, sentence: str, advice: str) -> CheckResult:
    """It works, but may stop working soon, or does not work as intended."""
    return CheckResult(State.WARN, name, about, sentence, advice)


def wrong(name: str, about: str, sentence: str, advice: str) -> CheckResult:
    return CheckResult(State.WRONG, name, about, sentence, advice)
