"""The document describes what is served, and the page that displays it loads nothing from other servers."""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from app.web.texts import AT_ENDS, INVISIBLE, BadText, cleaned, is_visible, pattern
from tests.conftest import ROOT
from tests.shop import Shop

FOREIGN = re.compile(rb"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""")
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
PARAMETER = re.compile(r"{(\w+)}")


@pytest.fixture(scope="module")
def reported(shop: Shop) -> Any:
    return shop.as_guest().get("/openapi.json").json


def operations(reported: Any) -> list[tuple[str, str, Any]]:
    return [
        (method, path, operation)
        for path, item in reported["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def refs(content: Any) -> Iterator[str]:
    """Every $ref in the document."""
    if isinstance(content, dict):
        if isinstance(content.get("$ref"), str):
            yield content["$ref"]
        for inner in content.values():
            yield from refs(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from refs(inner)


def behind(reported: Any, ref: str) -> Any:
    assert ref.startswith("#/")
    found = reported
    for part in ref.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def test_it_is_openapi_3_1_and_says_what_it_is_of(reported: Any) -> None:
    assert reported["openapi"].startswith("3.1.")
    assert {"title", "version", "description"} <= reported["info"].keys()
    assert reported["paths"]


def test_every_reference_leads_somewhere(reported: Any) -> None:
    found = set(refs(reported))

    assert len(found) > 10
    for ref in found:
        assert behind(reported, ref)


def test_every_schema_is_json_schema(reported: Any) -> None:
    assert reported["components"]["schemas"]
    for schema in reported["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_operation_says_what_it_does_and_how_it_goes_wrong(reported: Any) -> None:
    assert len(operations(reported)) >= 35
    for method, path, operation in operations(reported):
        where = f"{method} {path}"
        assert operation.get("summary", "").strip(), where
        assert operation["tags"], where
        assert any(status.startswith("2") for status in operation["responses"]), where
        problem = operation["responses"]["default"]
        problem = behind(reported, problem["$ref"]) if "$ref" in problem else problem
        assert problem["content"].keys() == {"application/problem+json"}, where


def test_every_variable_of_a_path_is_described_and_no_other(reported: Any) -> None:
    for path, item in reported["paths"].items():
        for method in METHODS & item.keys():
            given = [*item.get("parameters", []), *item[method].get("parameters", [])]
            names = {each["name"] for each in given if each["in"] == "path"}
            assert names == set(PARAMETER.findall(path)), f"{method} {path}"
            assert all(each["required"] for each in given if each["in"] == "path")


def test_every_route_of_the_api_is_described_and_nothing_else_is(shop: Shop, reported: Any) -> None:
    served = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in shop.app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/.well-known/"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(method, path) for method, path, _ in operations(reported)} == served


def test_an_operation_asks_for_a_token_exactly_where_the_shop_does(shop: Shop, reported: Any) -> None:
    for method, path, operation in operations(reported):
        address = PARAMETER.sub("00000000-0000-7000-8000-000000000001", path)
        answer = shop.app.test_client().open(address, method=method.upper(), headers={"Idempotency-Key": "k"})

        asks = answer.status_code == 401 and answer.json is not None and answer.json["code"] == "not_signed_in"
        assert (operation["security"] == [{"bearer": []}]) == asks, f"{method} {path}"


def test_every_problem_is_described(reported: Any) -> None:
    problem = reported["components"]["schemas"]["Problem"]

    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= set(problem["required"])


def test_a_problem_may_say_more_than_its_members(reported: Any) -> None:
    assert reported["components"]["schemas"]["Problem"]["additionalProperties"] is True


def test_no_two_operations_share_an_id(reported: Any) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(reported) if "operationId" in operation]

    assert len(ids) == len(set(ids))


def test_the_page_needs_nobody_else(shop: Shop) -> None:
    with shop.app.test_client().get("/docs") as page:
        html, policy = page.get_data(), page.headers["Content-Security-Policy"]

    assert page.status_code == 200 and page.mimetype == "text/html"
    assert not FOREIGN.search(html)
    assert "default-src 'self'" in policy and "http" not in policy
    assets = re.findall(rb'(?:src|href)="(/[^"]+)"', html)
    assert len(assets) >= 3
    for asset in assets:
        with shop.app.test_client().get(asset.decode()) as answer:
            assert answer.status_code == 200 and answer.mimetype in {"text/css", "text/javascript"}
            assert asset.endswith(b".css") is False or not FOREIGN.search(answer.get_data())


def test_the_page_reads_our_document(shop: Shop) -> None:
    with shop.app.test_client().get("/docs/start.js") as script:
        assert b"/openapi.json" in script.get_data()
        assert b"//" not in script.get_data().replace(b"/openapi.json", b"")


@pytest.mark.parametrize("name", ["../openapi.py", "..%2fopenapi.py", "%2e%2e/auth.py", "nothing.js"])
def test_the_page_serves_nothing_but_its_own(shop: Shop, name: str) -> None:
    answer = shop.app.test_client().get(f"/docs/{name}")

    assert answer.status_code == 404


def test_every_body_has_an_example_that_is_as_the_document_says(reported: Any) -> None:
    bodies = [
        each["requestBody"]["content"]["application/json"] for *_, each in operations(reported) if "requestBody" in each
    ]

    assert len(bodies) > 20
    for body in bodies:
        schema = {**body["schema"], "components": reported["components"]}
        assert jsonschema_rs.validator_for(schema).is_valid(body["example"]), body


@pytest.mark.slow
def test_the_document_is_one(reported: Any) -> None:
    validate(reported)


def test_every_operation_has_a_name_of_its_own(reported: Any) -> None:
    names = [operation["operationId"] for *_, operation in operations(reported)]

    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)


def test_every_header_that_a_route_reads_is_documented(reported: Any) -> None:
    parameters = [parameter for *_, each in operations(reported) for parameter in each["parameters"]]
    named = {parameter["name"] for parameter in parameters if parameter["in"] == "header"}
    source = "".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    read = set(re.findall(r'request\.headers\.get\("([\w-]+)"', source))

    assert named == {"Idempotency-Key", "If-Match", "Prefer", "Stripe-Signature", "X-Cart-Token"}
    of_browsers = {"HX-Request", "Origin", "Sec-Fetch-Site"}  # at the desk
    asked_by_no_route = {"Authorization", "User-Agent", "X-Forwarded-For"}
    assert read - named == asked_by_no_route | of_browsers


def test_patterns_are_read_by_javascript_too(reported: Any) -> None:
    assert r"\Z" not in json.dumps(reported)


def test_the_document_says_which_idempotency_keys_are_taken(reported: Any) -> None:
    parameters = [each for *_, operation in operations(reported) for each in operation["parameters"]]
    taken = {each["schema"]["pattern"] for each in parameters if each["name"] == "Idempotency-Key"}

    [pattern] = map(re.compile, taken)
    for letter in map(chr, range(256)):
        assert bool(pattern.search(f"a{letter}b")) == letter.isprintable(), letter
    assert pattern.search("a") and not pattern.search(" a") and not pattern.search("")


def test_an_address_with_a_variable_may_be_none(reported: Any) -> None:
    for method, path, operation in operations(reported):
        if "{" in path:
            schema = operation["responses"]["404"]["content"]["application/problem+json"]["schema"]
            assert "not_found" in schema["allOf"][1]["properties"]["code"]["enum"], f"{method} {path}"


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("lacking", ["", AT_ENDS, INVISIBLE], ids=["empty", "blank", "unseen"])
def test_the_pattern_of_a_text_is_what_the_shop_takes(lines: bool, lacking: str) -> None:
    described = jsonschema_rs.validator_for({"type": "string", "pattern": pattern(lines, lacking)})
    letters = [*"a\u00e9\U0001f600 \t\n\r\x0b\x85\u2028\u3000\ufeff\u200b\u200d\u00ad"]
    letters += "\x00\x1f\x7f\x9f\u202e\u2066\ufdd0\uffff\ue000\u2800"

    for text in ("", *letters, *map("".join, product(letters, repeat=2))):
        try:
            stored = cleaned(text, lines)
            taken = not lacking or (is_visible(stored) if lacking == INVISIBLE else bool(stored))
        except BadText:
            taken = False
        assert described.is_valid(text) == taken, ascii(text)
