"""The application serves the shop window: policy, caching, compression, settings."""

import gzip
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.config.reading import SettingsError
from app.config.settings import Settings
from app.web.storefront import policy
from tests.shop import Shop
from tests.storefront.conftest import MODULES, NO_STRIPE

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = ["/", "/search?q=mug", "/category/mugs", "/product/mug", "/cart", "/orders", "/orders/1", "/account/addresses"]
PAYING = ["/checkout", "/checkout/01a2"]
KEY = "pk_test_51abc"


def got(shop: Shop, path: str, **headers: str) -> Any:
    return shop.app.test_client().get(path, headers={name.replace("_", "-"): text for name, text in headers.items()})


@pytest.mark.parametrize("path", [*PAGES, *PAYING])
def test_each_page_is_one_document_under_a_strict_policy(served: Shop, path: str) -> None:
    answer = got(served, path)

    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.headers.getlist("Content-Security-Policy") == [STRICT]
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-cache" and "Set-Cookie" not in answer.headers


def test_what_a_page_names_is_there_and_may_be_kept(served: Shop) -> None:
    links = re.findall(r'(?:href|src)="(/storefront/[^"]+)"', got(served, "/").text)

    assert len(links) > 5
    for link in links:
        answer = got(served, link)
        assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"], link
        assert answer.headers["Content-Security-Policy"] == STRICT
        other = got(served, re.sub("/storefront/[^/]+/", "/storefront/of-another-version/", link))
        assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path", ["/", "/storefront/-/js/app.js", "/storefront/-/shop.css", "/storefront/-/pictures.svg"]
)
def test_it_is_compressed_for_those_who_read_that(served: Shop, path: str) -> None:
    plain, small = got(served, path), got(served, path, Accept_Encoding="br, gzip")

    assert small.headers["Content-Encoding"] == "gzip" and gzip.decompress(small.data) == plain.data
    assert (
        "Content-Encoding" not in plain.headers and plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"
    )
    assert "Content-Encoding" not in got(served, path, Accept_Encoding="gzip;q=0").headers


def test_what_one_has_already_is_not_sent_again(served: Shop) -> None:
    tag = got(served, "/").headers["ETag"]

    again = got(served, "/", If_None_Match=tag, Accept_Encoding="gzip")

    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "name", ["x.js", "../app/factory.py", "..%2fapp%2ffactory.py", "index.html", "js", "js/", "%00"]
)
def test_nothing_else_is_served(served: Shop, name: str) -> None:
    assert got(served, f"/storefront/-/{name}").status_code in {404, 308}


def test_it_says_what_the_pages_must_know(served: Shop) -> None:
    answer = got(served, "/storefront/config.json")

    assert answer.json == {
        "stripe_publishable_key": "",
        "test_cards": True,
        "media_origins": [],
        "codes": any("/cart/codes/" in rule.rule for rule in served.app.url_map.iter_rules()),
        "desk": any(rule.rule.startswith("/desk") for rule in served.app.url_map.iter_rules()),
        "demo": False,
    }


def test_only_the_pages_that_pay_name_stripe_and_only_with_its_key(tmp_path: Path) -> None:
    origins = "https://images.example.com"
    shop = Shop(tmp_path, *MODULES, **NO_STRIPE, STRIPE_PUBLISHABLE_KEY=KEY, MEDIA_ORIGINS=origins)

    policies = {path: got(shop, path).headers["Content-Security-Policy"] for path in (*PAGES, *PAYING)}
    config = got(shop, "/storefront/config.json").json
    shop.close()

    for path, rules in policies.items():
        assert ("stripe" in rules) == (path in PAYING), path
        assert f"img-src 'self' data: {origins};" in rules
    assert "script-src 'self' https://js.stripe.com;" in policies["/checkout"]
    assert "frame-src https://js.stripe.com https://hooks.stripe.com;" in policies["/checkout"]
    assert "connect-src 'self' https://api.stripe.com;" in policies["/checkout"]
    assert (config["stripe_publishable_key"], config["test_cards"], config["media_origins"]) == (KEY, False, [origins])


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    shop = Shop(tmp_path, *MODULES, **NO_STRIPE, STOREFRONT="off")

    codes = {path: got(shop, path).status_code for path in ("/", "/cart", "/storefront/config.json")}
    shop.close()

    assert set(codes.values()) == {404}


def test_in_production_it_is_off_until_it_is_asked_for() -> None:
    here = Settings.from_environment({})

    assert here.has_storefront and not replace(here, storefront=False).has_storefront
    assert not replace(here, environment="production").has_storefront
    assert replace(here, environment="production", storefront=True).has_storefront


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("STOREFRONT", "yes"),
        ("STRIPE_PUBLISHABLE_KEY", "sk_live_1"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_test_1; script-src *"),
        ("MEDIA_ORIGINS", "https://images.example.com; script-src *"),
        ("MEDIA_ORIGINS", "images.example.com"),
        ("MEDIA_ORIGINS", "https://images.example.com/mugs"),
        ("MEDIA_ORIGINS", "https://user@images.example.com"),
        ("MEDIA_ORIGINS", "*"),
    ],
)
def test_a_setting_that_would_change_the_policy_is_refused(name: str, wrong: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: wrong})


def test_the_policy_has_no_exception() -> None:
    assert "unsafe" not in policy(["https://images.example.com"], by_stripe=True)


def test_a_browser_at_an_address_of_nothing_gets_a_page_and_a_client_a_problem(served: Shop) -> None:
    page = got(served, "/carts", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    client, api = got(served, "/carts", Accept="*/*"), got(served, "/api/v1/carts", Accept="text/html")

    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert page.headers.getlist("Content-Security-Policy") == [STRICT]
    assert (client.status_code, client.json["code"]) == (404, "not_found")
    assert (api.status_code, api.json["code"]) == (404, "not_found")
