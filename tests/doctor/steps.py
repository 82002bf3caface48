"""Runs `flask doctor`, and reads its output."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Flask

DOES_NOT_LISTEN = "start it, or set {} to where it is"
RESTART = "see what it is doing, or restart it"


@dataclass(frozen=True)
class Diagnosis:
    """The results of the doctor, and its exit code."""

    exit_code: int
    results: list[dict[str, str]]

    def of(self, name: str, about: str = "") -> list[tuple[str, str, str]]:
        """State, sentence and advice of every result of this name and subject, in order."""
        mine = [each for each in self.results if (each["name"], each["about"]) == (name, about)]
        return [(each["state"], each["sentence"], each["advice"]) for each in mine]

    @property
    def not_well(self) -> list[dict[str, str]]:
        """The results that are not ok."""
        return [each for each in self.results if each["state"] != "ok"]


def examined(app: Flask) -> Diagnosis:
    """Run the doctor with --json."""
    result = app.test_cli_runner().invoke(args=["doctor", "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return diagnosis(result.exit_code, result.stdout)


def diagnosis(exit_code: int, printed: str) -> Diagnosis:
    """Parse the JSON output."""
    output: Any = json.loads(printed)
    assert output["status"] in {"ok", "warn", "wrong"}
    assert (exit_code == 1) == (output["status"] == "wrong")
    for each in output["results"]:
        assert each["sentence"] and bool(each["advice"]) == (each["state"] != "ok"), each
    return Diagnosis(exit_code, output["results"])


def read_by_people(app: Flask) -> tuple[int, str]:
    """Run the doctor without --json. Returns its exit code and its output."""
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output
