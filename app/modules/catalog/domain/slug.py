"""A product's name as it stands in a URL."""

import re
import unicodedata
from uuid import UUID

from app.kernel.errors import Invalid

LONGEST = 100
RESERVED = {"suggest"}  # GET /products/suggest


def slug_of(name: str) -> str:
    """Lower-case ASCII words joined by dashes. Raises Invalid where nothing is left of the name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST].strip("-")
    if not slug:
        raise Invalid("slug_missing", f"no slug can be made of {name!r}: give one")
    return checked(slug)


def checked(slug: str) -> str:
    """A product is asked for by its id or its slug, so a slug must not read as an id, nor as what stands beside it.
    Raises Invalid."""
    if slug in RESERVED:
        raise Invalid("slug_is_reserved", f"{slug} is an address of its own: choose another")
    try:
        UUID(slug)
    except ValueError:
        return slug
    raise Invalid("slug_is_an_id", "a slug must not look like an id: choose another")
