"""Answers of catalog as JSON, with their tags."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from flask import Response, request

from app.kernel.errors import NotFound
from app.kernel.money import CHARGES, Money
from app.modules.catalog.domain.product import is_below_least
from app.modules.catalog.ports.reading import Page
from app.web.etags import etag_of


def shown(page: Page, status: int = 200) -> Response:
    """A product; 304 where the caller has this edition."""
    tag = f"{etag_of(page.version)}.{page.edition}"
    if status == 200 and request.method == "GET" and "If-None-Match" in request.headers:  # noqa: SIM102
        if request.if_none_match.contains_weak(tag):
            return _tagged(Response(status=304), tag)
    return _tagged(answer(page.content, status), tag)


def shown_changed(page: Page, status: int = 200) -> Response:
    """A product that was just written, with what its editor should know."""
    content = {**page.content, **_warnings(page.content["variants"])}
    return _tagged(answer(content, status), f"{etag_of(page.version)}.{page.edition}")


def shown_variant(page: Page, sku: str, status: int = 200) -> Response:
    """One variant of a product that was just written. Raises NotFound where it is another product's."""
    for variant in page.content["variants"]:
        if variant["sku"] == sku:
            content = {**variant, **_warnings([variant])}
            return _tagged(answer(content, status), etag_of(variant["version"]))
    raise NotFound("no_such_sku", f"product {page.content['slug']} has no sku {sku}")


def _warnings(variants: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Prices of which one alone cannot be paid; nothing where there is none."""
    cheap = [(each["sku"], price) for each in variants if is_below_least(price := Money(**each["price"]))]
    why = "{} is less than can be charged: an order of less than {} in all is refused"
    told = [
        {"code": "price_below_least", "sku": sku, "detail": why.format(price, _least(price))} for sku, price in cheap
    ]
    return {"warnings": told} if told else {}


def _least(price: Money) -> Money:
    return Money(CHARGES[price.currency].least, price.currency)


def answer(content: Any, status: int = 200) -> Response:
    """JSON of plain values."""
    return Response(msgspec.json.encode(content), status, mimetype="application/json")


def _tagged(response: Response, tag: str) -> Response:
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Cache-Control"] = "no-cache"  # keep it, but ask each time: the tag makes that cheap
    return response
