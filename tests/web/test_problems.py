"""Every error is answered in one shape, application/problem+json."""

from typing import Any

import pytest
from werkzeug.exceptions import HTTPException, default_exceptions

from app.kernel.errors import Stale
from app.kernel.money import Money
from tests.shop import ALICE, Shop
from tests.web.steps import assert_problem

GOOD = '{"items": [{"sku": "MUG", "quantity": 1}], "expected_total": {"amount": 900, "currency": "EUR"}}'
DEEP = "[" * 100_000 + "]" * 100_000


def orders(shop: Shop, body: str | bytes, kind: str = "application/json", **headers: str) -> Any:
    """Send POST /orders with these bytes as its body."""
    signed_in = shop.as_customer(ALICE).headers | {"Idempotency-Key": "k"} | headers
    return shop.app.test_client().post("/api/v1/orders", data=body, content_type=kind, headers=signed_in)


@pytest.mark.parametrize(
    "path", ["/carts", "/nothing", "/api/v1/nothing", "/api/v2/orders", "/api/v1/orders/not-an-id"]
)
def test_what_is_not_there_is_a_problem(shop: Shop, path: str) -> None:
    problem = assert_problem(shop.app.test_client().get(path), 404, "not_found")

    assert problem["instance"] == path


def test_the_type_of_a_problem_leads_to_a_page_of_ours_that_explains_it(shop: Shop) -> None:
    missing = shop.as_customer(ALICE).get("/orders/00000000-0000-7000-8000-000000000001")
    problem = assert_problem(missing, 404, "no_such_order")
    path, _, code = problem["type"].partition("#")

    with shop.app.test_client().get(path) as page:
        assert page.mimetype == "text/html"
        assert f'<dt id="{code}">' in page.text


def test_the_refusals_of_the_domain_are_problems_too(shop: Shop) -> None:
    answer = shop.as_customer(ALICE).get("/orders/00000000-0000-7000-8000-000000000001")

    assert_problem(answer, 404, "no_such_order")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/orders", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("DELETE", "/api/v1/products", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("GET", "/api/v1/auth/login", {"OPTIONS", "POST"}),
        ("POST", "/livez", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/api/v1/cart", {"DELETE", "GET", "HEAD", "OPTIONS"}),
    ],
)
def test_another_method_is_answered_with_those_that_work(shop: Shop, method: str, path: str, allowed: set[str]) -> None:
    answer = shop.app.test_client().open(path, method=method)

    assert_problem(answer, 405, "method_not_allowed")
    assert {each.strip() for each in answer.headers["Allow"].split(",")} == allowed


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "a"],
)
def test_only_json_is_read(shop: Shop, kind: str) -> None:
    assert_problem(orders(shop, GOOD, kind), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        "{",
        '{"items": [}',
        "{'items': []}",
        GOOD + "}",
        '{"items": NaN}',
        GOOD.replace("900", "NaN"),
        GOOD.replace("900", "Infinity"),
        GOOD.replace("900", "9" * 5000),
        DEEP,
        '{"items": ' + DEEP + "}",
        '{"a":' * 40_000,
        b"\xff\xfe\xfa",
        GOOD.encode().replace(b"MUG", b"\xc3\x28"),
        GOOD.encode("utf-16"),
    ],
    ids=lambda body: repr(body)[:70],
)
def test_what_is_not_json_is_a_bad_request(shop: Shop, body: str | bytes) -> None:
    assert_problem(orders(shop, body), 400, "bad_request")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        '"text"',
        "1",
        "{}",
        GOOD.replace("900", "-1"),
        GOOD.replace("900", "900.5"),
        GOOD.replace("900", '"900"'),
        GOOD.replace("900", "true"),
        GOOD.replace('"MUG"', "{}"),
        GOOD.replace("MUG", "MUG\\u0000"),
        GOOD.replace('"EUR"', "null"),
        GOOD.replace('{"sku": "MUG", "quantity": 1}', "1, 2"),
    ],
    ids=lambda body: repr(body)[:70],
)
def test_json_of_another_shape_is_refused(shop: Shop, body: str | bytes) -> None:
    problem = assert_problem(orders(shop, body), 422, "invalid_request")

    assert problem["errors"]


