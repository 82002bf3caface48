"""The words of a product in one column: a tsvector that PostgreSQL indexes, or text that SQLite scans.

The weights A to D mark words of the name, of the description, of the rest, and the name and skus as whole words.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func, literal, or_, type_coerce
from sqlalchemy.dialects.postgresql import TSQUERY

from app.modules.catalog.domain.search import EXACTLY, IN_DESCRIPTION, IN_NAME, IN_REST
from app.modules.catalog.domain.words import Term

WEIGHTS = "ABCD"
NAME, DESCRIPTION, WHOLE = "A", "B", "D"


def column_text(by_weight: Sequence[Iterable[str]], is_sqlite: bool) -> str:
    """Return the value of the column. `by_weight`: the words of each weight, in the order of WEIGHTS."""
    if is_sqlite:
        return "".join(f" {weight}{word} " for weight, words in zip(WEIGHTS, by_weight, strict=True) for word in words)
    positions: dict[str, list[str]] = {}
    for number, (weight, words) in enumerate(zip(WEIGHTS, by_weight, strict=True), start=1):
        for word in words:
            positions.setdefault(word, []).append(f"{number}{weight}")
    return " ".join(f"{_quoted(word)}:{','.join(weights)}" for word, weights in positions.items())


def has(column: ColumnElement[Any], term: Term, is_sqlite: bool, weight: str = "") -> ColumnElement[bool]:
    """Whether the column contains the term with this weight; without a weight, with any. On SQLite the whole names and
    skus are then left out: each begins with a word that is stored by itself as well."""
    if not is_sqlite:
        marks = "*" * term.begins + weight
        return column.op("@@", is_comparison=True)(cast(_quoted(term.text) + (f":{marks}" if marks else ""), TSQUERY))
    end = "" if term.begins else " "
    text = type_coerce(column, Text)
    return or_(*(func.instr(text, f" {each}{term.text}{end}") > 0 for each in weight or WEIGHTS[:3]))


def score(column: ColumnElement[Any], terms: Iterable[Term], whole: str, is_sqlite: bool) -> ColumnElement[int]:
    """Return the score of a product that contains all terms: the same number as in every index."""
    total: ColumnElement[int] = literal(0)
    for term in terms:
        in_name, in_description = (has(column, term, is_sqlite, weight) for weight in (NAME, DESCRIPTION))
        total = total + case((in_name, IN_NAME), (in_description, IN_DESCRIPTION), else_=IN_REST)
    if whole:
        total = total + case((has(column, Term(whole), is_sqlite, WHOLE), EXACTLY), else_=0)
    return total


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
