"""How text is cut into words: the same rules for products and for queries, and for every kind of search index.

Letters, digits and their combining marks form words; every other sign ends a word, and so does a letter that is written
as an apostrophe. Case, accents and width are removed, and digits of all scripts are the same: "Straße" becomes
"strasse", "Ёлка" "елка", "m²" "m2", "٤٣" "43". In scripts that are written without spaces (Chinese, Japanese,
Korean, Thai and related ones) every two adjacent characters are a word, so that a part of a run of characters is found.
The classes of characters are those of Unicode.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

EDITION = 7  # version of these rules and of what an index stores: raise it with every change, and each is rebuilt
MAX_QUERY_LENGTH, MAX_WORD_LENGTH, MAX_WHOLE_LENGTH = 200, 64, 200  # characters
MAX_TERM_BYTES, OVERHEAD = 450_000, 6  # bytes of a text's words, with what PostgreSQL adds to each; it stores 1 MiB
MAX_TERMS = 32  # terms of a query: any further ones are ignored
SORTED_BY = 120  # bytes of a name that it is sorted by: quoted in a cursor, they still fit the cursor's limit
APOSTROPHES = frozenset("\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\ua78b\ua78c")  # letters for which many type '
TATWEEL, SPACE_OF_NO_WIDTH = "\u0640", "\u200b"
LETTERS = str.maketrans(  # letters that Unicode does not decompose, but that people type without their marks
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
FIRST_UNSPACED = chr(UNSPACED[0][0])


@dataclass(frozen=True)
class Term:
    """One word of a query; with `begins` it is a prefix: any word that begins with it matches."""

    text: str
    begins: bool = False


def cut(text: str, signs: bool = True) -> list[str]:
    """Return the words of a text that is indexed, without repetition; with `signs`, also each sign as a word."""
    found: dict[str, None] = {}
    room = MAX_TERM_BYTES
    for part in text.split():
        for each in (*_indexed_of(part), *(_part(part)[1] if signs else ())):
            if each not in found and (room := room - len(each.encode()) - OVERHEAD) >= 0:
                found[each] = None
    return list(found)


def terms_of(query: str) -> list[Term]:
    """Return the terms of a query, the last of them as a prefix. A query without words has its signs as terms."""
    parts = [_part(part) for part in query[:MAX_QUERY_LENGTH].split()]
    words = [word for each, _ in parts for word in each]
    if not words:
        return [Term(sign) for sign in dict.fromkeys(sign for _, signs in parts for sign in signs)][:MAX_TERMS]
    found: dict[str, bool] = {}
    for each in (term for word in words for term in _terms(word)):
        last = each.text
        found[last] = found.get(last, False) or each.begins
    found[last] = True
    return [Term(text, begins) for text, begins in found.items()][:MAX_TERMS]


def whole_of(text: str) -> str:
    """Return a name or sku as one word: a product whose name or sku equals the query comes first."""
    return "_".join(word for part in text.split() for word in _part(part)[0])[:MAX_WHOLE_LENGTH]


def sort_key(name: str) -> str:
    """Return what a name is sorted by: without accents and capitals, and short enough for a cursor."""
    return " ".join(_folded(name).split()).encode()[:SORTED_BY].decode(errors="ignore")


@lru_cache(maxsize=4096)
def _part(part: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words and the signs of a text without spaces. Combining marks without a letter count as signs."""
    folded = _folded(part)
    words = "".join(each if _is_of_word(each) else " " for each in folded).split()
    signs = [each for each in folded if not _is_of_word(each) and unicodedata.category(each)[0] in "PSC"]
    if not words and not signs:
        signs = [each for each in unicodedata.normalize("NFKD", part) if unicodedata.category(each)[0] not in "CZ"]
    return tuple(words), tuple(signs)


@lru_cache(maxsize=4096)
def _indexed_of(part: str) -> tuple[str, ...]:
    """Return what is indexed of the words of a text without spaces."""
    return tuple(each for word in _part(part)[0] for each in _indexed(word))


def _folded(text: str) -> str:
    apart = "".join(f" {each} " if _stands_apart(each) else each for each in text)
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", apart).casefold())
    bare = "".join(" " if each == SPACE_OF_NO_WIDTH else each for each in letters if not _is_silent(each))
    plain = unicodedata.normalize("NFKC", bare.translate(LETTERS))
    return plain if plain.isascii() else "".join(map(_with_plain_digit, plain))


def _with_plain_digit(each: str) -> str:
    return str(unicodedata.decimal(each)) if each.isdecimal() else each


def _stands_apart(each: str) -> bool:
    """Whether it is a sign that normalization writes out, such as ™ and ½: a word beside it must stay separate."""
    if each.isascii() or each.isalpha():
        return False
    return unicodedata.category(each) == "So" or (each.isnumeric() and len(unicodedata.normalize("NFKD", each)) > 1)


def _is_silent(each: str) -> bool:
    """Whether it is dropped: an accent, a vowel point or an invisible character. Marks that are part of the spelling
    in other scripts stay."""
    if each.isascii():
        return False
    index = unicodedata.combining(each)
    return index == 1 or 10 <= index <= 36 or index >= 200 or _cannot_be_seen(each)


def _cannot_be_seen(each: str) -> bool:
    if unicodedata.category(each) == "Cf":
        return each != SPACE_OF_NO_WIDTH
    return "\ufe00" <= each <= "\ufe0f" or "\U000e0100" <= each <= "\U000e01ef"  # variation selectors


def _is_of_word(each: str) -> bool:
    return (each.isalnum() or unicodedata.category(each)[0] in "LNM") and each not in APOSTROPHES


def _runs(word: str) -> Iterator[tuple[bool, str]]:
    """Split a word into runs of scripts with and without spaces (True: with). A mark belongs to its base character."""
    if max(word) < FIRST_UNSPACED:
        yield True, word
        return
    spaced, kinds = True, []
    for each in word:
        if unicodedata.category(each)[0] != "M" or _is_unspaced(each):
            spaced = not _is_unspaced(each)
        kinds.append((spaced, each))
    for kind, members in groupby(kinds, key=lambda pair: pair[0]):
        yield kind, "".join(each for _, each in members)


def _is_unspaced(each: str) -> bool:
    return each >= FIRST_UNSPACED and any(low <= ord(each) <= high for low, high in UNSPACED)


def _indexed(word: str) -> Iterator[str]:
    """Yield the parts of a word that are indexed. The last character of a run is indexed alone as well, since no pair
    begins with it."""
    for spaced, run in _runs(word):
        yield from [run[:MAX_WORD_LENGTH]] if spaced else [*_pairs(run), run[-1]]


def _terms(word: str) -> Iterator[Term]:
    for spaced, run in _runs(word):
        if spaced or len(run) == 1:
            yield Term(run[:MAX_WORD_LENGTH], begins=not spaced)
        else:
            yield from map(Term, _pairs(run))


def _pairs(run: str) -> Iterable[str]:
    return (run[index : index + 2] for index in range(len(run) - 1))
