"""Steps of the tests of tax: what staff set up."""

from typing import Any

from werkzeug.test import TestResponse

from app.kernel.ids import new_id
from tests.shop import Shop

WHY = {"reason": "registered"}
LONG_AGO = "2020-01-01T00:00:00Z"
GERMAN = {"TAX": "internal", "HOME_COUNTRY": "DE"}
VIENNA = {"name": "Ada", "line1": "Graben 1", "city": "Wien", "postal_code": "1010", "country": "AT"}
ZURICH = {"name": "Ada", "line1": "Bahnhofstrasse 1", "city": "Zürich", "postal_code": "8001", "country": "CH"}
AUSTIN = {
    "name": "Ada",
    "line1": "1 Congress Ave",
    "city": "Austin",
    "region": "TX",
    "postal_code": "78701",
    "country": "US",
}


def category(shop: Shop, slug: str) -> TestResponse:
    return shop.as_staff().post("/tax/categories", {"slug": slug, "name": slug.title(), **WHY})


def rate(
    shop: Shop, country: str, ppm: int, category: str = "standard", name: str = "VAT", **more: Any
) -> TestResponse:
    """Staff add a rate that has been valid for long."""
    key = more.pop("key", None) or str(new_id())
    body = {"country": country, "category": category, "name": name, "ppm": ppm, "valid_from": LONG_AGO, **WHY, **more}
    return shop.as_staff().post("/tax/rates", body, key=key)


def registration(shop: Shop, country: str, region: str = "", **more: Any) -> TestResponse:
    return shop.as_staff().post(
        "/tax/registrations", {"country": country, "region": region, "since": LONG_AGO, **WHY, **more}
    )


def collects(shop: Shop, **ppms: int) -> None:
    """The shop is registered in these countries, at these standard rates."""
    for country, ppm in ppms.items():
        for answer in (rate(shop, country, ppm), registration(shop, country)):
            assert answer.status_code == 201, answer.text
