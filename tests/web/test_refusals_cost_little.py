"""To refuse costs no more than to take: every route that takes a body is sent the largest, the longest and the deepest.

Counted, not timed: the fields that are read, the errors that are told, statements, and bytes of the answer.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import marshmallow
import pytest
from sqlalchemy import Engine, event

from app.web.bounds import MAX_ERRORS, MAX_LIST_LENGTH, max_length, room_of
from app.web.schemas import Schema
from tests.architecture.test_mass_assignment import TAKES_ANY_BODY, bodies, example, objects_in, put, resolved
from tests.shop import ALICE, Caller, Shop

pytestmark = pytest.mark.slow

CAP = 262_144  # bytes; MAX_BODY_BYTES
MAX_BYTES = 8_192
SECRET = "hunter2"  # a value, which no answer repeats
ANYWHERE = "00000000-0000-7000-8000-000000000001"
Body = Callable[[str], str]  # of the value that is to stand somewhere in it


@pytest.fixture(scope="module")
def reported(shop: Shop) -> Any:
    """The document that the shop serves."""
    return shop.as_guest().get("/openapi.json").json


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Counts the fields that are loaded and the statements that are run from now on."""
    counts: Counter[str] = Counter()
    reads = marshmallow.fields.Field.deserialize

    def deserialize(*args: Any, **kwargs: Any) -> Any:
        counts["fields"] += 1
        return reads(*args, **kwargs)

    def statement(*_: Any) -> None:
        counts["statements"] += 1

    monkeypatch.setattr(marshmallow.fields.Field, "deserialize", deserialize)
    event.listen(Engine, "before_cursor_execute", statement)
    yield counts
    event.remove(Engine, "before_cursor_execute", statement)


