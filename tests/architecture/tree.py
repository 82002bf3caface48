"""Copies of the source tree, to be broken or cut in two."""

import shutil
from pathlib import Path

from tests.conftest import ROOT

MODULES = ("catalog", "orders", "payments", "users")
LEFT_OUT = shutil.ignore_patterns(".*", "var", "__pycache__", "*.egg-info", "build", "docs", "bench", "examples")


def copied_to(folder: Path) -> Path:
    """The tree without what was installed or made in it; where it is."""
    return Path(shutil.copytree(ROOT, folder / "quartet", ignore=LEFT_OUT))


def with_only(module: str, folder: Path) -> Path:
    """A copy in which the other three modules, and their tests, were never written."""
    tree = copied_to(folder)
    for other in MODULES:
        if other != module:
            for place in ("app/modules", "tests", "migrations"):
                shutil.rmtree(tree / place / other)
    return tree
