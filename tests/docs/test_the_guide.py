"""docs/adding-a-feature.md and docs/adding-a-page.md are followed literally, each in a copy of this tree."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.pages import blocks

pytestmark = pytest.mark.slow
GUIDE, PAGE = ROOT / "docs/adding-a-feature.md", ROOT / "docs/adding-a-page.md"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", "var", "__pycache__", "*.egg-info", "build", ".pytest_cache")
CHECKS = (
    ["-m", "ruff", "check", "."],
    ["-m", "ruff", "format", "--check", "."],
    ["-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "tests/docs/test_generated_pages.py"],
)
TESTS = (
    "tests/orders/test_links_of_carts.py",
    "tests/orders/test_carts.py",
    "tests/catalog/test_links_of_offers.py",
    "tests/catalog/test_offers.py",
    "tests/contracts",
    "tests/migrations/test_upgrading.py",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of this tree, which the tests may change."""
    return Path(shutil.copytree(ROOT, tmp_path / "quartet", ignore=LEFT_OUT))


def python(tree: Path, *words: str) -> str:
    """Run Python in the tree. Returns its output, and fails with it where the exit code is not 0."""
    ours = ("PYTEST", "QUARTET", "FLASK", "REQUIRE_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    own = {**clean, "TEST_SERVERS": "off", "QUARTET_DATA": str(tree / "var")}
    done = subprocess.run([sys.executable, *words], cwd=tree, env=own, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{words}\n{done.stdout[-6000:]}{done.stderr[-3000:]}"
    return done.stdout


def follow(tree: Path, line: str) -> None:
    """Run one command of the guide with this Python; `make` would install another."""
    words = shlex.split(line)
    if words == ["make", "docs"]:
        python(tree, "-m", "flask", "--app", "wsgi", "docs", "write")
    elif words == ["make", "check"]:
        for check in CHECKS:
            python(tree, *check)
    elif words[0] == ".venv/bin/python":
        python(tree, *words[1:])
    else:
        assert words[0].startswith(".venv/bin/"), line
        python(tree, "-m", words[0].removeprefix(".venv/bin/"), *words[1:])


def changes(tree: Path, guide: Path) -> None:
    """Apply the diffs of a guide; the lines are searched, as their numbers may have changed."""
    for diff in blocks(guide, "diff"):
        done = subprocess.run(["git", "apply", "-C1", "-"], cwd=tree, input=diff, capture_output=True, text=True)
        assert done.returncode == 0, f"{guide.name} changes what is no longer so: {done.stderr}\n{diff}"


def test_a_field_goes_across_the_bus_as_the_guide_says(tree: Path) -> None:
    python(tree, "-m", "flask", "--app", "wsgi", "db", "upgrade")
    before = {path.name for path in (tree / "migrations/orders").glob("*.py")}
    changes(tree, GUIDE)

    for line in next(
        each for each in blocks(GUIDE, "sh") if "db revision" in each and "make check" in each
    ).splitlines():
        follow(tree, line)

    (written,) = {path.name for path in (tree / "migrations/orders").glob("*.py")} - before
    assert re.fullmatch(r"\d{4}_the_slug_of_an_offer\.py", written)
    assert int(written[:4]) == int(max(before)[:4]) + 1
    python(tree, "-m", "flask", "--app", "wsgi", "db", "upgrade")
    python(tree, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-m", "not alone and not thorough", *TESTS)


def test_the_desk_gets_a_page_as_the_guide_says(tree: Path) -> None:
    """The tests that the guide adds open the new page as each role, and send its form."""
    changes(tree, PAGE)

    (commands,) = blocks(PAGE, "sh")
    for line in commands.splitlines():
        follow(tree, line)


def test_a_column_of_what_follows_migrations_can_be_added(tree: Path) -> None:
    """The search index reads products, so it is built only when all tables are migrated."""
    tables = tree / "app/modules/catalog/infrastructure/tables.py"
    column = '    Column("origin", String(2), nullable=False, server_default=""),\n'
    anchor = '    Column("description", Text, nullable=False),\n'
    python(tree, "-m", "flask", "--app", "wsgi", "db", "upgrade")
    python(tree, "-m", "flask", "--app", "wsgi", "demo", "load")
    assert tables.read_text().count(anchor) == 1
    tables.write_text(tables.read_text().replace(anchor, anchor + column))
    (tree / "var/search.sqlite").unlink()

    python(tree, "-m", "flask", "--app", "wsgi", "db", "revision", "catalog", "-m", "Where products come from")

    python(tree, "-m", "flask", "--app", "wsgi", "db", "upgrade")
    python(tree, "-m", "flask", "--app", "wsgi", "catalog", "verify-index")
