"""Builds /openapi.json: flask-smorest's description of the routes, completed with what their decorators declare."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

import msgspec
from apispec import APISpec
from flask import Flask

from app.web.operation import ETAG, IDEMPOTENCY_KEY, LINK, REPLAYED, RETRY_AFTER, Header, Operation
from app.web.problems import MORE

REF = "#/components/schemas/"
PROBLEM = "application/problem+json"
BEARER: dict[str, list[str]] = {"bearer": []}
WHO = {"customer": "For signed-in customers.", "staff": "For staff.", "admin": "For admins."}
UNAUTHORIZED = "not_signed_in bad_token token_expired token_revoked"
OF_BODIES = {400: "bad_request", 411: "length_required", 413: "body_too_large", 415: "unsupported_media_type"}
GROUPS = ("shop", "staff", "operators")


@lru_cache(8)
def document(app: Flask, spec: APISpec) -> bytes:
    """The whole document, as JSON. It is built once for each application."""
    described: dict[str, Any] = spec.to_dict()
    components = described.setdefault("components", {})
    components["schemas"] = _views(app) | components.get("schemas", {})
    components["schemas"].pop("PaginationMetadata", None)
    components["responses"] = {"Problem": _refusal("Any other error.", [])}
    tags: dict[str, dict[str, dict[str, Any]]] = {group: {} for group in GROUPS}
    about = {tag["name"]: tag["description"] for tag in described.get("tags", [])}
    for path, method, view in _methods(app):
        if documented := described["paths"].get(path, {}).get(method):
            _complete(documented, path, view)
            for taken in _arguments(view):
                if rules := getattr(taken["schema"], "described", None):
                    components["schemas"][type(taken["schema"]).__name__] |= rules
            group = _group(path, getattr(view, "access", None))
            [tag] = documented["tags"]
            documented["tags"] = [name := f"{tag}_staff" if group == "staff" else tag]
            tags[group][name] = {"name": name, "description": about[tag]}
    described["tags"] = [tag for group in tags.values() for tag in group.values()]
    described["x-tagGroups"] = [{"name": group, "tags": [*of]} for group, of in tags.items() if of]
    return msgspec.json.encode(_plain(described))


def _methods(app: Flask) -> Iterator[tuple[str, str, Callable[..., object]]]:
    """Yield path, HTTP method and view method of every route that is served by a class."""
    for rule in app.url_map.iter_rules():
        view = getattr(app.view_functions[rule.endpoint], "view_class", None)
        for method in rule.methods or () if view else ():
            if handler := getattr(view, method.lower(), None):
                yield _template(rule.rule), method.lower(), handler


def _complete(documented: dict[str, Any], path: str, method: Callable[..., object]) -> None:
    """Add the operation's id, its security, its parameters, and its responses."""
    own: Operation = getattr(method, "operation", Operation("", (), {}, False))
    access: str | None = getattr(method, "access", None)
    if own.id:
        shared = [
            tag.removeprefix("ops") for tag in documented["tags"] if tag.startswith("ops_")
        ]  # the same route exists once for each module: the module's name makes the id unique
        documented["operationId"] = own.id + "".join(shared)
    documented["security"] = [BEARER] if access else [{}, BEARER] if own.token_optional else []
    if access:
        documented.setdefault("description", WHO[access])
    _demand(documented, method, own)
    refusals = defaultdict[int, list[str]](list)
    if "{" in path:
        refusals[404].append("not_found")  # of a value that no address has, such as half an id
    for status, codes in _refusals(documented, own, access, getattr(method, "limit", "")):
        refusals[status] += codes.split()
    documented["responses"] = (
        _successes(documented, method, own)
        | {str(status): _refusal(HTTPStatus(status).phrase, codes) for status, codes in sorted(refusals.items())}
        | {"default": {"$ref": "#/components/responses/Problem"}}
    )


def _demand(documented: dict[str, Any], method: Callable[..., object], own: Operation) -> None:
    """Add the parameters, including headers, and an example of the body."""
    documented["parameters"] = [_query(each) for each in documented.get("parameters", [])] + [
        _header(each) for each in own.headers
    ]
    for argument in _arguments(method):
        if argument["in"] == "json":
            documented["requestBody"]["content"]["application/json"]["example"] = argument["schema"].example
        documented["parameters"] += [_family(*each) for each in getattr(argument["schema"], "prefixes", {}).items()]