def filled(piece: str) -> str:
    """A piece repeated until the body has its maximum size."""
    return ",".join([piece] * ((CAP - 2_000) // (len(piece) + 1)))


def names(size: int, start: str = "") -> str:
    """As many names as fit into a body."""
    return ",".join(f'"{start}{n:x}":"{SECRET}"' for n in range(size // (len(start) + 18)))


HOSTILE = {
    "a long list of numbers": f"[{filled('1')}]",
    "a long list of texts": f"[{filled(json.dumps(SECRET))}]",
    "a long list of empty objects": f"[{filled('{}')}]",
    "a long list of wrong objects": f"[{filled(json.dumps({'wrong': SECRET}))}]",
    "a long list of lists": f"[{filled('[]')}]",
    "a deep list": "[" * 120_000 + "]" * 120_000,
    "a deep object": '{"a":' * 40_000 + "1" + "}" * 40_000,
    "twelve levels": "[" * 12 + json.dumps(SECRET) + "]" * 12,
    "many names": f"{{{names(CAP - 2_000)}}}",
    "many escaped names": f"{{{names(CAP - 2_000, chr(92) + 'u0001')}}}",
    "long names": json.dumps({f"{n}" + "n" * 10_000: SECRET for n in range(24)}),
    "a hundred names": f"{{{names(1_800)}}}",
    "a long text": json.dumps(SECRET * 35_000),
    "a long address": json.dumps("a@" + "a." * 130_000 + "b"),
    "a text of marks": json.dumps("\u0301" * 130_000, ensure_ascii=False),
    "a text of escapes": '"' + "\\u0001" * 43_000 + '"',
    "a text of backslashes": '"' + "\\\\" * 130_000 + '"',
    "a long number": "9" * 4_200,
}


def places(reported: Any, schema: Any) -> Iterator[Body]:
    """Every place of a value in a body, including the whole body and an unknown name."""
    yield lambda value: value
    whole = example(reported, schema)
    for way, inner in objects_in(reported, resolved(reported, schema)):
        good = example(reported, inner)
        for name in [*inner["properties"], "unknown"]:
            text = json.dumps(put(whole, way, {**good, name: "%PLACE%"}))
            yield lambda value, text=text: text.replace('"%PLACE%"', value)  # type: ignore[misc]


def send(caller: Caller, method: str, path: str, body: str) -> Any:
    address = "/".join(ANYWHERE if part.startswith("{") else part for part in path.split("/"))
    headers = {**caller.headers, "Idempotency-Key": "k", "If-Match": '"v1"', "Content-Type": "application/json"}
    return caller.door.test_client().open(address, method=method.upper(), data=body, headers=headers)


def leaves(errors: Any) -> int:
    """The number of messages in an error."""
    return sum(map(leaves, errors.values())) if isinstance(errors, dict) else len(errors)


def test_there_are_routes_to_try(reported: Any) -> None:
    assert len(bodies(reported)) >= 15


@pytest.mark.parametrize("what", HOSTILE)
def test_no_route_reads_or_says_more_for_a_body_that_nobody_needs(
    shop: Shop, reported: Any, registry: Counter[str], what: str
) -> None:
    admin, tried = shop.as_customer(ALICE, "admin"), 0

    for (method, path), schema in bodies(reported).items():
        send(admin, method, path, "{}")  # a revocation is looked for every two seconds
        registry.clear()
        send(admin, method, path, json.dumps({"unknown": 1}))
        usual = registry.copy()
        for place in places(reported, schema):
            body = place(HOSTILE[what])
            registry.clear()
            answer = send(admin, method, path, body[: CAP + 1])
            tried += 1

            where = (method, path, body[:80])
            assert answer.status_code in {400, 404, 413, 422}, (where, answer.status_code, answer.data[:300])
            assert len(answer.data) <= MAX_BYTES, (where, len(answer.data))
            assert SECRET.encode() not in answer.data, where
            assert leaves(answer.json.get("errors", {})) <= MAX_ERRORS, where
            assert registry["statements"] <= usual["statements"] + 4, (where, registry)
            assert registry["fields"] <= 2 * max_fields(reported, schema), (where, registry, usual)
    assert tried >= 100
    print(f"{what}: {tried} bodies refused")


def max_fields(reported: Any, schema: Any) -> int:
    """The fields of a body with one item in each of its lists."""
    return sum(len(inner["properties"]) for _, inner in objects_in(reported, resolved(reported, schema))) + 5


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_no_answer_is_long_because_the_address_was(shop: Shop, reported: Any, method: str) -> None:
    admin = shop.as_customer(ALICE, "admin")
    long = ["x" * 7_500, "%22" * 2_500, "a/" * 3_000]

    for path, item in reported["paths"].items():
        for text in long if method in item else ():
            for asked in ("/".join(text if "{" in part else part for part in path.split("/")), f"{path}?{text}=1"):
                answer = send(admin, method, asked.replace("{", "").replace("}", ""), "{}")

                assert answer.status_code < 500, (asked[:80], answer.status_code)
                if answer.status_code >= 400:
                    assert len(answer.data) <= MAX_BYTES, (asked[:80], len(answer.data))


@pytest.mark.parametrize("path", sorted(path for _, path in TAKES_ANY_BODY))
def test_what_is_not_signed_is_not_read(shop: Shop, registry: Counter[str], path: str) -> None:
    for body in HOSTILE.values():
        answer = send(shop.as_guest(), "post", path, body)

        assert 400 <= answer.status_code < 500 and len(answer.data) <= MAX_BYTES
    assert not registry


def test_what_is_slightly_too_long_is_refused_by_its_name(shop: Shop) -> None:
    alice, item = shop.as_customer(ALICE), {"sku": "MUG", "quantity": 1}
    total = {"amount": 1, "currency": "EUR"}

    longer: Any = alice.post("/orders", {"items": [item] * (MAX_LIST_LENGTH + 1), "expected_total": total}).json
    none: Any = alice.post("/orders", {"items": [], "expected_total": total}).json

    assert longer["errors"] == none["errors"] == {"items": ["Length must be between 1 and 100."]}


def test_a_body_is_refused_for_all_that_is_wrong_with_it_up_to_a_few(shop: Shop) -> None:
    total = {"amount": 1, "currency": "EUR"}

    answer: Any = shop.as_customer(ALICE).post("/orders", {"items": [{"x": 1}] * 50, "expected_total": total}).json

    assert leaves(answer["errors"]) == MAX_ERRORS
    assert answer["errors"]["items"]["0"]["x"] == ["Unknown field."]


def every_schema(kind: type[marshmallow.Schema]) -> Iterator[type[marshmallow.Schema]]:
    for each in kind.__subclasses__():
        yield each
        yield from every_schema(each)


def test_every_kind_of_body_has_room_for_so_much_and_no_more(reported: Any) -> None:
    """A list that declares no maximum length has the default one, so that no route reads an unlimited list."""
    known = {each.__name__: each for each in every_schema(Schema)}
    kinds = [known[name] for name in reported["components"]["schemas"] if name in known and name in taken(reported)]

    assert len(kinds) >= 10
    for kind in kinds:
        assert room_of(kind).values <= 20_000 and room_of(kind).depth <= 5, kind
        for field in kind().load_fields.values():
            assert 0 < max_length(field) <= 65_000, (kind, field)


def taken(reported: Any) -> set[str]:
    """The names of the schemas that routes take as bodies."""
    schemas = [
        reported["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
        for method, path in bodies(reported)
    ]
    return {each["$ref"].rpartition("/")[2] for each in schemas if "$ref" in each}
