"""The steps of the image, executed here: they install and start the shop, which is healthy and ends on SIGTERM."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, free_port, until
from tests.deploy.pages import DESK, opens

pytestmark = pytest.mark.slow
INSTRUCTION = re.compile(r"^([A-Z]+) (.+)$", re.M)


def instructions(stage: int) -> list[tuple[str, str]]:
    """The instructions of one stage of the Dockerfile."""
    stages = re.split(r"^FROM .*$", (ROOT / "Dockerfile").read_text(), flags=re.M)[1:]
    return INSTRUCTION.findall(stages[stage])


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the root of the image, filled by the steps of the Dockerfile."""
    root = tmp_path_factory.mktemp("machine")
    for stage in (0, 1):
        place = root
        for word, rest in instructions(stage):
            if word == "WORKDIR":
                place = root / rest.strip("/")
                place.mkdir(parents=True, exist_ok=True)
            elif word == "COPY" and not rest.startswith("--from"):
                *sources, to = rest.split()
                for source in sources:
                    copy(ROOT / source, place / to / source if to == "./" else place / to)
            elif word == "RUN" and not rest.startswith("useradd"):
                run = rest.replace("/opt/", f"{root}/opt/").replace("python -m venv", f"{sys.executable} -m venv")
                subprocess.run(run, shell=True, cwd=place, check=True, timeout=240)
    return root


def copy(source: Path, to: Path) -> None:
    """Copy like COPY, without the files that .dockerignore excludes."""
    to.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, to)


@pytest.fixture
def environment(machine: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of the image, with a free port and a data folder."""
    given = dict(part.split("=", 1) for word, rest in instructions(1) if word == "ENV" for part in shlex.split(rest))
    port = free_port()
    own = {"PORT": str(port), "HOST": "127.0.0.1", "SANDBOX_PORT": str(free_port()), "QUARTET_DATA": str(tmp_path)}
    path = given.pop("PATH").replace("/opt/", f"{machine}/opt/").replace("$PATH", os.environ["PATH"])
    return {**given, **own, "PATH": path}


@pytest.fixture
def shop(machine: Path, environment: dict[str, str], tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    (command,) = (rest for word, rest in instructions(1) if word == "CMD")
    with (tmp_path / "log").open("wb") as log:
        place = machine / "srv/quartet"
        process = subprocess.Popen(
            ["sh", "-c", "exec flask --app $APP serve"], cwd=place, env=environment, stdout=log, stderr=log
        )
    assert command == '["sh", "-c", "exec flask --app $APP serve"]'
    yield process
    process.kill()
    process.wait()


def healthy(machine: Path, environment: dict[str, str]) -> bool:
    check = next(rest for word, rest in instructions(1) if word == "HEALTHCHECK").partition("CMD ")[2]
    command = [part.strip('" ') for part in check.strip("[]").split(",")]
    done = subprocess.run(command, cwd=machine / "srv/quartet", env=environment, capture_output=True, timeout=30)
    return done.returncode == 0


@pytest.mark.thorough
def test_it_starts_is_healthy_and_ends_on_sigterm(
    machine: Path, environment: dict[str, str], shop: "subprocess.Popen[bytes]"
) -> None:
    assert not healthy(machine, environment)

    until(lambda: healthy(machine, environment), "it is healthy", seconds=60)
    for page in ("/", DESK):
        opens(f"http://127.0.0.1:{environment['PORT']}", page)
    shop.send_signal(signal.SIGTERM)

    assert shop.wait(timeout=30) == 0


@pytest.mark.thorough
def test_nothing_in_it_needs_the_tools_of_development(machine: Path) -> None:
    installed = {each.name.partition("-")[0] for each in (machine / "opt/quartet/lib").rglob("*.dist-info")}

    assert "flask" in {name.lower() for name in installed}
    assert installed.isdisjoint({"pytest", "mypy", "ruff", "coverage"})


def test_what_its_steps_copy_is_all_that_they_are_let_see() -> None:
    let_in = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.M)

    steps = [rest.split() for stage in (0, 1) for word, rest in instructions(stage) if word == "COPY"]
    copied = [source for step in steps if not step[0].startswith("--from") for source in step[:-1]]
    assert sorted(copied) == sorted(let_in)


def test_it_does_not_run_as_root() -> None:
    assert ("USER", "10001") in instructions(1)
