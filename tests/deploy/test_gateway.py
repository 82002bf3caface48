"""One base URL for all modules: each path reaches its module and no other, and paths of no module are not found."""

import json
import re
import socket
import time
from pathlib import Path

import pytest

from app.config.settings import Settings
from app.factory import create_app
from app.web.bodies import LARGE
from app.web.problems import CODES
from app.web.storefront import ACCOUNT, PAGES, PAYING
from tests.conftest import ROOT, until
from tests.deploy.conftest import Entrance, stand_in
from tests.topologies import MODULES
from tests.web.served import published_to


def paths_of(name: str, folder: Path) -> set[str]:
    """An example of every path of a module."""
    app = create_app(MODULES[name], settings=Settings.from_environment({"QUARTET_DATA": str(folder)}))
    own = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in app.extensions["quartet_module_of"]
    ]
    return {re.sub("<[^>]*>", "01a20d02-8961-757a-a059-97a01e45ea32", rule.rule) for rule in own}


@pytest.mark.parametrize("name", MODULES)
def test_every_path_of_a_module_reaches_it_and_no_other(name: str, entrance: Entrance, tmp_path: Path) -> None:
    paths = paths_of(name, tmp_path)

    reached = {path: entrance.ask(f"{path}?limit=1").json for path in paths}

    assert len(paths) > 3
    assert {received["module"] for received in reached.values()} == {name}
    assert {received["path"] for received in reached.values()} == {f"{path}?limit=1" for path in paths}


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/api/v1/metrics",
        "/bus",
        "/api/v1/productsx",
        "/api/v2/products",
        "/products",
        "/api/v1/../../metrics",
    ],
)
def test_whatever_no_module_has_is_not_found(path: str, entrance: Entrance) -> None:
    answer = entrance.ask(path, X_Request_Id="mine")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["code"] == "not_found"
    assert (answer.json["request_id"], answer.headers["X-Request-Id"]) == ("mine", "mine")


@pytest.mark.parametrize("path", ["/", "/search?q=mug", "/product/mug", "/orders/1", "/storefront/1a/js/app.js"])
def test_the_shop_window_is_there_and_stays_while_orders_is_away(path: str, entrance: Entrance) -> None:
    first = entrance.ask(path)
    port = entrance.ends("orders")

    away = entrance.ask(path)

    entrance.modules["orders"] = stand_in("orders", port)
    assert first.json["module"] == "orders" and away.json == first.json


@pytest.mark.parametrize(
    ("opened", "asked"),
    [("/", "/orders/1"), ("/cart", "/account/orders"), ("/product/mug", "/search"), ("/checkout", "/checkout/1")],
)
def test_a_page_of_the_shop_window_that_nobody_has_opened_is_there_while_orders_is_away(
    opened: str, asked: str, entrance: Entrance
) -> None:
    first = entrance.ask(opened)
    port = entrance.ends("orders")

    away = entrance.ask(asked)

    entrance.modules["orders"] = stand_in("orders", port)
    assert (away.status_code, away.json) == (200, first.json)


def test_pages_with_and_without_stripe_are_kept_apart(entrance: Entrance) -> None:
    """Their Content-Security-Policy differs: only where a card is asked for may Stripe's script be loaded."""
    assert [entrance.ask(path).json["path"] for path in ("/", "/checkout", "/checkout/1", "/cart")] == [
        "/",
        "/checkout",
        "/checkout",
        "/",
    ]


def test_the_gateway_knows_which_pages_of_the_shop_window_pay() -> None:
    patterns = re.findall(
        r'^ +"~(\^/.*)" "?(page|page that pays)"?;$', (ROOT / "deploy/gateway/nginx.conf").read_text(), re.MULTILINE
    )
    rules = {"page": PAGES + ACCOUNT, "page that pays": PAYING}

    for pattern, kind in patterns:
        known = {rule for rule in PAGES + ACCOUNT + PAYING if re.match(pattern, rule.replace("<ref>", "one"))}
        assert known == set(rules.pop(kind))
    assert not rules


