"""The wheel, installed from its file: it is complete, and its shop sells in an empty folder."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import PYTHON_THAT_ENDS_WITH_US, ROOT, answers, free_port, until
from tests.deploy.pages import DESK, opens

pytestmark = pytest.mark.slow
SOURCE = (
    "app",
    "sandbox",
    "storefront",
    "migrations",
    "setup.cfg",
    "setup.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
IN_THE_WAY = ("app.py", "flask.py", "wsgi.py", "sandbox.py")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the source with the packages installed here."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("made")
    for name in SOURCE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(made), str(source))
    (built,) = made.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment that has the wheel; its dependencies are those installed here."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    pip(sys.executable, "--python", str(home / "bin/python"), "install", "--no-deps", "--no-index", str(wheel))
    (packages / "dependencies.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")))
    return home / "bin"


def pip(python: str, *words: str) -> None:
    """Run pip quietly, without its check for updates."""
    subprocess.run([python, "-m", "pip", "--disable-pip-version-check", "--quiet", *words], check=True, timeout=900)


def clean(folder: Path, **variables: str) -> dict[str, str]:
    """Environment variables without any that refer to this tree."""
    ours = ("PYTHON", "PYTEST", "QUARTET", "FLASK", "VIRTUAL_ENV")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**inherited, "QUARTET_DATA": str(folder / "data"), **variables}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty working directory."""
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


@pytest.fixture
def shop(installed: Path, folder: Path) -> Iterator[int]:
    """`quartet serve --demo` in that folder; its port. Files there named like imported modules must not be imported."""
    for name in IN_THE_WAY:
        (folder / name).write_text("raise SystemExit('this is none of the shop')\n")
    port, log = free_port(), folder.parent / "shop.log"
    own = clean(folder, PORT=str(port), SANDBOX_PORT=str(free_port()), LOG_LEVEL="warning")
    command = [installed / "python", *PYTHON_THAT_ENDS_WITH_US[1:], installed / "quartet", "serve", "--demo"]
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=folder, env=own, stdout=written, stderr=written)

    def is_ready() -> bool:
        assert process.poll() is None, log.read_text()[-3000:]
        return answers(f"http://127.0.0.1:{port}/readyz")

    try:
        until(is_ready, "the shop is ready", seconds=90)
        yield port
        process.terminate()
        assert process.wait(timeout=60) == 0, log.read_text()[-3000:]
    finally:
        process.kill()
        process.wait()


def test_it_lays_nothing_beside_app_and_sandbox(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"app", "sandbox"}


def test_it_has_every_file_of_the_source(wheel: Path) -> None:
    inside = set(ZipFile(wheel).namelist())
    trees = {name: ROOT / name.removeprefix("app/") for name in ("app", "sandbox", "app/migrations", "app/storefront")}

    source = {
        f"{name}/{path.relative_to(tree)}"
        for name, tree in trees.items()
        for path in tree.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert {name for name in inside if ".dist-info/" not in name} == source


def test_it_sells_in_a_folder_that_has_nothing_of_the_project(shop: int, folder: Path) -> None:
    tour = [sys.executable, str(ROOT / "examples/tour.py"), "--port", str(shop)]

    bought = subprocess.run(tour, cwd=folder, capture_output=True, text=True, check=True, timeout=600).stdout

    assert "the order is paid" in bought
    assert answers(f"http://127.0.0.1:{shop}/docs")
    for page in ("/", DESK):
        opens(f"http://127.0.0.1:{shop}", page)
    assert (folder / "data/orders.sqlite").exists()


def test_its_program_has_the_commands_of_a_module_alone(installed: Path, folder: Path) -> None:
    def commands(*words: str) -> set[str]:
        asked = [installed / "quartet", *words, "--help"]
        output = subprocess.run(asked, cwd=folder, env=clean(folder), capture_output=True, text=True, check=True).stdout
        return set(re.findall(r"^  ([a-z][\w-]*)  ", output.split("Commands:")[1], re.MULTILINE))

    assert commands() >= {"serve", "db", "bus", "catalog", "orders", "users"}
    alone = commands("--app", "app.modules.orders.wsgi")
    assert alone >= {"serve", "db", "bus", "orders"}
    assert alone.isdisjoint({"catalog", "payments", "users"})


def test_its_program_writes_no_migrations_into_what_is_installed(installed: Path, folder: Path) -> None:
    asked = [installed / "quartet", "db", "revision", "orders", "-m", "a column"]

    refused = subprocess.run(asked, cwd=folder, env=clean(folder), capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert "run this command in a clone of the repository" in refused.stderr
