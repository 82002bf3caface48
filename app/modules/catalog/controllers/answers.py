"""Answers of catalog as JSON, with their tags."""

from typing import Any

import msgspec
from flask import Response, request

from app.kernel.errors import NotFound
from app.modules.catalog.ports import Page
from app.web.etags import etag_of


def shown(page: Page, status: int = 200) -> Response:
    """A product; 304 where the caller has this edition."""
    tag = f"{etag_of(page.version)}.{page.edition}"
    if status == 200 and request.method == "GET" and "If-None-Match" in request.headers:  # noqa: SIM102
        if request.if_none_match.contains_weak(tag):
            return _tagged(Response(status=304), tag)
    return _tagged(answer(page.content, status), tag)


def shown_variant(page: Page, sku: str, status: int = 200) -> Response:
    """One variant of a product. Raises NotFound where it is another product's."""
    for variant in page.content["variants"]:
        if variant["sku"] == sku:
            return _tagged(answer(variant, status), etag_of(variant["version"]))
    raise NotFound("no_such_sku", f"product {page.content['slug']} has no sku {sku}")


def answer(content: Any, status: int = 200) -> Response:
    """JSON of plain values."""
    return Response(msgspec.json.encode(content), status, mimetype="application/json")


def _tagged(response: Response, tag: str) -> Response:
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Cache-Control"] = "no-cache"  # keep it, but ask each time: the tag makes that cheap
    return response
