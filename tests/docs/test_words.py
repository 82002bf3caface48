"""docs/glossary.md ends with the retired words: none is a part of a name, a key, an event, a metric or a log line."""

import ast
import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.bus.event import TYPES
from app.modules.catalog.infrastructure.search.mapping import MAPPINGS, settings
from tests.contracts.golden import contracts, schema_of
from tests.docs.pages import ROOT

PAGE = ROOT / "docs/glossary.md"
FOLDERS = ("app", "sandbox", "bench", "deploy", "examples", "tests")
OLD = ("app/runtime/platform/", "migrations/")  # what a database was called then
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
OF_THE_BUS = re.compile(r"\b(hears?|heard|hearing|says?|said|saying|tells?|told|telling)\b", re.IGNORECASE)
NOWHERE = re.compile(r"\b(rows? of work|news|stor(y|ies))\b", re.IGNORECASE)
LOGGED = {"debug", "info", "warning", "error", "exception", "critical"}


def retired() -> tuple[set[str], set[str]]:
    """Parts of names, and whole names of classes."""
    table = PAGE.read_text(encoding="utf-8").partition("## Retired words")[2]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")][1:]
    words = {word.strip() for cell in cells for word in cell.split(",")}
    return {word for word in words if word.islower()}, {word for word in words if not word.islower()}


PARTS_RETIRED, CLASSES_RETIRED = retired()
STORED_RETIRED = {"asked"}  # see the sentence below the table


def is_retired(name: str) -> bool:
    """Whether a name has a retired part, or is a retired class."""
    return name in CLASSES_RETIRED or bool({part.lower() for part in PARTS.findall(name)} & PARTS_RETIRED)


def is_retired_where_it_is_stored(name: str) -> bool:
    """Whether a name of a table, column, key or analyzer has a word that local variables may have."""
    return bool({part.lower() for part in PARTS.findall(name)} & STORED_RETIRED)


def sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Each Python file, except those that name the tables and columns of earlier releases."""
    for path in chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders):
        if not str(path.relative_to(ROOT)).startswith(OLD) and ".venv" not in path.parts:
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def names(tree: ast.Module) -> Iterator[str]:
    """Every name that is defined, except the names of tests, which are sentences."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if not name.startswith("test_"):
                    yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def logged(tree: ast.Module) -> Iterator[str]:
    """The text of each log message."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="log"), attr=level), args=[ast.Constant(value=str(text)), *_]
            ):
                if level in LOGGED:
                    yield text


def prose(path: Path, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""
    yield from re.findall(r"#.*", (ROOT / path).read_text(encoding="utf-8"))


def test_there_are_words() -> None:
    assert len(PARTS_RETIRED) > 20
    assert len(CLASSES_RETIRED) > 10
    assert is_retired("most_lines") and is_retired("LONGEST_KEY") and is_retired("Finding") and not is_retired("almost")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_identifier_has_a_retired_word(folder: str) -> None:
    found = {(str(path), name) for path, tree in sources(folder) for name in names(tree) if is_retired(name)}

    assert found == set()


@pytest.mark.parametrize("folder", ["app", "sandbox"])
def test_no_log_message_has_a_retired_word(folder: str) -> None:
    found = {(str(path), text) for path, tree in sources(folder) for text in logged(tree) if any_retired(text)}

    assert found == set()


def test_no_key_or_route_of_the_api_has_one() -> None:
    document = json.loads((ROOT / "deploy/gateway/openapi.json").read_text(encoding="utf-8"))
    keys = {key for schema in document["components"]["schemas"].values() for key in schema.get("properties", {})}
    operations = [
        each["operationId"] for path in document["paths"].values() for each in path.values() if "operationId" in each
    ]

    assert len(keys) > 100 and len(operations) > 80
    assert {
        name
        for name in (*keys, *document["components"]["schemas"], *document["paths"], *operations)
        if is_retired(name) or is_retired_where_it_is_stored(name)
    } == set()


def test_no_event_has_one() -> None:
    fields = {
        name
        for event in contracts().values()
        for schema in schema_of(event)["$defs"].values()
        for name in schema["properties"]
    }

    assert len(fields) > 40
    assert {name for name in (*contracts(), *fields) if is_retired(name)} == set()
    assert {type for type in TYPES if is_retired(type)} == set()


def test_no_table_or_column_has_one(apps: dict[str, Flask]) -> None:
    tables = [
        table
        for module in apps["wsgi"].extensions["quartet_modules"].values()
        for table in module.metadata.tables.values()
    ]
    named = {name for table in tables for name in (table.name, *table.columns.keys())}
    rules = {str(each.name) for table in tables for each in (*table.indexes, *table.constraints)}

    assert len(named) > 100 and len(rules) > 20
    assert {name for name in (*named, *rules) if is_retired(name) or is_retired_where_it_is_stored(name)} == set()


def test_no_metric_or_setting_has_one() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    variables = re.findall(r"^\| `([A-Z_]+)` ", page, re.MULTILINE)
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py")]
    metrics = {name for text in texts for name in re.findall(r'"(quartet_[a-z_]+)"', text)}

    assert len(variables) > 40 and len(metrics) > 40
    assert {name for name in (*variables, *metrics) if is_retired(name)} == set()


def test_no_alert_or_crash_point_has_one() -> None:
    alerts = re.findall(r"- alert: (\w+)", (ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    points = re.findall(r'crash_point\(f?"(\w+)', code)

    assert len(alerts) > 20 and len(points) > 8
    assert {name for name in (*alerts, *points) if is_retired(name)} == set()


def test_no_dashboard_has_one() -> None:
    shown = {
        text
        for path in (ROOT / "deploy/grafana/dashboards").glob("*.json")
        for text in re.findall(r'"(?:title|legendFormat)": "([^"]+)"', path.read_text(encoding="utf-8"))
    }

    assert len(shown) > 60
    assert {text for text in shown if any_retired(text)} == set()


def test_no_part_of_the_search_index_has_one() -> None:
    """Fields, analyzers and filters of words, of all levels."""
    named = set(keys_of({"settings": settings(), "mappings": MAPPINGS}))

    assert {"analyzer", "filter", "sort_key"} < named
    assert {name for name in named if is_retired(name) or is_retired_where_it_is_stored(name)} == set()


def test_no_file_is_called_by_one() -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in (*FOLDERS, "migrations", "docs")
        for path in (ROOT / folder).rglob("*")
        if not path.name.startswith("test_")  # which are sentences
        if not {"decisions", "__pycache__"} & {*path.parts}
    }

    assert len(files) > 500
    assert {name for name in files if is_retired(name)} == set()


def test_prose_about_the_bus_speaks_of_publishing_and_consuming() -> None:
    about = [
        *sources("app/bus"),
        *((path, tree) for path, tree in sources("app/modules") if path.name == "subscriptions.py"),
    ]

    assert {(str(path), text) for path, tree in about for text in prose(path, tree) if OF_THE_BUS.search(text)} == set()


def test_prose_has_no_news_no_story_and_no_rows_of_work() -> None:
    texts = [(str(path), text) for path, tree in sources("app", "sandbox", "deploy") for text in prose(path, tree)]
    pages = [path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")) if path != PAGE]
    texts += [(path.name, line) for path in pages for line in path.read_text(encoding="utf-8").splitlines()]

    assert {(where, text) for where, text in texts if NOWHERE.search(text)} == set()


def keys_of(value: Any) -> Iterator[str]:
    """The names within a JSON object, of all levels."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from keys_of(each)


def any_retired(text: str) -> bool:
    """Whether a sentence has a retired word as a word of its own."""
    return any(word.lower() in PARTS_RETIRED for word in re.findall(r"[A-Za-z]+", text))
