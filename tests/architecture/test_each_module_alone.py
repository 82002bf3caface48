"""A module is whole by itself: it boots, answers and passes its own tests with the other three deleted."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import MODULES, with_only

pytestmark = pytest.mark.slow
ROOTS = {
    "catalog": {"products", "categories", "stock"},
    "orders": {"orders", "cart"},
    "payments": {"payments"},
    "users": {"users", "auth", ".well-known"},
}
SHARED = {"bus", "db", "demo", "docs", "serve"}
OF_LIBRARIES = {"limiter", "openapi", "routes", "run", "shell"}
ANSWER = """
import json
from app.modules.{module}.wsgi import app
print(json.dumps(sorted(app.test_client().get("/openapi.json").json["paths"])))
"""


@pytest.fixture(scope="module", params=MODULES)
def alone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A module's name, and the tree that has no other."""
    yield request.param, with_only(request.param, tmp_path_factory.mktemp(request.param))


def run(tree: Path, *arguments: str, seconds: float = 60) -> "subprocess.CompletedProcess[str]":
    """Python there, with no setting of this process."""
    ours = ("PYTHON", "PYTEST", "QUARTET", "FLASK")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=tree, env=clean, capture_output=True, text=True, check=False, timeout=seconds)


def test_it_boots_and_answers_with_its_own_paths_only(alone: tuple[str, Path]) -> None:
    module, tree = alone

    result = run(tree, "-c", ANSWER.format(module=module))

    assert result.returncode == 0, result.stderr
    paths = re.findall(r'"(/[^"]*)"', result.stdout)
    assert {path.removeprefix("/api/v1").split("/")[1] for path in paths} == ROOTS[module]


def test_it_runs_from_its_own_folder_of_the_copy(alone: tuple[str, Path]) -> None:
    module, tree = alone

    result = run(tree, "-c", f"import app.modules.{module}.module as it; print(it.__file__)")

    assert Path(result.stdout.strip()).is_relative_to(tree), result.stderr


def test_it_has_its_own_commands_and_the_shared_ones_only(alone: tuple[str, Path]) -> None:
    module, tree = alone

    result = run(tree, "-m", "flask", "--app", f"app.modules.{module}.wsgi", "--help")

    assert result.returncode == 0, result.stderr
    commands = set(re.findall(r"^  ([a-z][\w-]*)  ", result.stdout.split("Commands:")[1], re.MULTILINE))
    assert {"bus", "db", "serve"} <= commands
    assert commands <= {module} | SHARED | OF_LIBRARIES


@pytest.mark.timeout(320)
def test_it_passes_its_own_tests(alone: tuple[str, Path]) -> None:
    module, tree = alone

    options = ("-p", "no:cacheprovider", "--basetemp", str(tree.parent / "tmp"))
    result = run(tree, "-m", "pytest", *options, f"tests/{module}", seconds=300)

    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
    assert re.search(r"\d+ passed", result.stdout)
