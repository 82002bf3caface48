"""Each module extracted into a project of its own: it installs its dependencies, passes its tests, and serves."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.architecture.tree import EXTRACTED, MODULES
from tests.conftest import ROOT, answers, free_port, until

pytestmark = pytest.mark.slow
ROOTS = {
    "catalog": {"products", "product-records", "categories", "stock"},
    "orders": {"orders", "cart", "shipping", "promotions", "tax", "tax-ids", "reports", "documents"},
    "payments": {"payments"},
    "users": {"users", "auth", ".well-known"},
}
ONLY = {"catalog": "elasticsearch", "payments": "stripe", "users": "argon2-cffi"}
SHARED = {"audit", "bus", "db", "demo", "docs", "doctor", "serve"}
OF_LIBRARIES = {"limiter", "openapi", "routes", "run", "shell"}
ALL = "not alone and not thorough"
QUICK = f"not slow and {ALL}"


class Project:
    """An extracted module, with its own virtual environment."""

    def __init__(self, module: str, folder: Path) -> None:
        self.module, self.folder = module, folder

    def runs(self, *command: str, seconds: float = 600) -> str:
        """Run a program of its virtual environment, without the settings of this process. Returns its output."""
        done = subprocess.run(
            [f".venv/bin/{command[0]}", *command[1:]],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Our environment, without the variables that configure the shop or Python."""
        ours = ("PYTHON", "PYTEST", "QUARTET", "FLASK", "VIRTUAL_ENV")
        return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.mark.parametrize(
    ("module", "selected"),
    [
        pytest.param(EXTRACTED, QUICK, id=EXTRACTED),
        *(pytest.param(each, ALL, id=f"{each}-all", marks=pytest.mark.thorough) for each in MODULES),
    ],
)
def test_a_module_is_a_project_of_its_own(module: str, selected: str, tmp_path: Path) -> None:
    """One test per module, because the installation at its start takes longest."""
    project = installed(module, tmp_path)

    has_nothing_of_the_other_modules(project)
    has_its_own_pages_and_the_shared_ones(project)
    needs_what_it_imports_and_no_more(project)
    passes_its_own_checks(project)
    has_its_own_commands_and_the_shared_ones_only(project)
    serves_its_own_paths_and_ends_in_order(project, tmp_path)
    passes_its_own_tests(project, selected)


def installed(module: str, tmp_path: Path) -> Project:
    """Extract a module, and install it from its own lock file."""
    folder = tmp_path / "project"
    subprocess.run([sys.executable, "deploy/extract.py", module, str(folder)], cwd=ROOT, check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=folder, check=True)
    uv = [Path(sys.executable).parent / "uv", "pip", "install", "--quiet", "--python", ".venv/bin/python"]
    subprocess.run([*uv, "--require-hashes", "-r", "requirements-dev.lock"], cwd=folder, check=True, timeout=900)
    return Project(module, folder)


def has_nothing_of_the_other_modules(project: Project) -> None:
    others = set(MODULES) - {project.module}
    named = re.compile(r"^\s*(from|import) app\.modules\.(" + "|".join(others) + r")\b", re.M)

    for place in ("app/modules", "migrations"):
        there = {path.name for path in (project.folder / place).iterdir() if path.is_dir()}
        assert there - {"__pycache__"} == {project.module}, place
    assert not [path for path in project.folder.glob("[a-z]*/**/*.py") if named.search(path.read_text())]


def has_its_own_pages_and_the_shared_ones(project: Project) -> None:
    def pages(root: Path) -> set[str]:
        found = {each.relative_to(root) for each in (root / "app").rglob("*.html")}
        others = tuple(f"app/modules/{name}/" for name in MODULES if name != project.module)
        return {str(each) for each in found if not str(each).startswith(others)}

    assert pages(project.folder) == pages(ROOT)
    assert (project.folder / "storefront/index.html").exists() == (project.module == "orders")


def needs_what_it_imports_and_no_more(project: Project) -> None:
    ranges = set(re.findall(r"^    ([\w-]+)(?:\[\w+\])?>=", (project.folder / "setup.cfg").read_text(), re.M))
    locked = set(re.findall(r"^([\w-]+)==", (project.folder / "requirements.lock").read_text(), re.M))

    everybody = {"flask", "sqlalchemy", "confluent-kafka", "psycopg2-binary", "redis"}
    own = {dependency for module, dependency in ONLY.items() if module == project.module}
    for needed in (ranges, locked):
        assert needed & (everybody | set(ONLY.values())) == everybody | own


def passes_its_own_checks(project: Project) -> None:
    project.runs("ruff", "check", ".")
    project.runs("mypy")
    project.runs("lint-imports")


def passes_its_own_tests(project: Project, selected: str) -> None:
    """Except the tests of the shared code, which are the same files as here."""
    own = [f"tests/{name}" for name in (project.module, "contracts", "migrations")]

    output = project.runs("pytest", "-m", selected, "-p", "no:cacheprovider", "-q", *own, seconds=1100)

    assert len(re.findall(r"\.", output)) > 50


def has_its_own_commands_and_the_shared_ones_only(project: Project) -> None:
    output = project.runs("flask", "--app", "wsgi", "--help")

    commands = set(re.findall(r"^  ([a-z][\w-]*)  ", output.split("Commands:")[1], re.MULTILINE))
    assert {"bus", "db", "serve"} <= commands <= {project.module} | SHARED | OF_LIBRARIES


def serves_its_own_paths_and_ends_in_order(project: Project, tmp_path: Path) -> None:
    """Started as by `make run`."""
    port, data = free_port(), tmp_path / "data"
    data.mkdir()
    own = {"PORT": str(port), "SANDBOX_PORT": str(free_port()), "QUARTET_DATA": str(data)}
    command = [".venv/bin/flask", "--app", "wsgi", "serve"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=project.folder, env=project.environment() | own, stdout=log, stderr=log)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/livez"), "it answers", seconds=240)  # nothing is compiled yet
        with urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=60) as document:
            paths = json.load(document)["paths"]
        for static in ("desk.css", "desk.js", "htmx.min.js"):
            assert answers(f"http://127.0.0.1:{port}/desk/{project.module}/static/{static}"), static
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
    finally:
        process.kill()
        process.wait()

    own_operations = f"/api/v1/ops/{project.module}/"
    assert [path for path in paths if path.startswith(own_operations)]
    others = [path for path in paths if not path.startswith(own_operations)]
    assert {path.removeprefix("/api/v1").split("/")[1] for path in others} == ROOTS[project.module]


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    command = [sys.executable, "deploy/extract.py", "orders", str(tmp_path)]

    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
