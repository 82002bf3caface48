"""Each promise of docs/security.md names the tests that prove it, and each of them exists."""

import ast
import re
from pathlib import Path

from tests.docs.pages import ROOT

PAGE = ROOT / "docs/security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def promises() -> dict[str, list[tuple[str, str]]]:
    """File and function of each test, by promise."""
    _, table, *_ = re.split(r"^## What is (?:not )?promised$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    return {promise: NAMED.findall(shown) for promise, shown in rows}


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The names of the functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_there_are_promises() -> None:
    assert len(promises()) > 20


def test_no_promise_stands_without_a_test() -> None:
    assert [promise for promise, shown in promises().items() if not shown] == []


def test_each_test_that_shows_a_promise_is_there() -> None:
    named = {each for shown in promises().values() for each in shown}

    assert [each for each in sorted(named) if each[1] not in functions(ROOT / each[0])] == []
    assert named == set(NAMED.findall(PAGE.read_text(encoding="utf-8"))), "in the table, and nowhere else"
