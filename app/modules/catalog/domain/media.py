"""The media of a product: links to images, which other hosts serve."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.kernel.errors import Invalid

MAX_MEDIA, MAX_URL_LENGTH, MAX_ALT_LENGTH, MAX_PIXELS = 20, 2_000, 200, 20_000  # of a product; characters; a side

# Only what no browser and no page could take for something else: no user, no character outside ASCII (a host may look
# like another), no blank, quote or backslash. http is for one's own machine.
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PORT = "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_PATH = r"([/?#]([A-Za-z0-9._~!$&()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})*)?"
URL = rf"^(https://{_LABEL}(\.{_LABEL})*|http://(localhost|127\.0\.0\.1|\[::1\])){_PORT}{_PATH}\Z"
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
