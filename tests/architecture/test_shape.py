"""The source keeps its size and its shape."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.tree import MODULES
from tests.conftest import ROOT

MAX_FILE_LINES, MAX_USE_CASE_LINES = 250, 100  # lines
MAX_FILES = 10  # of a layer, beside its folders
SOURCES = sorted((ROOT / "app").rglob("*.py"))
SHAPE = {"__init__.py", "commands.py", "module.py", "settings.py", "subscriptions.py", "wsgi.py"}
FOLDERS = {"controllers", "domain", "infrastructure", "use_cases"}
PORTS = [{"ports.py"}, {"ports"}]  # a folder where they are too many for a file
SOME_HAVE = {"schedules.py", "desk"}
PUBLISH_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "abstract"}
NAMED_FOR_A_REASON = {Path("app/bus/transport/base.py")}  # the protocol that all transports follow
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
EMPTY_WORDS = re.compile(r"(Base|Abstract)[A-Z]|[a-z](Impl|Manager|Helper|Util|Utils)$")

TEXTS = {path.relative_to(ROOT): path.read_text() for path in SOURCES}
PARSED = {path: ast.parse(text) for path, text in TEXTS.items()}


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 150


def test_a_file_can_be_read_in_one_go() -> None:
    assert not [path for path, text in TEXTS.items() if len(text.splitlines()) > MAX_FILE_LINES]


def test_nothing_is_printed() -> None:
    named = {path: {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} for path, tree in PARSED.items()}

    assert not [path for path, names in named.items() if "print" in names], "log it, or click.echo it"


def test_nothing_is_left_for_later() -> None:
    assert not [path for path, text in TEXTS.items() if UNFINISHED.search(text)]


def test_files_are_named_for_what_is_in_them() -> None:
    nameless = {path for path in TEXTS if set(path.with_suffix("").parts) & PUBLISH_NOTHING}

    assert nameless == NAMED_FOR_A_REASON


def test_classes_are_named_for_what_they_are() -> None:
    classes = [node.name for tree in PARSED.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]

    assert not [name for name in classes if EMPTY_WORDS.search(name)]


def test_a_file_begins_by_saying_what_it_is_for() -> None:
    assert not [path for path, tree in PARSED.items() if TEXTS[path] and not ast.get_docstring(tree)]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_the_same_files(module: str) -> None:
    folder = ROOT / "app/modules" / module

    there = {each.name for each in folder.iterdir() if each.name != "__pycache__"}

    assert there - SOME_HAVE in [SHAPE | FOLDERS | ports for ports in PORTS]


@pytest.mark.parametrize("module", MODULES)
def test_a_package_of_a_module_imports_nothing_by_itself(module: str) -> None:
    for path in (ROOT / "app/modules" / module).rglob("__init__.py"):
        assert [type(node) for node in PARSED[path.relative_to(ROOT)].body] == [ast.Expr], path


@pytest.mark.parametrize("module", MODULES)
def test_a_layer_with_more_than_ten_files_has_folders_by_subject(module: str) -> None:
    files = Counter(path.parent for path in TEXTS if path.name != "__init__.py")
    layers = {folder: count for folder, count in files.items() if folder.parent == Path("app/modules") / module}

    assert layers
    assert not {str(folder): count for folder, count in layers.items() if count > MAX_FILES}


USE_CASES = [path for path in TEXTS if "use_cases" in path.parts and path.name != "__init__.py"]


def test_a_use_case_is_one_thing_to_do() -> None:
    assert len(USE_CASES) > 50
    for path in USE_CASES:
        public = [
            node
            for node in PARSED[path].body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        ]

        assert 1 <= len(public) <= 3, f"{path}: the use case, and at most what it gives and its twin"
        assert len(TEXTS[path].splitlines()) <= MAX_USE_CASE_LINES, path


DRIVERS = re.compile(r"\b(is_sqlite|dialect|sqlite3|psycopg2)\b")
KNOW_THE_DATABASE = {
    "app/runtime/background.py": "an SQLite file has one process, so who held a lease in it is dead",
    "app/cli/banner.py": "it prints the servers that the shop uses",
    "app/cli/commands.py": "and a lock beside it",
    "app/config/addresses.py": "the URL names it",
    "app/cli/doctor/command.py": "it reports what is not used",
    "app/cli/doctor/databases.py": "each has its own faults",
    "app/cli/docs/environment_example.py": "as does the example",
    "app/runtime/platform/v2.py": "only PostgreSQL vacuums",
    "app/runtime/platform/v6.py": "only PostgreSQL renames an index",
    "app/telemetry/statements.py": "a span names it",
}


@pytest.mark.slow
def test_only_infrastructure_and_the_kernel_know_which_database_it_is() -> None:
    know = {str(path) for path, text in TEXTS.items() if DRIVERS.search(text)}
    may = {name for name in know if name.startswith("app/kernel/") or "/infrastructure/" in name}

    assert know - may == set(KNOW_THE_DATABASE)
