"""A product's name as it stands in a URL."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from uuid import UUID

from anyascii import anyascii

from app.kernel.errors import Invalid

MAX_LENGTH = 100
RESERVED = {"suggest"}  # GET /products/suggest
MAX_NUMBERS = 20  # of products that share a name; the next is told apart by its id


def slug_of(names: Iterable[str], id: UUID) -> str:
    """Lower-case ASCII words joined by dashes, from the first of these names that has any; else from the id."""
    for name in names:
        letters = "".join(_latin(each) for each in unicodedata.normalize("NFC", name))
        if slug := re.sub(r"[^a-z0-9]+", "-", letters.lower())[:MAX_LENGTH].strip("-"):
            return slug
    return f"product-{id.hex[-12:]}"


def checked(slug: str) -> str:
    """A product is asked for by its id or its slug, so a slug must not read as an id, nor as what stands beside it.
    Raises Invalid."""
    if slug in RESERVED:
        raise Invalid("slug_is_reserved", f"{slug} is an address of its own: choose another")
    if _reads_as_id(slug):
        raise Invalid("slug_is_an_id", "a slug must not look like an id: choose another")
    return slug


def numbered(slug: str) -> Iterator[str]:
    """The slug, then with the numbers from 2 on: as far as each may be one."""
    for number in range(1, MAX_NUMBERS + 1):
        made = slug if number == 1 else ended(slug, str(number))
        if made not in RESERVED and not _reads_as_id(made):
            yield made


def ended(slug: str, end: str) -> str:
    """The slug with an end that tells it from others, not longer than a slug may be."""
    return f"{slug[: MAX_LENGTH - len(end) - 1].rstrip('-')}-{end}"


def _latin(letter: str) -> str:
    """How it is written in Latin letters. What is a syllable of its own, such as 茶, stays apart from the next."""
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
