"""Whatever is in a path or a query, every GET route answers without an internal error."""

from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest

from tests.shop import Caller, Shop
from tests.web.steps import assert_problem

pytestmark = pytest.mark.slow

HOSTILE: list[str | bytes] = [
    "' OR 1=1--",
    "'; DROP TABLE products;--",
    '" OR ""="',
    "1) UNION SELECT * FROM users--",
    "\\",
    "%",
    "_",
    "%%%",
    "*",
    "*:*",
    "/.*/",
    "(((",
    ")))",
    "NEAR(",
    "a AND OR NOT",
    'x" NEAR/9 y',
    "name:mug",
    "{}",
    "[]",
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<script>alert(1)</script>",
    "../../../etc/passwd",
    "..\\..\\windows",
    "file:///etc/passwd",
    "http://127.0.0.1:9/",
    "\x00",
    "mug\x00",
    "\x01\x02\x1f\x7f",
    "a\r\nX-Injected: yes",
    b"\xff\xfe",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    "\u202e",
    "\ufeff",
    "\U0001f37a" * 50,
    "e\u0301" * 100,
    "ﷺ" * 50,
    "İıſK",
    "٣",
    "-1",
    "0",
    "1e309",
    "NaN",
    "Infinity",
    "99999999999999999999999999",
    "1.5",
    "true",
    "null",
    "undefined",
    "None",
    "00000000-0000-0000-0000-000000000000",
    "x" * 2_000,
    "a " * 2_000,
    "a*" * 500,
]


def escaped(text: str | bytes) -> str:
    return quote_from_bytes(text, safe="") if isinstance(text, bytes) else quote(text, safe="")


ids = [repr(each)[:30] for each in HOSTILE]


@pytest.fixture(scope="module")
def admin(shop: Shop) -> Caller:
    """An admin, who may call every route, so that each request is really read."""
    caller = shop.as_staff(role="admin")
    mug = {"name": "Mug", "variants": [{"sku": "MUG", "price": {"amount": 900, "currency": "EUR"}}]}
    assert caller.post("/products", mug).status_code == 201
    shop.settle()
    return caller


@pytest.fixture(scope="module")
def readable(shop: Shop) -> dict[str, set[str]]:
    """Every GET of the API, and the parameters of its query."""
    reported: Any = shop.as_guest().get("/openapi.json").json
    return {
        path: {each["name"] for each in item["get"].get("parameters", []) if each["in"] == "query"}
        for path, item in reported["paths"].items()
        if "get" in item
    }


def assert_answered(answer: Any, asked: str) -> None:
    assert answer.status_code < 500, (asked, answer.data[:300])
    assert "X-Injected" not in answer.headers
    if answer.status_code >= 400:
        assert_problem(answer, answer.status_code, answer.json["code"])


def ask(caller: Caller, path: str) -> Any:
    return caller.door.test_client().get(path, headers=caller.headers)


def test_there_is_something_to_ask(readable: dict[str, set[str]]) -> None:
    assert len(readable) >= 15
    assert {"q", "category", "sort", "limit", "cursor"} <= readable["/api/v1/products"]


@pytest.mark.parametrize("text", HOSTILE, ids=ids)
def test_in_a_query_it_is_only_text(readable: dict[str, set[str]], admin: Caller, text: str | bytes) -> None:
    for path, names in readable.items():
        address = path.replace("{sku}", "MUG").replace("{ref}", "mug").replace("{slug}", "mugs")
        address = "/".join(
            "00000000-0000-7000-8000-000000000001" if "{" in each else each for each in address.split("/")
        )
        for name in {*names, "unknown", "attr.colour", "attr." + "x" * 300} - {"wait"}:
            asked = f"{address}?{name}={escaped(text)}"

            assert_answered(ask(admin, asked), asked)


@pytest.mark.parametrize("text", HOSTILE, ids=ids)
def test_nor_is_it_more_in_a_path_or_in_the_name_of_a_parameter(
    readable: dict[str, set[str]], admin: Caller, text: str | bytes
) -> None:
    for path in readable:
        filled = "/".join(escaped(text) if "{" in each else each for each in path.split("/"))

        assert_answered(ask(admin, filled), filled)
        assert_answered(ask(admin, f"{path}?{escaped(text)}=1&{escaped(text)}"), path)


@pytest.mark.parametrize("text", ["' OR 1=1--", '" OR ""="', "%", "_", "zzz*", "1) UNION SELECT * FROM users--"])
def test_a_search_finds_nothing_by_a_trick(admin: Caller, text: str) -> None:
    answer: Any = admin.get("/products", query_string={"q": text})

    assert answer.status_code == 200
    assert answer.json["items"] == []
    assert [each["name"] for each in admin.get("/products?q=mug").json["items"]] == ["Mug"]  # type: ignore[index]


@pytest.mark.parametrize("wait", ["-1", "31", "1.5", "ten", "", "1e1", "999999999999"])
def test_nobody_waits_for_longer_than_we_let_them(admin: Caller, wait: str) -> None:
    answer = admin.get(f"/orders/00000000-0000-7000-8000-000000000001?wait={wait}")

    assert_problem(answer, 422, "invalid_request")
