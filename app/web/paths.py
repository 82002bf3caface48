"""Paths in which a segment may contain a slash: the sku A/B is requested as /stock/A%2FB.

WSGI decodes a path before it is split into segments, so that A%2FB looks like A/B. If the server passes on the original
target of the request, encoded slashes are replaced by a marker until a route has been found.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from flask import Flask, request
from werkzeug.routing import BaseConverter

from app.config.settings import Settings

Environ = dict[str, Any]

IN_QUERIES = "%!$&'()*+,;=:@/?"  # stay as they are; what is encoded already is not encoded again
SLASH = "\ufdd0"  # the marker of an encoded slash; it is not a character, so no text contains it
# The first two are set by some servers, the last by our gateway, as granian sets none.
TARGETS = ("RAW_URI", "REQUEST_URI", "HTTP_X_ORIGINAL_URI")


class SkuConverter(BaseConverter):
    """A sku in a path. It may contain slashes, also unencoded ones if the original target is unknown."""

    regex = r"[\s\S]+?"
    part_isolating = False

    def to_python(self, value: str) -> str:
        """The sku as it is stored: in NFC, with its slashes."""
        return unicodedata.normalize("NFC", value.replace(SLASH, "/"))

    def to_url(self, value: str) -> str:
        return quote(value, safe="")


def install(app: Flask, settings: Settings) -> None:
    """Make the converter <sku:…> available to routes. Call it before any route is added."""
    app.url_map.converters["sku"] = SkuConverter
    inner = app.wsgi_app

    def wsgi_app(environ: Environ, start_response: Any) -> Iterable[bytes]:
        environ["PATH_INFO"] = _apart(environ)
        return inner(environ, start_response)

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]


def target_is_known() -> bool:
    """Whether the original target is known, so that encoded slashes differ from those between segments."""
    return any(name in request.environ for name in TARGETS)


def requested_path() -> str:
    """The path of this request, percent-encoded, as a client can request it."""
    return quote(request.path).replace(quote(SLASH), "%2F")


def requested_address() -> str:
    """The path and the query of this request, percent-encoded."""
    query = quote(request.query_string, safe=IN_QUERIES)
    return f"{requested_path()}?{query}" if query else requested_path()


def _apart(environ: Environ) -> str:
    """The path with encoded slashes marked. A target is used only if it decodes to the path that the server has."""
    path: str = environ["PATH_INFO"]
    if path.count("/") < 3:  # /stock/… is below /api/v1, so a path with a sku has more slashes
        return path
    for name in TARGETS:
        target = str(environ.get(name, "")).partition("?")[0]
        if "%2f" in target.lower() and unquote_to_bytes(target).decode("latin-1") == path:
            segments = [unquote_to_bytes(each).decode("latin-1") for each in target.split("/")]
            return "/".join(each.replace("/", SLASH.encode().decode("latin-1")) for each in segments)
    return path
