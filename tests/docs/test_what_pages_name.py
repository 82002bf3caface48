"""What the pages name exists: files, links, commands, lines of code."""

import re
import shlex
from pathlib import Path

import pytest
from flask import Flask

from tests.docs.pages import PAGES, ROOT, blocks, name, prose

FOLDERS = "app|bench|deploy|docs|examples|migrations|sandbox|tests"
FILES = (
    "Makefile|README.md|LICENSE|alembic.ini|setup.cfg|pyproject.toml|ruff.toml|wsgi.py|.env.example|requirements.*lock"
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(rf"`((?:{FOLDERS})/[\w./-]*|{FILES})`")
MAKE = re.compile(r"(?:`|^)make ([a-z]+)", re.MULTILINE)
FLASK = re.compile(r"flask --app ([\w.]+) ([a-z][^`\n#…]*)")
every_page = pytest.mark.parametrize("page", PAGES, ids=name)


def anchors(page: Path) -> set[str]:
    """The anchors of a page: those that GitHub makes of headings, and those that are set by hand."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    return made | set(re.findall(r'<a id="(\w+)">', prose(page)))


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@every_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    for path in FILE.findall(prose(page)):
        assert (ROOT / path).exists(), path


@every_page
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert set(MAKE.findall(page.read_text(encoding="utf-8"))) <= targets


@every_page
def test_every_flask_command_that_is_named_is_understood(page: Path, apps: dict[str, Flask]) -> None:
    for app, words in FLASK.findall(page.read_text(encoding="utf-8")):
        answer = apps[app].test_cli_runner().invoke(args=[*shlex.split(words.replace("[OPTIONS]", "")), "--help"])
        assert answer.exit_code == 0, f"{app} {words}: {answer.output}"


@every_page
def test_code_that_is_shown_is_in_its_file(page: Path) -> None:
    for block in blocks(page, "python"):
        first, _, code = block.partition("\n")
        assert first.startswith("# "), f"say which file this is from: {first}"
        source = (ROOT / first.removeprefix("# ").partition(":")[0]).read_text(encoding="utf-8")
        for part in re.split(r"^ *# …\n", code, flags=re.MULTILINE):
            assert part.strip("\n") in source, f"{first} has no such lines:\n{part}"


def test_the_readme_names_what_one_needs_first() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")

    assert MAKE.findall(blocks(readme, "sh")[0]) == ["run", "test"]
    assert {"tour", "help"} <= set(MAKE.findall(text))
    assert ("wsgi", "serve --demo") in FLASK.findall(text)
    assert ".env.example" in FILE.findall(prose(readme))
    assert {name(page) for page in PAGES if page.parent.name == "docs"} <= set(LINK.findall(prose(readme)))


def test_each_part_of_ci_has_a_budget() -> None:
    parts = set(re.findall(r'^ *took "([a-z][^"]*)"', (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE))
    page = (ROOT / "docs/testing.md").read_text(encoding="utf-8")

    budgets = dict(re.findall(r"^\| ([^|]+) \| [^|]+ \| (\d+) s \|$", page, re.MULTILINE))

    assert len(parts) >= 5
    assert set(budgets) == parts | {"test", "test-all", "all"}
    assert sum(int(budgets[part]) for part in parts | {"test"}) <= int(budgets["all"])


def test_each_drill_begins_with_the_command_that_causes_it() -> None:
    page = (ROOT / "docs/drills.md").read_text(encoding="utf-8")
    drills = re.findall(r"^## .+\n\n(.*)$", page, re.MULTILINE)

    assert len(drills) >= 5
    assert set(drills) == {"```sh"}


def test_the_table_of_budgets_has_each_part_that_ci_prints() -> None:
    """`.ci/run` prints its goal, test or test-all, and at the end all parts together."""
    printed = re.findall(r'^ *took "([^"$]+)"', (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)
    rows = re.findall(
        r"^\| ([\w -]+) \|[^|]+\| \d+ s \|$", (ROOT / "docs/testing.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert sorted(rows) == sorted([*printed, "test", "test-all", "all"])
