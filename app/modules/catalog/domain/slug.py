"""Slugs: the name of a product as it is used in URLs."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from uuid import UUID

from anyascii import anyascii

from app.kernel.errors import Invalid

MAX_LENGTH = 100
RESERVED = {"suggest"}  # GET /products/suggest
MAX_NUMBERS = 20  # products of the same name that get a number; the next ones get a part of their id


def slug_of(names: Iterable[str], id: UUID) -> str:
    """Make a slug, lower-case ASCII words joined by dashes, of the first name that has such words; else of the id."""
    for name in names:
        letters = "".join(_latin(each) for each in unicodedata.normalize("NFC", name))
        if slug := re.sub(r"[^a-z0-9]+", "-", letters.lower())[:MAX_LENGTH].strip("-"):
            return slug
    return f"product-{id.hex[-12:]}"


def checked(slug: str) -> str:
    """Return the slug if it is allowed. A URL has an id or a slug in the same place, so a slug must not look like an
    id, nor equal a fixed path. Raises Invalid(slug_is_reserved), Invalid(slug_is_an_id)."""
    if slug in RESERVED:
        raise Invalid("slug_is_reserved", f"{slug} is the path of another resource: choose another slug")
    if _reads_as_id(slug):
        raise Invalid("slug_is_an_id", "a slug must not look like an id: choose another slug")
    return slug


def numbered(slug: str) -> Iterator[str]:
    """Yield the slug itself, then the slug with the numbers from 2 on; without those that are not allowed as slugs."""
    for number in range(1, MAX_NUMBERS + 1):
        candidate = slug if number == 1 else with_suffix(slug, str(number))
        if candidate not in RESERVED and not _reads_as_id(candidate):
            yield candidate


def with_suffix(slug: str, suffix: str) -> str:
    """Append a suffix that makes the slug unique, and cut the slug to the maximum length."""
    return f"{slug[: MAX_LENGTH - len(suffix) - 1].rstrip('-')}-{suffix}"


def _latin(letter: str) -> str:
    """Transliterate a letter. One that is a syllable of its own, such as 茶, is set apart from the next by spaces."""
    if letter.isascii():
        return letter
    written = anyascii(letter)
    is_syllable = len(written) > 1 and written[0].isupper() and not letter.isupper()
    return f" {written} " if is_syllable else written


def _reads_as_id(slug: str) -> bool:
    try:
        UUID(slug)
    except ValueError:
        return False
    return True
