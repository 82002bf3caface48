"""CORS: pages of the configured origins may read our responses, and no others."""

from collections.abc import Callable

import pytest

from app.config.reading import SettingsError
from app.config.settings import Settings
from tests.shop import ALICE, Shop

Make = Callable[..., Shop]
SHOP, TILL = "https://shop.example.com", "http://localhost:3000"
EXPOSED = {"ETag", "X-Cart-Token", "Link", "Location", "Retry-After", "RateLimit", "Idempotency-Replayed"}


@pytest.fixture
def known(shop_with: Make) -> Shop:
    return shop_with(CORS_ORIGINS=f"{SHOP}, {TILL}", MAX_BODY_BYTES="100")


def listed(text: str) -> set[str]:
    return {part.strip() for part in text.split(",")}


@pytest.mark.parametrize("origin", [SHOP, TILL])
def test_a_page_of_an_origin_that_is_named_reads_what_it_needs(known: Shop, origin: str) -> None:
    answer = known.as_guest().get("/products", headers={"Origin": origin})

    assert answer.headers.getlist("Access-Control-Allow-Origin") == [origin]
    assert listed(answer.headers["Access-Control-Expose-Headers"]) == EXPOSED
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/orders", 401), ("POST", "/orders", 413), ("PATCH", "/products", 405)],
)
def test_it_reads_refusals_as_well(known: Shop, method: str, path: str, status: int) -> None:
    alice = known.as_customer(ALICE) if status == 413 else known.as_guest()
    body = {"items": "x" * 200} if status == 413 else None

    answer = alice._open(method, path, json=body, headers={"Origin": SHOP})

    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://shop.example.com",
        "https://shop.example.com:8443",
        "https://shop.example.com.evil.example",
        "https://shopxexample.com",
        "https://x.shop.example.com",
        "http://localhost",
        "*",
        "",
    ],
)
def test_no_other_origin_is_let_in(known: Shop, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    answers = [
        known.as_guest().get("/products", headers=asked),
        known.app.test_client().options("/api/v1/orders", headers=asked),
    ]

    for answer in answers:
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]
        assert "Origin" in listed(",".join(answer.headers.getlist("Vary"))), "or a cache gives it to those who are"


def test_a_preflight_request_is_answered_with_what_a_browser_may_send(known: Shop) -> None:
    sent = "authorization, idempotency-key, if-match, x-cart-token, content-type, x-evil"
    asked = {"Origin": SHOP, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": sent}

    reported = known.app.test_client().options("/api/v1/products/mug", headers=asked)

    assert reported.status_code == 200
    assert reported.headers["Access-Control-Allow-Origin"] == SHOP
    assert "PATCH" in listed(reported.headers["Access-Control-Allow-Methods"])
    assert listed(reported.headers["Access-Control-Allow-Headers"]) == listed(sent) - {"x-evil"}
    assert reported.headers["Access-Control-Max-Age"] == "600"
    assert "Access-Control-Allow-Credentials" not in reported.headers


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/readyz"])
def test_what_is_not_the_api_is_for_nobody(known: Shop, path: str) -> None:
    answer = known.app.test_client().get(path, headers={"Origin": SHOP})

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "wrong", ["*", "null", "shop.example.com", "https://shop.example.com/", "https://*.example.com", "https://a:b"]
)
def test_what_is_no_origin_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"^CORS_ORIGINS is .*: give origins such as https://shop\.example\.com"):
        Settings.from_environment({"CORS_ORIGINS": wrong})