@pytest.mark.parametrize("body", [GOOD.replace("MUG", "\\ud800"), GOOD.replace("900", "1e400")], ids=str)
def test_what_json_can_write_and_nothing_can_hold_is_refused(shop: Shop, body: str) -> None:
    answer = orders(shop, body)

    status = answer.status_code
    assert_problem(answer, status, {400: "bad_request", 422: "invalid_request"}[status])


def test_a_name_given_twice_is_refused(shop: Shop) -> None:
    shop.offers("MUG", Money(900, "EUR"))

    twice = orders(shop, GOOD.replace('"quantity": 1', '"quantity": 1, "quantity": 1'))
    once = orders(shop, GOOD)

    assert_problem(twice, 400, "bad_request")
    assert once.status_code == 201


def test_each_wrong_field_is_named(shop: Shop) -> None:
    body = {"items": [{"sku": "..", "quantity": 0}], "expected_total": {"amount": "9"}, "coupon": 1}

    problem = assert_problem(shop.as_customer(ALICE).post("/orders", body), 422, "invalid_request")

    assert problem["errors"].keys() == {"items", "expected_total", "coupon"}
    assert problem["errors"]["items"]["0"].keys() == {"sku", "quantity"}
    assert problem["errors"]["expected_total"].keys() == {"amount", "currency"}


def test_a_wrong_parameter_is_named(shop: Shop) -> None:
    problem = assert_problem(shop.as_guest().get("/products?limit=101&price_min=-1&sort=size"), 422, "invalid_request")

    assert problem["errors"].keys() == {"limit", "price_min", "sort"}


def test_a_broken_token_is_a_problem_that_asks_for_a_good_one(shop: Shop) -> None:
    answer = shop.app.test_client().get("/api/v1/orders", headers={"Authorization": "Bearer a.b.c"})

    assert_problem(answer, 401, "bad_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


class Broken(Exception):
    """An exception that no handler expects."""


@pytest.fixture(scope="module")
def broken(shop: Shop) -> Shop:
    """The shop, with views that raise the requested exception."""

    def breaks(name: str) -> None:
        if name == "stale":
            raise Stale
        if name.isdigit():
            raise default_exceptions[int(name)]
        raise Broken("secret detail: password=hunter22 in /work/app/secret.py")

    shop.app.__dict__["_got_first_request"] = False  # a route of the test's own, after the shop was asked
    shop.app.add_url_rule("/breaks/<name>", "breaks", breaks)
    return shop


def test_an_internal_error_reveals_nothing_of_our_insides(broken: Shop, caplog: pytest.LogCaptureFixture) -> None:
    answer = broken.app.test_client().get("/breaks/unexpectedly", headers={"X-Request-Id": "find-me"})

    problem = assert_problem(answer, 500, "internal_error")
    assert problem["request_id"] == "find-me"
    assert b"secret" not in answer.data and b"Broken" not in answer.data
    found = [record for record in caplog.records if record.exc_info and record.exc_info[0] is Broken]
    assert len(found) == 1


@pytest.mark.parametrize("status", sorted(set(default_exceptions) - {401, 500}))
def test_every_exception_of_the_library_is_a_problem(broken: Shop, status: int) -> None:
    assert issubclass(default_exceptions[status], HTTPException)

    answer = broken.app.test_client().get(f"/breaks/{status}")

    expected = status if status <= 501 else 500  # 501: of Transfer-Encoding
    assert answer.json is not None
    assert_problem(answer, expected, answer.json["code"])


def test_what_lost_every_race_may_be_tried_again(broken: Shop) -> None:
    answer = broken.app.test_client().get("/breaks/stale")

    assert_problem(answer, 503, "busy")
    assert int(answer.headers["Retry-After"]) >= 1
