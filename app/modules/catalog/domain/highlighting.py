"""Highlighting: a text as safe HTML with <em> around the words that match a query."""

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from html import escape
from typing import NamedTuple

from app.modules.catalog.domain.words import MAX_WORD_LENGTH, Term, cut

BEGIN, END = "\x02", "\x03"  # around matching words in the answer of an index: no text of a product contains them
BEFORE, SHOWN = 60, 160  # characters of an excerpt: before the first match, and in total
MAX_READ = 5_000  # characters of a long text in which matches are looked for
RUN = re.compile(r"[^\W_]+")

Matcher = Callable[[str], bool]
"""Whether a word matches the query."""


class Highlight(NamedTuple):
    """A name, and a part of a description, as HTML."""

    name: str
    description: str


def highlight_of(terms: Sequence[Term], also: Collection[str] = ()) -> Callable[[str, str], Highlight | None]:
    """Return a function that highlights a name and a description; it returns None if there are no terms.

    `also`: further words that the index has matched, by a stem, a synonym or despite a typo.
    """
    if not terms:
        return lambda name, description: None
    is_match = matcher_of([*terms, *map(Term, also)])
    return lambda name, description: Highlight(highlighted(name, is_match), excerpt(description, is_match))


def matcher_of(terms: Sequence[Term]) -> Matcher:
    """Return a function that says whether a word equals one of the terms, or begins with one that is a prefix."""
    exact = {each.text for each in terms}
    beginnings = tuple(each.text for each in terms if each.begins)
    return lambda word: word in exact or word.startswith(beginnings)


def highlighted(text: str, is_match: Matcher) -> str:
    return "".join(
        f"<em>{escape(part, quote=False)}</em>" if is_matching else escape(part, quote=False)
        for is_matching, part in _parts(text, is_match)
    )


def excerpt(text: str, is_match: Matcher) -> str:
    """Return a highlighted part of a long text, around the first word that matches."""
    first = next((at for at, _ in _match_positions(text[:MAX_READ], is_match)), 0)
    begin = 0 if first <= BEFORE else text.rfind(" ", 0, first - BEFORE) + 1 or first - BEFORE
    end = begin + SHOWN
    if end < len(text):
        end = max(text.rfind(" ", begin, end), first + 1) if " " in text[first:end] else end
    shown = highlighted(text[begin:end], is_match)
    return "…" * (begin > 0) + shown + "…" * (end < len(text))


def _parts(text: str, is_match: Matcher) -> list[tuple[bool, str]]:
    parts, upto = [], 0
    for begin, end in _match_positions(text, is_match):
        if begin > upto:
            parts.append((False, text[upto:begin]))
        if parts and parts[-1][0] and begin == upto:
            parts[-1] = (True, parts[-1][1] + text[begin:end])
        else:
            parts.append((True, text[begin:end]))
        upto = end
    return [*parts, (False, text[upto:])]


def _match_positions(text: str, is_match: Matcher) -> list[tuple[int, int]]:
    """Return the positions of the words that match; in a script without spaces, those of the single characters."""
    positions: list[tuple[int, int]] = []
    for run in RUN.finditer(text):
        words = _words_of(run[0]) if len(run[0]) <= MAX_WORD_LENGTH else cut(run[0])
        if len(words) < 2:
            positions += [run.span()] if any(map(is_match, words)) else []
            continue
        positions += _of_run(run[0], run.start(), is_match)
    return positions


@lru_cache(maxsize=4096)
def _words_of(run: str) -> list[str]:
    """The names and descriptions of products have many words in common. Callers share the list."""
    return cut(run)


def _of_run(run: str, start: int, is_match: Matcher) -> list[tuple[int, int]]:
    """Return the positions of the characters that belong to a matching pair of characters or a matching word."""
    matching = set[int]()
    for at in range(len(run)):
        pair = cut(run[at : at + 2])
        if any(map(is_match, pair[:1])):
            matching |= {at, at + len(pair[0]) - 1} if len(pair) > 1 else {at}
    if not matching:
        return [(start, start + len(run))] if any(map(is_match, cut(run))) else []
    return [(start + at, start + at + 1) for at in sorted(matching) if at < len(run)]
