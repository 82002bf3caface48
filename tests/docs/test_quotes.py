"""Pages quote code by name, so that a change of the code is copied into them automatically."""

from pathlib import Path

import pytest

from app.cli.docs.quotes import requoted

CODE = '''"""Mugs."""

DEAREST = 900  # cents


@dataclass
class Mug:
    """Holds tea."""

    price: int

    def costs(self) -> int:
        """In cents."""
        return self.price
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of one file."""
    (tmp_path / "mugs.py").write_text(CODE)
    return tmp_path


def page(quoted: str, code: str) -> str:
    return f"Before.\n\n```python\n# mugs.py: {quoted}\n{code}```\n\nAfter.\n"


@pytest.mark.parametrize(
    ("quoted", "code"),
    [
        ("DEAREST", "DEAREST = 900  # cents\n"),
        ("Mug", CODE.partition("cents\n\n\n")[2]),
        ("Mug …", '@dataclass\nclass Mug:\n    """Holds tea."""\n'),
        ("Mug.costs", '    def costs(self) -> int:\n        """In cents."""\n        return self.price\n'),
        ("Mug.costs …", '    def costs(self) -> int:\n        """In cents."""\n'),
    ],
)
def test_a_quote_is_what_the_file_has_now(root: Path, quoted: str, code: str) -> None:
    for before in ("", "of long ago\n\n", code):
        assert requoted(page(quoted, before), root) == page(quoted, code)


def test_code_that_is_not_quoted_by_name_stays(root: Path) -> None:
    page = "```python\n# mugs.py\nanything\n```\n"

    assert requoted(page, root) == page


@pytest.mark.parametrize("quoted", ["Cup", "Mug.weighs", "costs"])
def test_what_is_gone_cannot_be_quoted(root: Path, quoted: str) -> None:
    with pytest.raises(LookupError, match=rf"A page quotes {quoted} of .*mugs.py"):
        requoted(page(quoted, ""), root)


def test_a_file_that_is_gone_cannot_be_quoted(root: Path) -> None:
    with pytest.raises(LookupError, match=r"quotes cups.py, which does not exist"):
        requoted("```python\n# cups.py: Cup\n```\n", root)
