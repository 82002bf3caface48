"""The pages of the repository."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [text for kind, text in FENCED.findall(page.read_text(encoding="utf-8")) if kind == language]


def prose(page: Path) -> str:
    """The text outside of fenced blocks."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))
