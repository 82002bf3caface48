"""Every answer that a test sees is held against the document that clients are made from."""

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.test import TestResponse

from app.web.problems import CODES
from tests.conftest import ROOT

FILE = ROOT / "deploy/gateway/openapi.json"  # a module that was written out has no gateway, and no document of all
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"paths": {}}
JSON = ("application/json", "application/problem+json")
RULES = [Rule(re.sub(r"\{(\w+)\}", r"<\1>", path), endpoint=path) for path in DOCUMENT["paths"]]
ROUTES = Map(RULES, merge_slashes=False).bind("shop")


def assert_described(method: str, url: str, answer: TestResponse) -> None:
    """The document has this answer of this operation, and what is in it is as the document says."""
    operation = _operation(method.lower(), url.partition("?")[0])
    if operation is None:
        return  # there is no such route: not one that clients are told of
    path, reported = operation
    status = str(answer.status_code)
    responses = reported["responses"]
    if answer.status_code == 304 or answer.mimetype not in JSON:
        assert answer.status_code in {200, 204, 304, 502}, f"{method} {path} answers {status} as {answer.mimetype}"
        return
    published = json.loads(answer.data)
    if answer.status_code >= 500 or (answer.status_code >= 400 and published.get("code") in CODES):
        status = "default"  # of the shop, and of no operation
    assert status in responses, f"{method} {path} does not say that it answers {status} {published.get('code')}"
    content = _resolved(responses[status]).get("content", {})
    assert answer.mimetype in content, f"{method} {path} {status} is described as {list(content)}"
    wrong = next(_validator(path, method.lower(), status).iter_errors(published), None)
    assert wrong is None, f"{method} {path} {status}: {wrong} in {published}"


@cache
def _operation(method: str, url: str) -> tuple[str, dict[str, Any]] | None:
    try:
        path, _ = ROUTES.match(url, method="GET")
    except HTTPException:
        return None
    reported = DOCUMENT["paths"][path].get(method)
    return (path, reported) if reported else None


@cache
def _validator(path: str, method: str, status: str) -> Any:
    responses = DOCUMENT["paths"][path][method]["responses"]
    [content] = _resolved(responses[status])["content"].values()
    return jsonschema_rs.validator_for({**content["schema"], "components": DOCUMENT["components"]})


def _resolved(reported: dict[str, Any]) -> dict[str, Any]:
    """What a reference to a shared response refers to."""
    name = reported.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["responses"][name] if name else reported
