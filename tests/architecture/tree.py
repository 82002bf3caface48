"""Copies of the source tree, to be broken or cut in two."""

import shutil
import subprocess
from pathlib import Path

from tests.conftest import ROOT

MODULES = ("catalog", "orders", "payments", "users")
LEFT_OUT = shutil.ignore_patterns(".*", "var", "__pycache__", "*.egg-info", "build", "docs", "bench", "examples")


def _by_the_commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return MODULES[int(asked.stdout.strip() or "0", 16) % len(MODULES)]


EXTRACTED = _by_the_commit()  # the module that is written out as a project of its own at this commit: one is enough


def copied_to(folder: Path) -> Path:
    """The tree without what was installed or made in it; where it is."""
    return Path(shutil.copytree(ROOT, folder / "quartet", ignore=LEFT_OUT))


def with_only(module: str, folder: Path) -> Path:
    """A copy in which the other three modules, their tests and their migrations were never written; where it is."""
    tree = copied_to(folder)
    for other in MODULES:
        if other != module:
            for place in ("app/modules", "tests", "migrations"):
                shutil.rmtree(tree / place / other)
    return tree
