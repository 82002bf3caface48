"""The source keeps its size and its shape."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import MODULES
from tests.conftest import ROOT

LONGEST_FILE, LONGEST_USE_CASE = 250, 100  # lines
SOURCES = sorted((ROOT / "app").rglob("*.py"))
SHAPE = {"__init__.py", "commands.py", "module.py", "ports.py", "subscriptions.py", "wsgi.py"}
FOLDERS = {"controllers", "domain", "infrastructure", "use_cases"}
SOME_HAVE = {"schedules.py"}
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "abstract"}
NAMED_FOR_A_REASON = {ROOT / "app/bus/transport/base.py"}  # the protocol that all transports follow
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
EMPTY_WORDS = re.compile(r"(Base|Abstract)[A-Z]|[a-z](Impl|Manager|Helper|Util|Utils)$")

ids = [str(path.relative_to(ROOT)) for path in SOURCES]
each_source = pytest.mark.parametrize("path", SOURCES, ids=ids)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 150


@each_source
def test_a_file_can_be_read_in_one_go(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@each_source
def test_nothing_is_printed_and_nothing_is_left_for_later(path: Path) -> None:
    text = path.read_text()

    printed = [node.lineno for node in ast.walk(parsed(path)) if isinstance(node, ast.Name) and node.id == "print"]

    assert not printed, "log it, or click.echo it"
    assert not UNFINISHED.search(text)


@each_source
def test_names_say_what_is_in_it(path: Path) -> None:
    words = set(path.relative_to(ROOT).with_suffix("").parts)
    classes = [node.name for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)]

    assert path in NAMED_FOR_A_REASON or not words & SAY_NOTHING
    assert not [name for name in classes if EMPTY_WORDS.search(name)]


@each_source
def test_a_file_begins_by_saying_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path)) or path.read_text() == ""


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_the_same_files(module: str) -> None:
    folder = ROOT / "app/modules" / module

    files = {each.name for each in folder.iterdir() if each.is_file()}
    folders = {each.name for each in folder.iterdir() if each.is_dir() and each.name != "__pycache__"}

    assert files - SOME_HAVE == SHAPE
    assert folders == FOLDERS


@pytest.mark.parametrize("module", MODULES)
def test_a_package_of_a_module_imports_nothing_by_itself(module: str) -> None:
    for path in (ROOT / "app/modules" / module).rglob("__init__.py"):
        assert [type(node) for node in parsed(path).body] == [ast.Expr], path


USE_CASES = [path for path in SOURCES if path.parent.name == "use_cases" and path.name != "__init__.py"]


@pytest.mark.parametrize("path", USE_CASES, ids=[str(each.relative_to(ROOT / "app/modules")) for each in USE_CASES])
def test_a_use_case_is_one_thing_to_do_and_says_what_it_promises(path: Path) -> None:
    public = [
        node
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]

    assert 1 <= len(public) <= 3, "the use case, and at most what it gives and its twin"
    assert not [node.name for node in public if not ast.get_docstring(node)]
    assert len(path.read_text().splitlines()) <= LONGEST_USE_CASE


DRIVERS = re.compile(r"\b(is_sqlite|dialect|sqlite3|psycopg2)\b")
KNOW_THE_DATABASE = {
    "app/background.py": "an SQLite file has one process, so who held a lease in it is dead",
    "app/cli.py": "and a lock beside it",
    "app/config_kinds.py": "the address says which",
    "app/doctor/command.py": "it says what is not used",
    "app/doctor/databases.py": "each is ill in its own way",
    "app/environment_example.py": "as does the example",
    "app/telemetry/statements.py": "a span names it",
}


@each_source
def test_only_infrastructure_and_the_kernel_know_which_database_it_is(path: Path) -> None:
    name = str(path.relative_to(ROOT))

    knows = DRIVERS.search(path.read_text())

    assert not knows or name.startswith("app/kernel/") or "/infrastructure/" in name or name in KNOW_THE_DATABASE
