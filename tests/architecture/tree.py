"""Copies of the source tree, to be broken or cut in two."""

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
    """The tree without what was installed or made in it; where it is."""
    tree = Path(shutil.copytree(ROOT, folder / "quartet", ignore=LEFT_OUT))
    shutil.copy(ROOT / ".env.example", tree)
    return tree


def with_only(module: str, folder: Path) -> Path:
    """A copy in which the other three modules, their tests and their migrations were never written; where it is."""
    tree = copied_to(folder)
    for other in MODULES:
        if other != module:
            for place in ("app/modules", "tests", "migrations"):
                shutil.rmtree(tree / place / other)
    return tree
