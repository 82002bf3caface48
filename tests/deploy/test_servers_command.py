"""deploy/servers: its errors without docker, the addresses of its servers, and its calls of docker compose."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.servers import DEFAULTS

COMMAND = ROOT / "deploy/servers"
COMPOSE = ["compose", "-f", str(ROOT / "docker-compose.yml"), "--profile", "servers"]
ALL = ["catalog-db", "orders-db", "users-db", "payments-db", "redis", "kafka", "elasticsearch", "stripe-mock"]
ENGINE = """#!/bin/sh
case "$*" in "compose version" | info) exit 0 ;; esac
echo "$@" >>"$(dirname "$0")/asked"
case "$*" in
  *"config --format json") printf '{\\n  "name": "shop",\\n' ;;
  "volume ls"*) echo volume-of-it ;;
esac
"""


def runs(path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run deploy/servers with the programs in this folder first on the PATH."""
    own = {**os.environ, "PATH": f"{path}:/usr/bin:/bin"}
    return subprocess.run([COMMAND, *words], env=own, capture_output=True, text=True, check=False, timeout=30)


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """The programs of the system, without docker."""
    for name in ("bash", "sed", "dirname", "env"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    return tmp_path


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A fake docker that records its arguments."""
    (tmp_path / "docker").write_text(ENGINE)
    (tmp_path / "docker").chmod(0o755)
    return tmp_path


def without_docker(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    own = {**os.environ, "PATH": str(folder)}
    return subprocess.run(["bash", COMMAND, *words], env=own, capture_output=True, text=True, check=False, timeout=30)


@pytest.mark.parametrize("words", [("up",), ("kill", "kafka"), ("status",), ("compose-config",)], ids=" ".join)
def test_without_docker_it_names_what_to_install(nothing: Path, words: tuple[str, ...]) -> None:
    done = without_docker(nothing, *words)

    assert done.returncode == 1
    assert "docker is not installed: install it with its compose plugin" in done.stderr


def test_without_an_engine_it_reports_that(engine: Path) -> None:
    (engine / "docker").write_text('#!/bin/sh\ntest "$*" = "compose version"\n')

    done = runs(engine, "up")

    assert (done.returncode, done.stderr) == (
        1,
        "deploy/servers: the docker engine does not answer: start it, or set DOCKER_HOST\n",
    )


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["up"], ["up", "--detach", "--wait", *ALL]),
        (["up", "kafka"], ["up", "--detach", "--wait", "kafka"]),
        (["down", "redis"], ["stop", "redis"]),
        (["kill", "orders-db"], ["kill", "orders-db"]),
        (["pause", "orders-db"], ["pause", "orders-db"]),
        (["resume", "orders-db"], ["unpause", "orders-db"]),
    ],
    ids=lambda words: " ".join(words),
)
def test_each_verb_is_one_of_composes(engine: Path, words: list[str], asked: list[str]) -> None:
    assert runs(engine, *words).returncode == 0

    assert (engine / "asked").read_text() == " ".join([*COMPOSE, *asked]) + "\n"


def test_wiping_deletes_the_volume_of_that_server_alone(engine: Path) -> None:
    assert runs(engine, "wipe", "orders-db").returncode == 0

    asked = (engine / "asked").read_text()
    assert "rm --stop --force --volumes orders-db" in asked
    assert "project=shop --filter label=com.docker.compose.volume=orders-data\nvolume rm volume-of-it\n" in asked
    volumes = set(re.findall(r"^  ([a-z]+-data):$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE))
    assert {f"{name.removesuffix('-db')}-data" for name in ALL} & volumes == volumes - {
        "prometheus-data",
        "grafana-data",
    }


def test_a_file_is_read_with_its_profile(engine: Path) -> None:
    assert runs(engine, "compose-config", "-q", "-file", "x.yml", "-profile", "split").returncode == 0

    assert (engine / "asked").read_text() == "compose -f x.yml --profile split config --quiet\n"


@pytest.mark.parametrize("words", [["up", "mysql"], ["kill"], ["pause", "redis", "kafka"]], ids=" ".join)
def test_what_it_cannot_do_is_refused_and_names_the_servers(engine: Path, words: list[str]) -> None:
    done = runs(engine, *words)

    assert done.returncode == 1
    assert f"the servers are: {' '.join(ALL)}" in done.stderr
    assert not (engine / "asked").exists()


def test_its_addresses_are_those_that_tests_use(engine: Path) -> None:
    done = dict(line.split("=", 1) for line in runs(engine, "env").stdout.splitlines())

    assert done == {name.removeprefix("TEST_"): address for name, address in DEFAULTS.items()}


def test_it_prints_its_usage(engine: Path) -> None:
    done = runs(engine)

    assert done.returncode == 2
    assert set(re.findall(r"deploy/servers ([a-z-]+)", done.stdout)) >= {
        *("up", "down", "kill", "pause", "resume", "wipe", "status", "env", "compose-config")
    }
