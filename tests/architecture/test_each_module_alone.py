"""A module requires no other module: it starts alone, and passes its quick tests where the other three are deleted."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import COPIED, MODULES, with_only
from tests.conftest import ROOT

BOOT = "import sys, app.modules.{module}.wsgi; print(*sys.modules)"
QUICK = "not slow and not alone and not thorough"


def python(tree: Path, *arguments: str, seconds: float = 100, **variables: str) -> str:
    """The output of Python in a folder, without the settings of this process."""
    ours = ("PYTHON", "PYTEST", "QUARTET", "FLASK", "TEST_", "REQUIRE_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=clean | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_it_boots_without_another(module: str, tmp_path: Path) -> None:
    loaded = python(ROOT, "-c", BOOT.format(module=module), QUARTET_DATA=str(tmp_path)).split()

    assert {name.split(".")[2] for name in loaded if name.startswith("app.modules.")} == {module}


@pytest.mark.slow
@pytest.mark.parametrize(
    "module", [each if each == COPIED else pytest.param(each, marks=pytest.mark.thorough) for each in MODULES]
)
def test_it_passes_its_quick_tests_where_the_others_are_deleted(module: str, tmp_path: Path) -> None:
    """A module also passes its tests where it is extracted: see tests/deploy/test_extraction.py."""
    tree = with_only(module, tmp_path)

    options = ("-m", QUICK, "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "data"))
    published = python(tree, "-m", "pytest", *options, f"tests/{module}", TEST_SERVERS="off", seconds=600)

    found = re.search(r"(\d+) passed", published)
    assert found and int(found[1]) > 50, published
