"""How text is cut into words: one rule for what is kept and for what is asked, whatever searches.

Letters, digits and their marks are words; every other sign ends one. Words lose case, accents and width: "Straße" is
"strasse", "Ёлка" is "елка", "m²" is "m2". Where a script writes no spaces (Chinese, Japanese, Korean, Thai and their
neighbours) each two characters side by side are a word, so that a part of a run is found. Properties are Unicode's.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

EDITION = 2  # of these rules: raise it with them, and each index is made anew
MAX_QUERY_LENGTH, MAX_WORD_LENGTH, MAX_WHOLE_LENGTH = 200, 64, 200  # characters
MAX_TERM_BYTES, OVERHEAD = 600_000, 6  # bytes of a text's words, and of each beside itself: PostgreSQL takes a megabyte
MAX_TERMS = 32  # of a question: what follows is not looked for
SORTED_BY = 120  # bytes of a name; quoted in a cursor they still fit its limit
TATWEEL, SPACE_OF_NO_WIDTH = "\u0640", "\u200b"
LETTERS = str.maketrans(  # those that Unicode does not take apart, but who types leaves out
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ĸ": "k"}
    | {"ŋ": "n", "ي": "ی", "ى": "ی", "ك": "ک", TATWEEL: None}
)
UNSPACED = (  # scripts that write words without spaces
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x109F),  # Tibetan, Myanmar
    (0x1100, 0x11FF),  # Hangul jamo
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3021, 0x9FFF),  # kana, bopomofo, Han
    (0xA000, 0xA4CF),  # Yi
    (0xA960, 0xA97F),
    (0xA9E0, 0xA9FF),  # Myanmar
    (0xAA60, 0xAADF),  # Myanmar, Tai Viet
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),
    (0x1AFF0, 0x1B16F),  # kana
    (0x20000, 0x3FFFF),
)


@dataclass(frozen=True)
class Term:
    """One word that is asked for; `begins` where any word that begins so will do."""

    text: str
    begins: bool = False


def cut(text: str, signs: bool = True) -> list[str]:
    """The words of what is kept, each once; with `signs`, those between them too, each a word of its own."""
    found: dict[str, None] = {}
    room = MAX_TERM_BYTES
    for part in text.split():
        words, others = _part(part)
        for each in (*(kept for word in words for kept in _kept(word)), *(others if signs else ())):
            if each not in found and (room := room - len(each.encode()) - OVERHEAD) >= 0:
                found[each] = None
    return list(found)


def terms_of(asked: str) -> list[Term]:
    """The words of a question, the last also as a beginning. Signs are looked for where there is nothing else."""
    parts = [_part(part) for part in asked[:MAX_QUERY_LENGTH].split()]
    words = [word for each, _ in parts for word in each]
    if not words:
        return [Term(sign) for sign in dict.fromkeys(sign for _, signs in parts for sign in signs)][:MAX_TERMS]
    found: dict[str, bool] = {}
    for each in (term for word in words for term in _asked(word)):
        last = each.text
        found[last] = found.get(last, False) or each.begins
    found[last] = True
    return [Term(text, begins) for text, begins in found.items()][:MAX_TERMS]


def whole_of(text: str) -> str:
    """A name or sku as one word: what is asked exactly so comes first."""
    return "_".join(word for part in text.split() for word in _part(part)[0])[:MAX_WHOLE_LENGTH]


def sort_key(name: str) -> str:
    """What names are sorted by: without accents and capitals, and no longer than a cursor holds."""
    return " ".join(_folded(name).split()).encode()[:SORTED_BY].decode(errors="ignore")


@lru_cache(maxsize=4096)
def _part(part: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of a text without spaces: its words, and its signs. Marks alone are signs."""
    folded = _folded(part)
    words = "".join(each if _is_of_word(each) else " " for each in folded).split()
    signs = [each for each in folded if not _is_of_word(each) and unicodedata.category(each)[0] in "PSC"]
    if not words and not signs:
        signs = [each for each in unicodedata.normalize("NFKD", part) if unicodedata.category(each)[0] not in "CZ"]
    return tuple(words), tuple(signs)


def _folded(text: str) -> str:
    apart = "".join(f" {each} " if _stands_apart(each) else each for each in text)
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", apart).casefold())
    kept = "".join(" " if each == SPACE_OF_NO_WIDTH else each for each in letters if not _is_silent(each))
    return unicodedata.normalize("NFKC", kept.translate(LETTERS))


def _stands_apart(each: str) -> bool:
    """Signs that are written out when compared, such as ™ and ½: what stands beside them is another word."""
    if each.isascii() or each.isalpha():
        return False
    return unicodedata.category(each) == "So" or (each.isnumeric() and len(unicodedata.normalize("NFKD", each)) > 1)


def _is_silent(each: str) -> bool:
    """Accents and vowel points, and what cannot be seen. Marks that other scripts spell with stay."""
    if each.isascii():
        return False
    index = unicodedata.combining(each)
    return index == 1 or 10 <= index <= 36 or index >= 200 or _cannot_be_seen(each)


def _cannot_be_seen(each: str) -> bool:
    if unicodedata.category(each) == "Cf":
        return each != SPACE_OF_NO_WIDTH
    return "\ufe00" <= each <= "\ufe0f" or "\U000e0100" <= each <= "\U000e01ef"  # variation selectors


def _is_of_word(each: str) -> bool:
    return each.isalnum() or unicodedata.category(each)[0] in "LNM"


def _runs(word: str) -> Iterator[tuple[bool, str]]:
    """Parts of a word, and whether their script writes spaces; a mark belongs to what it stands on."""
    spaced, kinds = True, []
    for each in word:
        if unicodedata.category(each)[0] != "M" or _is_unspaced(each):
            spaced = not _is_unspaced(each)
        kinds.append((spaced, each))
    for kind, members in groupby(kinds, key=lambda pair: pair[0]):
        yield kind, "".join(each for _, each in members)


def _is_unspaced(each: str) -> bool:
    return each >= "\u0e00" and any(low <= ord(each) <= high for low, high in UNSPACED)


def _kept(word: str) -> Iterator[str]:
    """The last character of a run too: the others begin a pair."""
    for spaced, run in _runs(word):
        yield from [run[:MAX_WORD_LENGTH]] if spaced else [*_pairs(run), run[-1]]


def _asked(word: str) -> Iterator[Term]:
    for spaced, run in _runs(word):
        if spaced or len(run) == 1:
            yield Term(run[:MAX_WORD_LENGTH], begins=not spaced)
        else:
            yield from map(Term, _pairs(run))


def _pairs(run: str) -> Iterable[str]:
    return (run[index : index + 2] for index in range(len(run) - 1))
