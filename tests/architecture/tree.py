"""Copies of the source tree that tests may break or cut."""

import shutil
import subprocess
from pathlib import Path

from tests.conftest import ROOT

MODULES = ("catalog", "orders", "payments", "users")
LEFT_OUT = shutil.ignore_patterns(".*", "var", "__pycache__", "*.egg-info", "build", "docs", "bench", "examples")


def _by_the_commit() -> tuple[str, str]:
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    first = int(asked.stdout.strip() or "0", 16) % len(MODULES)
    return MODULES[first], MODULES[(first + 1) % len(MODULES)]


EXTRACTED, COPIED = _by_the_commit()  # the modules that are written out, and left alone in a copy: one each is enough


def copied_to(folder: Path) -> Path:
    """Copy the tree without installed and generated files. Returns its path."""
    tree = Path(shutil.copytree(ROOT, folder / "quartet", ignore=LEFT_OUT))
    shutil.copy(ROOT / ".env.example", tree)
    return tree


def with_only(module: str, folder: Path) -> Path:
    """Copy the tree without the other three modules, their tests and their migrations. Returns its path."""
    tree = copied_to(folder)
    for other in MODULES:
        if other != module:
            for place in ("app/modules", "tests", "migrations"):
                shutil.rmtree(tree / place / other)
    return tree