@pytest.mark.parametrize(
    ("path", "stands_for"),
    [
        ("/category/..%2Fstorefront%2F1a%2Fjs%2Fapp.js", "/storefront/1a/js/app.js"),
        ("/orders/..%2Fcheckout", "/checkout"),
        ("/category/%2e%2e%2f", "/"),
        ("/product/..//cart", "/cart"),
        ("/search/./", "/search/"),
    ],
)
def test_no_page_of_the_shop_window_is_patterns_another(path: str, stands_for: str, entrance: Entrance) -> None:
    """nginx reads both paths as the same, and the application does not: a page could take the place of a script."""
    first, second = entrance.ask(path), entrance.ask(stands_for)

    assert (first.json["path"], second.json["path"]) == (path, stands_for)


def test_an_unavailable_module_is_reported_and_is_back_at_once(entrance: Entrance) -> None:
    port = entrance.ends("orders")

    away = entrance.ask("/api/v1/orders?x=%22", X_Request_Id='"; evil')
    others = [entrance.ask(path).status_code for path in ("/api/v1/products", "/api/v1/payments", "/api/v1/users/me")]
    entrance.modules["orders"] = stand_in("orders", port)
    back = entrance.ask("/api/v1/orders")

    assert (away.status_code, away.mimetype, away.headers["Retry-After"]) == (503, "application/problem+json", "1")
    assert away.json["code"] == "module_unavailable"
    assert "orders" in away.json["detail"]
    assert away.json["instance"] == "/api/v1/orders"
    assert re.fullmatch("[0-9a-f]{32}", away.json["request_id"])
    assert others == [200, 200, 200]
    assert back.status_code == 200


def test_a_module_that_is_away_leaves_a_page_at_the_desk(entrance: Entrance) -> None:
    entrance.ends("payments")

    away = entrance.ask("/desk/payments/of-order/1", Cookie="desk_token=x")
    other = entrance.ask("/desk/users/sign-in", Cookie="desk_token=x")
    nothing = entrance.ask("/desk/nothing")

    assert (away.status_code, away.mimetype, away.headers["Cache-Control"]) == (503, "text/html", "no-store")
    assert "The module payments does not answer" in away.text
    assert (other.json["module"], other.json["headers"]["Cookie"]) == ("users", "desk_token=x")
    assert (nothing.status_code, nothing.mimetype, nothing.headers["Cache-Control"]) == (404, "text/html", "no-store")
    assert "The desk has no page at this address" in nothing.text


@pytest.mark.parametrize(
    ("accepted", "language", "sentence"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Das Modul payments antwortet nicht"),
        ("fr,de;q=0.5", "de", "Das Modul payments antwortet nicht"),
        ("en,de;q=0.5", "en", "The module payments does not answer"),
        ("fr", "en", "The module payments does not answer"),
        ("", "en", "The module payments does not answer"),
    ],
)
def test_that_page_is_in_the_language_of_the_browser(
    accepted: str, language: str, sentence: str, entrance: Entrance
) -> None:
    entrance.ends("payments")

    away = entrance.ask("/desk/payments", Accept_Language=accepted)
    nothing = entrance.ask("/desk/nothing", Accept_Language=accepted)

    assert f'<html lang="{language}">' in away.text and sentence in away.text
    assert f'<html lang="{language}">' in nothing.text
    assert ("Hier ist nichts" in nothing.text) == (language == "de")


def test_a_body_over_the_cap_stops_at_the_gateway(entrance: Entrance) -> None:
    cap = Settings.from_environment({}).max_body_bytes

    fits = entrance.ask("/api/v1/orders", "POST", "x" * (cap - 2))
    over = entrance.ask("/api/v1/orders", "POST", "x" * (cap - 1))

    assert (fits.status_code, fits.json["length"]) == (200, cap)
    assert (over.status_code, over.json["code"]) == (413, "body_too_large")


def test_the_address_of_a_client_is_the_one_that_the_gateway_saw(entrance: Entrance) -> None:
    received = entrance.ask("/api/v1/orders", X_Forwarded_For="10.0.0.1", X_Request_Id="mine").json["headers"]

    assert received["X-Forwarded-For"] == "127.0.0.1"
    assert received["X-Request-Id"] == "mine"


