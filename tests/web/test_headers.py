"""Security headers, methods that every route has, and nonsensical requests."""

import re

import pytest

from tests.shop import ALICE, Shop

EVERYWHERE = [
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/asyncapi.json",
    "/docs",
    "/api/v1/products",
    "/api/v1/orders",
    "/nothing",
]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_keeps_browsers_from_guessing(shop: Shop, path: str) -> None:
    with shop.app.test_client().get(path) as answer:
        headers = answer.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-eval" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [each for each in EVERYWHERE if each != "/docs"])
def test_what_is_no_page_may_load_nothing(shop: Shop, path: str) -> None:
    policy = shop.app.test_client().get(path).headers["Content-Security-Policy"]

    assert policy == "default-src 'none'; frame-ancestors 'none'"


def test_what_is_for_one_person_is_kept_by_nobody_on_the_way(shop: Shop) -> None:
    wrong = {"email": "nobody@shop.example.com", "password": "wrong password"}

    personal = [shop.as_customer(ALICE).get("/orders"), shop.as_guest().post("/auth/login", wrong)]

    assert [each.headers["Cache-Control"] for each in personal] == ["no-store", "no-store"]


def test_a_guests_cart_is_kept_by_nobody_on_the_way(shop: Shop) -> None:
    client = shop.app.test_client()
    mine = {"X-Cart-Token": "mine"}

    answers = [
        client.get("/api/v1/cart"),
        client.get("/api/v1/cart", headers=mine),
        client.put("/api/v1/cart/items/NOTHING", json={"quantity": 1}),
        client.delete("/api/v1/cart", headers=mine),
        client.get("/api/v1/products", headers=mine),
    ]

    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        varies = {part.strip() for line in answer.headers.getlist("Vary") for part in line.split(",")}
        assert varies == {"Authorization", "X-Cart-Token"}


def test_what_is_for_everybody_may_be_kept(shop: Shop) -> None:
    answer = shop.app.test_client().get("/api/v1/products")

    assert "no-store" not in answer.headers.get("Cache-Control", "")
    assert answer.headers.getlist("Vary") == ["Authorization"], "staff are told more"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost"])
def test_no_other_site_is_let_in(shop: Shop, origin: str) -> None:
    client = shop.app.test_client()
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    answers = [client.get("/api/v1/products", headers=asked), client.options("/api/v1/orders", headers=asked)]

    for answer in answers:
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_nothing_is_kept_in_cookies(shop: Shop) -> None:
    client = shop.app.test_client()

    answers = [client.get(path) for path in ("/livez", "/api/v1/products", "/api/v1/cart", "/nothing")]

    assert not any("Set-Cookie" in each.headers for each in answers)


@pytest.mark.parametrize("path", ["/livez", "/api/v1/products", "/api/v1/categories", "/api/v1/cart", "/openapi.json"])
def test_head_is_get_without_the_body(shop: Shop, path: str) -> None:
    client = shop.app.test_client()
    get, head = client.get(path), client.head(path)

    assert head.status_code == get.status_code == 200
    assert head.data == b"" and get.data != b""
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/orders", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/api/v1/users/me", {"GET", "HEAD", "OPTIONS", "PATCH"}),
        ("/api/v1/auth/login", {"OPTIONS", "POST"}),
    ],
)
def test_options_names_the_methods_and_asks_for_no_token(shop: Shop, path: str, allowed: set[str]) -> None:
    answer = shop.app.test_client().options(path)

    assert answer.status_code in {200, 204}
    assert {each.strip() for each in answer.headers["Allow"].split(",")} == allowed


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Encoding": "nonsense;q=banana"},
        {"Accept-Encoding": "gzip;q=0, *;q=0"},
        {"Accept-Encoding": ",,,;;;"},
        {"Accept-Encoding": "x" * 5000},
        {"Accept": "image/png"},
        {"Accept": "a/b/c;;q=,"},
        {"Accept-Language": "\xff"},
        {"Accept-Charset": "utf-7"},
        {"If-None-Match": '"'},
        {"If-None-Match": 'W/"x", *, "y'},
        {"If-Modified-Since": "yesterday"},
        {"If-Match": "*,*,"},
        {"Range": "bytes=9-1,-,x"},
        {"Prefer": "wait=-1; wait=99999999999"},
        {"Content-Length": "0", "Content-Type": "nonsense"},
        {"Cookie": "=;=;\x01"},
        {"Host": "evil.example"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Cart-Token": "\x7f" * 300},
        {"Traceparent": "00-zz"},
        {"Authorization": ""},
    ],
    ids=lambda headers: "; ".join(f"{name}: {text[:20]!r}" for name, text in headers.items()),
)
def test_a_client_that_asks_for_nonsense_gets_an_answer_all_the_same(shop: Shop, headers: dict[str, str]) -> None:
    answer = shop.app.test_client().get("/api/v1/products", headers=headers)

    assert answer.status_code == 200
    assert answer.mimetype == "application/json" and answer.json is not None


SPELT_OUT = {  # literal paths; another route has a variable in the place of their last segment
    "/api/v1/products/suggest": {"GET", "HEAD", "OPTIONS"},
    "/api/v1/ops/orders/parked/causes": {"GET", "HEAD", "OPTIONS"},
    "/api/v1/ops/orders/parked/retry": {"OPTIONS", "POST"},
    "/api/v1/users/me": {"GET", "HEAD", "OPTIONS", "PATCH"},
}


@pytest.mark.parametrize("path", SPELT_OUT)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_what_is_spelt_out_is_never_a_neighbours(shop: Shop, path: str, method: str) -> None:
    admin = shop.as_staff(role="admin")

    answer = admin._open(method, path, json={}, headers={"If-Match": '"v1"', "Idempotency-Key": "k"})

    assert (answer.status_code == 405) == (method not in SPELT_OUT[path])
    if method == "OPTIONS" or answer.status_code == 405:
        assert {each.strip() for each in answer.headers["Allow"].split(",")} == SPELT_OUT[path]


@pytest.mark.slow
def test_nobody_is_sent_to_the_host_that_a_client_names(shop: Shop) -> None:
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    paths = {
        re.sub("<[^>]*>", "01a20d02-8961-757a-a059-97a01e45ea32", each.rule) for each in shop.app.url_map.iter_rules()
    }
    assert len(paths) > 40

    for path in paths:
        odd = [
            path.replace("/", "//"),
            path.replace("/v1/", "//v1/"),
            f"/{path}",
            f"{path}/",
            f"{path}//",
            f"//evil.example{path}",
        ]
        for asked in [path, *odd, path + "/..", path.replace("/", "/./")]:
            with shop.app.test_client().get(asked, headers=evil, base_url="http://evil.example") as answer:
                assert not 300 <= answer.status_code < 400, (asked, answer.headers.get("Location"))
                assert "evil" not in answer.headers.get("Location", ""), asked
