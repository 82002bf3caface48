"""Copies of the source tree, to be broken or cut in two."""

import shutil
from pathlib import Path

from tests.conftest import ROOT

MODULES = ("catalog", "orders", "payments", "users")
LEFT_OUT = shutil.ignore_patterns(".*", "var", "__pycache__", "*.egg-info", "build", "docs", "bench", "examples")


def copied_to(folder: Path) -> Path:
    """The tree without what was installed or made in it; where it is."""
    return Path(shutil.copytree(ROOT, folder / "quartet", ignore=LEFT_OUT))
