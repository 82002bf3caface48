"""Serves the files of storefront/: the pages of the shop window, what they are made of, and what they must know.

The files are read once, at the start, and are never imported. Pages are one document, which its script fills; it names
the other files under a version of their own, so that a browser may keep them.
"""

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import NotFound

from app.config.settings import Settings

APP = Path(__file__).parents[1]
FOLDERS = [each for each in (APP / "storefront", APP.parent / "storefront") if each.is_dir()]  # the first in a wheel
DOCUMENT = "index.html"
CURRENT = "/storefront/-/"  # stands in the document for the path of the current version
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PAGES = ("/", "/search", "/category/<ref>", "/product/<ref>", "/cart", "/orders", "/orders/<ref>")
ACCOUNT = ("/account", "/account/<ref>")
PAYING = ("/checkout", "/checkout/<ref>")
NO_PAGES = ("/api/", "/desk", "/docs", "/storefront/")  # which have answers of their own
STRIPE = "https://js.stripe.com"  # Stripe's terms: its script comes from there, never from a copy
STRIPE_FRAMES = f"{STRIPE} https://hooks.stripe.com"
STRIPE_API = "https://api.stripe.com"
FOREVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"


@dataclass(frozen=True)
class File:
    """A file as it is sent, plain and compressed."""

    content: bytes
    compressed: bytes
    mimetype: str
    tag: str

    @classmethod
    def of(cls, content: bytes, mimetype: str) -> "File":
        return cls(content, gzip.compress(content, 9, mtime=0), mimetype, hashlib.sha256(content).hexdigest()[:20])

    def response(self, caching: str, policy: str) -> Response:
        """The response to this request: compressed if the client reads that, 304 if it has the same."""
        takes_gzip = bool(request.accept_encodings["gzip"])
        response = Response(self.compressed if takes_gzip else self.content, mimetype=self.mimetype)
        if takes_gzip:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = caching
        response.headers["Content-Security-Policy"] = policy
        response.set_etag(self.tag, weak=True)
        response.make_conditional(request)
        return response


def install(app: Flask, settings: Settings) -> None:
    """Serve the shop window, unless STOREFRONT is off or the files are not there."""
    if not settings.has_storefront or not FOLDERS:
        return
    files = dict(_read(FOLDERS[0]))
    version = hashlib.sha256("".join(file.tag for file in files.values()).encode()).hexdigest()[:12]
    html = files.pop(DOCUMENT).content.replace(CURRENT.encode(), f"/storefront/{version}/".encode())
    document = File.of(html, TYPES[".html"])
    plain = policy(settings.media_origins)
    paying = policy(settings.media_origins, by_stripe=bool(settings.stripe_publishable_key))

    def page(ref: str = "") -> Response:
        return document.response(ASK_AGAIN, plain)

    def page_that_pays(ref: str = "") -> Response:
        return document.response(ASK_AGAIN, paying)

    def file(asked: str, name: str) -> Response:
        if name not in files:
            raise NotFound
        return files[name].response(FOREVER if asked == version else ASK_AGAIN, plain)

    def config() -> Response:
        response = jsonify(facts(app, settings))
        response.headers["Cache-Control"] = ASK_AGAIN
        return response

    for rules, view in ((PAGES + ACCOUNT, page), (PAYING, page_that_pays)):
        for rule in rules:
            # strict_slashes: an empty path would be redirected to the Host that the client names
            app.add_url_rule(rule, f"storefront_{view.__name__}", view, strict_slashes=rule != "/")

    def nothing_here(response: Response) -> Response:
        """The page says it, to a browser that asks for one at an address of nothing."""
        if response.status_code != 404 or request.path.startswith(NO_PAGES):
            return response
        if request.method != "GET" or request.accept_mimetypes.best != TYPES[".html"]:
            return response
        found = document.response(ASK_AGAIN, plain)
        found.status_code = 404
        return found

    app.after_request(nothing_here)
    app.add_url_rule("/storefront/config.json", "storefront_config", config)
    app.add_url_rule("/storefront/<asked>/<path:name>", "storefront_file", file)


def facts(app: Flask, settings: Settings) -> dict[str, Any]:
    """What the pages must know of this shop. `test_cards`: whether a page may pay with them, in place of Stripe's."""
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    return {
        "stripe_publishable_key": settings.stripe_publishable_key,
        "test_cards": not settings.stripe_publishable_key and not settings.production,
        "media_origins": settings.media_origins,
        "codes": any(rule.startswith("/api/v1/cart/codes/") for rule in rules),
        "desk": any(rule == "/desk" or rule.startswith("/desk/") for rule in rules),
        "demo": bool(app.extensions.get("quartet_demo")),
    }


def policy(media_origins: Iterable[str], *, by_stripe: bool = False) -> str:
    """The Content-Security-Policy of a page. `by_stripe`: it shows Stripe's fields, which only Stripe may serve."""
    script, connect = ("'self'", STRIPE) if by_stripe else ("'self'",), ("'self'", STRIPE_API)
    rules = {
        "default-src": ("'none'",),
        "script-src": script,
        "style-src": ("'self'",),
        "img-src": ("'self'", "data:", *media_origins),
        "connect-src": connect if by_stripe else ("'self'",),
        **({"frame-src": (STRIPE_FRAMES,)} if by_stripe else {}),
        "form-action": ("'self'",),
        "base-uri": ("'none'",),
        "frame-ancestors": ("'none'",),
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _read(folder: Path) -> Iterator[tuple[str, File]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in TYPES:
            yield path.relative_to(folder).as_posix(), File.of(path.read_bytes(), TYPES[path.suffix])
