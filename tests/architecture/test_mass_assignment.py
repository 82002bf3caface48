"""No body may set a field that it must not set. The tests are generated from /openapi.json, which covers new routes."""

from copy import deepcopy
from typing import Any

import pytest

from tests.shop import ALICE, BOB, Caller, Shop

EXTRA: dict[str, Any] = {
    "id": "00000000-0000-7000-8000-000000000001",
    "user_id": "00000000-0000-7000-8000-000000000001",
    "customer_id": "00000000-0000-7000-8000-000000000001",
    "role": "admin",
    "is_admin": True,
    "scopes": ["*"],
    "status": "paid",
    "version": 999,
    "epoch": 0,
    "price": {"amount": 1, "currency": "EUR"},
    "amount": 1,
    "total": {"amount": 1, "currency": "EUR"},
    "on_hand": 999,
    "held": 0,
    "created_at": "2020-01-01T00:00:00Z",
    "__proto__": {"role": "admin"},
    "__class__": "Admin",
}
ANYWHERE = "00000000-0000-7000-8000-000000000001"
TAKES_ANY_BODY = {("post", "/api/v1/payments/webhooks/stripe")}  # the body is Stripe's, and is signed


@pytest.fixture(scope="module")
def reported(shop: Shop) -> Any:
    """The document that the shop serves."""
    return shop.as_guest().get("/openapi.json").json


def resolved(reported: Any, schema: Any) -> Any:
    """The schema that a $ref refers to."""
    while "$ref" in schema:
        schema = reported["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def bodies(reported: Any) -> dict[tuple[str, str], Any]:
    """The schema of every body that a route takes."""
    return {
        (method, path): resolved(reported, operation["requestBody"]["content"]["application/json"]["schema"])
        for path, operations in reported["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation and (method, path) not in TAKES_ANY_BODY
    }


def example(reported: Any, schema: Any) -> Any:
    """A value of a schema's type, with all required fields; it may be invalid otherwise."""
    schema = resolved(reported, schema)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    match kind if isinstance(kind, str) else kind[0]:
        case "object":
            return {name: example(reported, schema["properties"][name]) for name in schema.get("required", [])}
        case "array":
            return [example(reported, schema["items"])]
        case "integer":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
        case _:
            return schema.get("example", "X" * max(12, schema.get("minLength", 1)))


def send(caller: Caller, method: str, path: str, body: Any) -> Any:
    address = "/".join(ANYWHERE if part.startswith("{") else part for part in path.split("/"))
    headers = {**caller.headers, "Idempotency-Key": "k", "If-Match": '"v1"'}
    return caller.door.test_client().open(address, method=method.upper(), json=body, headers=headers)


def objects_in(reported: Any, schema: Any, way: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every object in a body that has named fields, and the path to it; of lists only the first item."""
    schema = resolved(reported, schema)
    if schema.get("type") == "array" or "array" in schema.get("type", ""):
        return objects_in(reported, schema["items"], (*way, "0"))
    found = [(way, schema)] if "properties" in schema else []
    for name, inner in schema.get("properties", {}).items():
        found += objects_in(reported, inner, (*way, name))
    return found


def test_there_are_bodies_to_try(reported: Any) -> None:
    found = bodies(reported)

    assert len(found) >= 15
    for each in [("post", "/api/v1/users"), ("post", "/api/v1/orders"), ("patch", "/api/v1/products/{ref}")]:
        assert each in found


@pytest.mark.slow
def test_a_field_that_is_not_its_to_set_is_refused_in_every_body(shop: Shop, reported: Any) -> None:
    admin = shop.as_customer(BOB, "admin")

    for (method, path), schema in bodies(reported).items():
        for field in EXTRA.keys() - schema["properties"].keys():
            answer = send(admin, method, path, {**example(reported, schema), field: EXTRA[field]})

            problem: Any = answer.json
            assert answer.status_code == 422, (method, path, field, problem)
            assert problem["code"] == "invalid_request"
            assert problem["errors"][field] == ["Unknown field."], (method, path, field, problem)


def test_nor_in_any_object_inside_a_body(shop: Shop, reported: Any) -> None:
    admin, tried = shop.as_customer(BOB, "admin"), 0

    for (method, path), schema in bodies(reported).items():
        for way, inner in objects_in(reported, schema):
            if not way:
                continue
            body = deepcopy(example(reported, schema))
            stuffed = {**example(reported, inner), "is_admin": True}
            answer = send(admin, method, path, put(body, way, stuffed))
            tried += 1

            assert answer.status_code == 422, (method, path, way, answer.json)
            assert "is_admin" in str(answer.json["errors"]), (method, path, way, answer.json)
    assert tried >= 5


def put(body: dict[str, Any], way: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The body with this value at the end of the path."""
    if way == ():
        return value  # type: ignore[no-any-return]
    first, *others = way
    rest = tuple(others)
    if rest[:1] == ("0",):
        return {**body, first: [put({}, rest[1:], value)]}
    return {**body, first: put(body.get(first, {}), rest, value)}


def test_a_new_account_is_a_customers_whatever_it_asks_for(shop: Shop) -> None:
    requested = {"email": "eve@shop.example.com", "password": "correct horse battery staple", "name": "Eve"}
    guest = shop.as_guest()

    for extra in ({"role": "admin"}, {"is_admin": True}, {"epoch": -1}, {"disabled": False}):
        assert guest.post("/users", {**requested, **extra}).status_code == 422
    honest: Any = guest.post("/users", requested).json

    assert honest["role"] == "customer"


def test_an_order_is_for_whoever_is_signed_in(shop: Shop) -> None:
    body = {"items": [{"sku": "MUG", "quantity": 1}], "expected_total": {"amount": 1, "currency": "EUR"}}

    answer: Any = shop.as_customer(ALICE).post("/orders", {**body, "customer_id": str(BOB)})

    assert answer.status_code == 422
    assert answer.json["errors"] == {"customer_id": ["Unknown field."]}
