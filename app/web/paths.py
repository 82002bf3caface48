"""Paths in which a segment may hold a slash: the sku A/B is asked for as /stock/A%2FB.

WSGI decodes a path before anyone has taken it apart, and A%2FB looks like A/B then. Where the target is known as it was
sent, encoded slashes are told apart from those between segments until a route has been found.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from flask import Flask, request
from werkzeug.routing import BaseConverter

from app.config.settings import Settings

Environ = dict[str, Any]

SLASH = "\ufdd0"  # stands for an encoded one; no character, so no text holds it
TARGETS = ("RAW_URI", "REQUEST_URI", "HTTP_X_ORIGINAL_URI")  # by servers that tell it; by our gateway, for granian


class SkuConverter(BaseConverter):
    """A sku in a path. Where the target is not known, its slashes are those of the path."""

    regex = r"[\s\S]+?"
    part_isolating = False

    def to_python(self, value: str) -> str:
        """As it is kept."""
        return unicodedata.normalize("NFC", value.replace(SLASH, "/"))

    def to_url(self, value: str) -> str:
        return quote(value, safe="")


def install(app: Flask, settings: Settings) -> None:
    """Before any route is added: <sku:…> may stand in it."""
    app.url_map.converters["sku"] = SkuConverter
    inner = app.wsgi_app

    def wsgi_app(environ: Environ, start_response: Any) -> Iterable[bytes]:
        environ["PATH_INFO"] = _apart(environ)
        return inner(environ, start_response)

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]


def target_is_known() -> bool:
    """Whether encoded slashes of this request can be told from those between segments."""
    return any(name in request.environ for name in TARGETS)


def asked_path() -> str:
    """The path of this request, percent-encoded, as a client may ask for it again."""
    return quote(request.path).replace(quote(SLASH), "%2F")


def _apart(environ: Environ) -> str:
    """What is told of the target is believed only as far as it decodes to the path that the server saw."""
    path: str = environ["PATH_INFO"]
    if path.count("/") < 3:  # /stock/… stands below /api/v1
        return path
    for name in TARGETS:
        target = str(environ.get(name, "")).partition("?")[0]
        if "%2f" in target.lower() and unquote_to_bytes(target).decode("latin-1") == path:
            segments = [unquote_to_bytes(each).decode("latin-1") for each in target.split("/")]
            return "/".join(each.replace("/", SLASH.encode().decode("latin-1")) for each in segments)
    return path
