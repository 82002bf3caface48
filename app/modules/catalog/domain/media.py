"""The media of a product: links to images, which other hosts serve."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.kernel.errors import Invalid

MAX_MEDIA, MAX_ALT_LENGTH, MAX_PIXELS = 20, 200, 20_000  # of a product; characters; a side
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, kw_only=True)
class Media:
    """An image of a product. `alt` describes it to those who cannot see it; the size is in pixels, if known."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None


def refuse_other_origins(media: Iterable[Media], origins: Collection[str]) -> None:
    """Raise Invalid(media_origin_not_allowed) for a URL on none of the origins; without origins, all are allowed."""
    allowed = {_origin(each) for each in origins}
    wrong = {
        number: {"url": [f"Must be on one of: {', '.join(sorted(origins))}."]}
        for number, each in enumerate(media)
        if allowed and _origin(each.url) not in allowed
    }
    if wrong:
        sentence = f"media must be on one of {', '.join(sorted(origins))} (MEDIA_ORIGINS)"
        raise Invalid("media_origin_not_allowed", sentence, {"errors": {"media": wrong}})


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port, as browsers compare them."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]