def test_large_bodies_pass_on_their_way_to_routes_that_take_them_alone(entrance: Entrance, tmp_path: Path) -> None:
    long = "x" * (LARGE - 2)
    large = {re.sub("<[^>]*>", "mug", path) for name in MODULES for path in large_of(name, tmp_path)}

    assert {path.split("/")[3] for path in large if path.startswith("/api/")} == {"products", "promotions", "shipping"}
    for path in large:
        assert entrance.ask(path, "POST", long).json["length"] == LARGE, path
    assert entrance.ask("/api/v1/products", "POST", long + "x").status_code == 413
    for path in ("/api/v1/orders", "/api/v1/productsx", "/api/v1/auth/login"):
        assert entrance.ask(path, "POST", long).status_code == 413, path


def large_of(name: str, folder: Path) -> set[str]:
    """The paths of a module that take large bodies."""
    environment = {"QUARTET_DATA": str(folder / name), "DESK": "on"}
    app = create_app(MODULES[name], settings=Settings.from_environment(environment))
    found = set()
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        of_methods = [getattr(getattr(view, "view_class", view), method.lower(), view) for method in rule.methods or ()]
        if any(getattr(each, "large_body", False) for each in of_methods):
            found.add(rule.rule)
    return found


@pytest.mark.parametrize("sku", ["A%2FB", "A%2Fmovements", "50%25", "a%20b%2Bc", "Gr%C3%B6%C3%9Fe"])
def test_a_path_is_forwarded_as_it_was_sent_and_also_in_a_header(sku: str, entrance: Entrance) -> None:
    path = f"/api/v1/stock/{sku}"

    received = entrance.ask(f"{path}?limit=1", X_Original_URI="/elsewhere").json

    assert (received["module"], received["path"]) == ("catalog", f"{path}?limit=1")
    assert received["headers"]["X-Original-URI"] == f"{path}?limit=1"


def test_the_documents_of_all_modules_are_there(entrance: Entrance) -> None:
    paths = ("/docs", "/docs/start.js", "/openapi.json", "/asyncapi.json")
    page, script, document, events = (entrance.ask(path) for path in paths)

    assert page.mimetype == "text/html"
    assert script.mimetype == "application/javascript"
    assert {"/api/v1/products", "/api/v1/orders", "/api/v1/payments", "/api/v1/users"} <= set(document.json["paths"])
    assert set(events.json["channels"]) == {"catalog", "orders", "payments", "users"}
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert document.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_each_modules_own_readiness_can_be_asked_for(entrance: Entrance) -> None:
    entrance.ends("users")

    assert entrance.ask("/readyz/orders").json["path"] == "/readyz"
    assert entrance.ask("/readyz/users").status_code == 503
    assert entrance.ask("/readyz").json == {"status": "ready"}


def test_its_cap_is_the_shops_own() -> None:
    conf = (ROOT / "deploy/gateway/nginx.conf").read_text()

    cap = Settings.from_environment({}).max_body_bytes
    assert f"client_max_body_size {cap // 1024}k;" in conf
    assert cap % 1024 == 0


def test_it_answers_an_error_with_the_sentence_of_the_modules() -> None:
    conf = (ROOT / "deploy/gateway/nginx.conf").read_text()

    written = re.findall(r'"status": (\d+), "code": "(\w+)", "detail": "([^"]*)"', conf)

    of_modules = [(code, (int(status), detail)) for status, code, detail in written if code in CODES]
    assert len(of_modules) == len(dict(of_modules)) > 5
    assert dict(of_modules).items() <= CODES.items()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [4, pytest.param(20, marks=pytest.mark.thorough)])
