"""The lock files have what every Python version of setup.cfg needs, and the image uses one of these versions."""

import re
from configparser import ConfigParser

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.extract import PYTHONS, applies, closure
from tests.conftest import ROOT

LOCKS = {"requirements.lock": (), "requirements-tracing.lock": ("tracing",), "requirements-dev.lock": ("dev",)}


def promised() -> ConfigParser:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    return setup


def lines(option: str, section: str = "options.extras_require") -> list[str]:
    return [line for line in promised()[section][option].splitlines() if line and not line.startswith("#")]


def locked(lock: str, python: str) -> set[str]:
    """The packages that pip would install from a lock file on this Python version."""
    pins = re.findall(r"^([a-z0-9][^\\\n]*?)\s*\\?$", (ROOT / lock).read_text(), re.M | re.I)
    return {canonicalize_name(each.name) for each in map(Requirement, pins) if applies(each, python)}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_all_that_this_python_needs(lock: str, python: str) -> None:
    asked = lines("install_requires", "options") + [line for extra in LOCKS[lock] for line in lines(extra)]
    needed = {name for name in closure(asked, [python]) if "[" not in name}

    assert len(needed) > 30
    assert needed - locked(lock, python) == set()


def test_redis_needs_a_library_of_its_own_before_python_3_11_3() -> None:
    assert "async-timeout" in locked("requirements.lock", "3.11.2")
    assert "async-timeout" not in locked("requirements.lock", "3.11.3")


def test_the_pythons_that_are_tried_are_those_that_are_promised() -> None:
    classified = re.findall(r"Python :: (3\.\d+)", promised()["metadata"]["classifiers"])
    images = set(re.findall(r"^FROM python:(3\.\d+)\.\d+-", (ROOT / "Dockerfile").read_text(), re.M))

    assert sorted({python.rpartition(".")[0] for python in PYTHONS}) == classified
    assert promised()["options"]["python_requires"] == f">={classified[0]}"
    assert promised()["mypy"]["python_version"] == classified[0]
    assert images == {classified[-1]}
