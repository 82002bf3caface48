"""What was found, shown: a text as safe HTML with <em> around the words that a question means."""

import re
from collections.abc import Callable, Collection, Sequence
from html import escape
from typing import NamedTuple

from app.modules.catalog.domain.words import Term, cut

BEGIN, END = "\x02", "\x03"  # around words that an index shows as found: no text has them in it
BEFORE, SHOWN = 60, 160  # characters of a long text: before the first that is lit, and altogether
MAX_READ = 5_000  # characters of a long text within which something is lit
RUN = re.compile(r"[^\W_]+")

Means = Callable[[str], bool]
"""Whether a word is one of those looked for."""


class Highlight(NamedTuple):
    """A name, and a part of a description, as HTML."""

    name: str
    description: str


def highlight_of(terms: Sequence[Term], also: Collection[str] = ()) -> Callable[[str, str], Highlight | None]:
    """What shows a name and a description as found by these terms, and by the words that an index `also` took for
    them; nothing where nothing was looked for."""
    if not terms:
        return lambda name, description: None
    is_meant = means([*terms, *map(Term, also)])
    return lambda name, description: Highlight(lit(name, is_meant), excerpt(description, is_meant))


def means(terms: Sequence[Term]) -> Means:
    """The words themselves, and those that begin so."""
    exact = {each.text for each in terms}
    beginnings = tuple(each.text for each in terms if each.begins)
    return lambda word: word in exact or word.startswith(beginnings)


def lit(text: str, is_meant: Means) -> str:
    return "".join(
        f"<em>{escape(part, quote=False)}</em>" if shines else escape(part, quote=False)
        for shines, part in _parts(text, is_meant)
    )


def excerpt(text: str, is_meant: Means) -> str:
    """A part of a long text, around the first word that is lit."""
    first = next((at for at, _ in _meant(text[:MAX_READ], is_meant)), 0)
    begin = 0 if first <= BEFORE else text.rfind(" ", 0, first - BEFORE) + 1 or first - BEFORE
    end = begin + SHOWN
    if end < len(text):
        end = max(text.rfind(" ", begin, end), first + 1) if " " in text[first:end] else end
    shown = lit(text[begin:end], is_meant)
    return "…" * (begin > 0) + shown + "…" * (end < len(text))


def _parts(text: str, is_meant: Means) -> list[tuple[bool, str]]:
    parts, upto = [], 0
    for begin, end in _meant(text, is_meant):
        if begin > upto:
            parts.append((False, text[upto:begin]))
        if parts and parts[-1][0] and begin == upto:
            parts[-1] = (True, parts[-1][1] + text[begin:end])
        else:
            parts.append((True, text[begin:end]))
        upto = end
    return [*parts, (False, text[upto:])]


def _meant(text: str, is_meant: Means) -> list[tuple[int, int]]:
    """Where the words stand that are meant; of a run without spaces, the characters."""
    found: list[tuple[int, int]] = []
    for run in RUN.finditer(text):
        words = cut(run[0])
        if len(words) < 2:
            found += [run.span()] if any(map(is_meant, words)) else []
            continue
        found += _of_run(run[0], run.start(), is_meant)
    return found


def _of_run(run: str, start: int, is_meant: Means) -> list[tuple[int, int]]:
    """Character by character, where a pair or a word that begins here is meant."""
    shining = set[int]()
    for at in range(len(run)):
        pair = cut(run[at : at + 2])
        if any(map(is_meant, pair[:1])):
            shining |= {at, at + len(pair[0]) - 1} if len(pair) > 1 else {at}
    if not shining:
        return [(start, start + len(run))] if any(map(is_meant, cut(run))) else []
    return [(start + at, start + at + 1) for at in sorted(shining) if at < len(run)]