def _arguments(method: Callable[..., object]) -> list[dict[str, Any]]:
    """The schemas of its query and of its body, each with its location."""
    found: list[dict[str, Any]] = getattr(method, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    return found


def _successes(documented: dict[str, Any], method: Callable[..., object], own: Operation) -> dict[str, Any]:
    """The 2xx responses with their headers; a GET whose response has an ETag may also answer 304."""
    responses = {status: each for status, each in documented["responses"].items() if status.startswith("2")}
    is_list = {"limit", "cursor"} <= {each["name"] for each in documented["parameters"]}
    more = (LINK if is_list else {}) | (REPLAYED if IDEMPOTENCY_KEY in own.headers else {})
    for each in responses.values():
        if headers := each.get("headers", {}) | _headers(more):
            each["headers"] = headers
    if method.__name__ == "get" and any("ETag" in each.get("headers", {}) for each in responses.values()):
        responses["304"] = {
            "description": "Unchanged: it still has the ETag in If-None-Match.",
            "headers": _headers(ETAG),
        }
    return responses


def _refusals(documented: dict[str, Any], own: Operation, access: str | None, limit: str) -> Iterator[tuple[int, str]]:
    if access or own.token_optional:
        yield 401, UNAUTHORIZED
    if access in {"staff", "admin"}:
        yield 403, "role_missing"
    if "requestBody" in documented:
        yield from OF_BODIES.items()
    if "requestBody" in documented or documented["parameters"]:
        yield 422, "invalid_request"
    for header in own.headers:
        yield from (header.refusals or {}).items()
    yield from own.refusals.items()
    if limit != "none":
        yield 429, "rate_limited"


def _refusal(description: str, codes: list[str]) -> dict[str, Any]:
    """A response that is a problem with one of these codes, with the additional members of these codes."""
    schema: dict[str, Any] = {"$ref": f"{REF}Problem"}
    if codes:
        more = {name: kind for code in codes for name, kind in MORE.get(code, {}).items()}
        schema = {"allOf": [schema, {"properties": {"code": {"enum": list(dict.fromkeys(codes))}, **more}}]}
    waits = {"headers": _headers(RETRY_AFTER)} if "rate_limited" in codes else {}
    return {"description": description, "content": {PROBLEM: {"schema": schema}}} | waits


def _headers(described: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"description": each, "schema": {"type": "string"}} for name, each in described.items()}


def _header(header: Header) -> dict[str, Any]:
    return {
        "in": "header",
        "name": header.name,
        "required": header.required,
        "description": header.description,
        "schema": {"type": "string", **header.schema},
        "example": header.example,
    }


def _family(prefix: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A family of parameters whose names share a prefix."""
    return {
        "in": "query",
        "name": prefix + "*",
        "description": f"Any number of `{prefix}<name>=<value>`; a name given twice matches either of its values.",
        "style": "form",
        "explode": True,
        "schema": {"type": "object", **schema},
        "example": {f"{prefix}Material": "stoneware"},
    }


def _query(parameter: dict[str, Any]) -> dict[str, Any]:
    """The parameter without null in its schema: a parameter of a query is present or absent, never null."""
    schema = dict(parameter.get("schema", {}))
    if isinstance(kind := schema.get("type"), list):
        schema["type"] = next(each for each in kind if each != "null")
        schema["enum"] = [each for each in schema.get("enum", []) if each is not None]
    return parameter | {"schema": {name: each for name, each in schema.items() if each not in ([], None)}}


def _group(path: str, access: str | None) -> str:
    if path.startswith("/api/v1/ops/"):
        return "operators"
    return "staff" if access in {"staff", "admin"} else "shop"


def _views(app: Flask) -> dict[str, Any]:
    """A component for each view that a route returns, and for each type inside these views."""
    views = {view for _, _, method in _methods(app) for view in getattr(method, "views", ())}
    _, components = msgspec.json.schema_components(views, ref_template=REF + "{name}")
    enums = {REF + name: components.pop(name) for name in [*components] if "enum" in components[name]}
    for component in components.values():
        component["description"] = cleandoc(component.get("description", ""))
    return {name: _with_enums(component, enums) for name, component in sorted(components.items())}


def _with_enums(schema: Any, enums: dict[str, Any]) -> Any:
    """Replace references to enums by the enums themselves: two modules may each have an enum named Status."""
    if isinstance(schema, list):
        return [_with_enums(each, enums) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref") in enums:
        return {"type": "string", "enum": enums[schema["$ref"]]["enum"]}
    return {name: _with_enums(each, enums) for name, each in schema.items()}


def _plain(described: Any) -> Any:
    r"""Adapt the schema to OpenAPI: \Z in patterns becomes $ (as in ECMAScript), maxLength of objects maxProperties."""
    if isinstance(described, list):
        return [_plain(each) for each in described]
    if isinstance(described, dict):
        if described.get("type") == "object" and "maxLength" in described:
            described = {"maxProperties" if name == "maxLength" else name: each for name, each in described.items()}
        return {
            name: each.replace(r"\Z", "$") if name == "pattern" and isinstance(each, str) else _plain(each)
            for name, each in described.items()
            if (name, each) != ("default", None)  # clients leave optional fields out; they do not send null
        }
    return described


def _template(rule: str) -> str:
    """The rule in OpenAPI's notation: /orders/<uuid:id> becomes /orders/{id}."""
    parts = rule.replace("<", "{").replace(">", "}").split("{")
    return "{".join(part if "}" not in part else part.split(":")[-1] for part in parts)
