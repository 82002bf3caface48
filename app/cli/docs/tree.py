"""The tree of app/ in docs/architecture.md: two levels, each file with the first sentence of its docstring."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PLACE = re.compile(r"(?<=<!-- the tree of app/ -->\n).*?(?=<!-- end of the tree -->)", re.DOTALL)


def planted(page: str, root: Path) -> str:
    """The page with the current tree."""
    lines = "\n".join(_rows(root / "app"))
    return PLACE.sub(lambda _: f"\n| where | what |\n| --- | --- |\n{lines}\n\n", page)


def _rows(folder: Path, prefix: str = "app/", deeper: bool = True) -> Iterator[str]:
    for path in sorted(folder.iterdir(), key=lambda each: (each.is_file(), each.name)):
        if path.name in {"__pycache__", "__init__.py", "py.typed"}:
            continue
        yield f"| `{prefix}{path.name}{'/' if path.is_dir() else ''}` | {_about(path)} |"
        if deeper and path.is_dir():
            yield from _rows(path, f"{prefix}{path.name}/", deeper=False)


def _about(path: Path) -> str:
    """The first sentence of the docstring of a file or package."""
    source = path / "__init__.py" if path.is_dir() else path
    if not source.exists():
        return "The page at /docs, and its assets."
    text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) if source.suffix == ".py" else None
    first = re.split(r"(?<=\.)\s", " ".join((text or "").split("\n\n")[0].split()), maxsplit=1)[0]
    return first.replace("|", r"\|")