def test_five_hundred_slow_connections_keep_nobody_out(entrance: Entrance, seconds: float) -> None:
    place = entrance.url.removeprefix("http://").split(":")
    slow = [socket.create_connection((place[0], int(place[1]))) for _ in range(500)]
    begun = (
        b"POST /api/v1/orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    )
    for each in slow:
        each.sendall(begun)

    answered, max_pause, end = [], 0.0, time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        for each in slow:
            each.sendall(b"x")
        answered += [entrance.ask(path).status_code for path in ("/livez", "/readyz/catalog", "/api/v1/orders")]
        max_pause = max(max_pause, time.monotonic() - began)
        time.sleep(0.5)

    for each in slow:
        each.close()
    assert set(answered) == {200}
    assert max_pause < 19, "nobody waits until the slow ones are given up, after 20 s"


def test_its_log_is_json(entrance: Entrance, tmp_path: Path) -> None:
    entrance.ask('/api/v1/orders/%22%0a"')

    def logged() -> bool:
        return "orders" in (tmp_path / "gateway/access.log").read_text()

    until(logged, "the request is in the log")
    [line] = [line for line in (tmp_path / "gateway/access.log").read_text().splitlines() if "orders" in line]
    assert json.loads(line)["module"] == "orders"


def sent(entrance: Entrance, head: str, body: bytes = b"") -> tuple[int, bytes]:
    """Send these bytes. Returns the status and the whole response."""
    answer = published_to(int(entrance.url.rpartition(":")[2]), head, body)
    assert answer, "it answers"
    return int(answer[9:12]), answer


GET = "GET {} HTTP/1.1\nHost: shop\nConnection: close\n\n"
POST = "POST /api/v1/orders HTTP/1.1\nHost: shop\nConnection: close\nContent-Type: application/json\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (GET.format("/api/v1/products/%00"), 400),
        (GET.format("/%00"), 400),
        (GET.format("/api/v1/products/%zz"), 400),
        (GET.format("/%zz"), 400),
        (GET.format("/api/v1/products/%"), 400),
        (GET.format("/../api"), 400),
        (GET.format("products"), 400),
        (GET.format("/api/v1/products/" + "a" * 9_000), 414),
        (GET.format("/").replace("\n\n", "\nX-A: " + "a" * 9_000 + "\n\n"), 431),
        (GET.format("/").replace("\n\n", "\nBad Header: a\n\n"), 400),
        ("CONNECT shop:80 HTTP/1.1\nHost: shop\nConnection: close\n\n", 400),
        ("TRACE /api/v1/products HTTP/1.1\nHost: shop\nConnection: close\n\n", 405),
        ("GET / HTTP/1.1\nConnection: close\n\n", 400),
        ("GET / HTTP/1.1\nHost: a\nHost: b\nConnection: close\n\n", 400),
        ("GET / HTTP/3.0\nHost: a\nConnection: close\n\n", 501),
        ("GARBAGE\n\n", 400),
        (POST + "Transfer-Encoding: gzip, chunked\n\n", 501),
        (POST + "Transfer-Encoding: x\n\n", 501),
        (POST + "Transfer-Encoding: chunked\n\nZZZ\n", 400),
        (POST + "Transfer-Encoding: chunked\n\n2\n[]\nZZZ\n", 400),
        (POST + "Transfer-Encoding: chunked\nContent-Length: 5\n\n0\n\n", 400),
        (POST + "Content-Length: -1\n\n", 400),
        (POST + "Content-Length: 5\nContent-Length: 6\n\n", 400),
        (POST + "Content-Length: 9999999\n\n", 413),
    ],
    ids=lambda each: repr(each)[:60],
)
def test_invalid_http_is_refused_as_a_problem(head: str, status: int, entrance: Entrance) -> None:
    received, answer = sent(entrance, head)

    assert received == status, answer
    assert b"application/problem+json" in answer and b"<html" not in answer
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert problem["status"] == status and problem["detail"] and problem["request_id"]
    assert len(answer) < 4_096


def test_a_body_in_chunks_goes_on_with_its_length(entrance: Entrance) -> None:
    status, answer = sent(entrance, POST + "Transfer-Encoding: chunked\n\n", b"2\r\n[]\r\n0\r\n\r\n")

    assert status == 200
    received = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert received["length"] == 2 and "Transfer-Encoding" not in received["headers"]


@pytest.mark.parametrize("path", ["/problems/not_found", "/problems/internal_error", "/problems/"])
def test_its_own_pages_are_asked_for_by_nobody(path: str, entrance: Entrance) -> None:
    assert (entrance.ask(path).status_code, entrance.ask(path).json["code"]) == (404, "not_found")
