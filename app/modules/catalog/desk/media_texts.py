"""The media of a product as people type them: an address on each line, and after a blank what is to be seen."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.kernel import links
from app.kernel.errors import Invalid
from app.modules.catalog.domain.media import MAX_ALT_LENGTH, MAX_MEDIA, Media

MEDIA_LIKE = "https://media.example/mug.jpg A green mug"


def media_of(text: str, stored: Iterable[Media] = ()) -> tuple[Media, ...]:
    """The media that were typed; those that are stored already keep their size, which nobody types.

    Raises Invalid(invalid_form), which says in which line.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_MEDIA:
        raise Invalid("invalid_form", f"a product has at most {MAX_MEDIA} pictures")
    left = list(stored)
    return tuple(_sized(_media(number, line), left) for number, line in enumerate(lines, start=1))


def media_text(media: Sequence[Media]) -> str:
    """The media of a product, as they are typed."""
    return "\n".join(f"{each.url} {each.alt}".strip() for each in media)


def _sized(typed: Media, left: list[Media]) -> Media:
    """With the size of the first one that is left of this address."""
    known = next((each for each in left if each.url == typed.url), None)
    if known is None:
        return typed
    left.remove(known)
    return replace(typed, width=known.width, height=known.height)


def _media(number: int, line: str) -> Media:
    url, _, alt = line.partition(" ")
    if not re.match(links.URL, url) or len(url) > links.MAX_URL_LENGTH:
        raise Invalid("invalid_form", f"line {number} of the pictures: write {MEDIA_LIKE}")
    if len(alt) > MAX_ALT_LENGTH:
        raise Invalid("invalid_form", f"line {number} of the pictures: at most {MAX_ALT_LENGTH} characters of text")
    return Media(url=url, alt=alt.strip())
