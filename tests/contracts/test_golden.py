"""Events stay readable: current consumers can read new ones, and new code can read those published before."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.bus.event import FORMER, Event, Message, Unreadable
from app.kernel.ids import new_id
from tests.contracts.golden import GOLDEN, breaks, contracts, sample_file, schema_file, schema_of

HOW = "if that is meant, run `python -m tests.contracts.write` and commit what it writes"
CONTRACTS = contracts()
each_type = pytest.mark.parametrize("type", CONTRACTS)


@dataclass(frozen=True, kw_only=True)
class Shipped(Event, name="warehouse.shipped", version=1, key="order_id"):
    """An event of this test."""

    order_id: str
    parcels: list[str]
    note: str = ""


def holds(once: Any, now: Any) -> bool:
    """Whether all fields of an old sample are still published; there may be more."""
    if isinstance(once, dict):
        return isinstance(now, dict) and all(name in now and holds(once[name], now[name]) for name in once)
    if isinstance(once, list):
        return isinstance(now, list) and len(once) == len(now) and all(map(holds, once, now))
    return type(once) is type(now) and bool(once == now)


@each_type
def test_the_schema_is_the_committed_one(type: str) -> None:
    assert schema_file(type).exists(), f"{type} has no golden schema: {HOW}"

    golden = json.loads(schema_file(type).read_text())

    assert schema_of(CONTRACTS[type]) == golden, f"{type} has changed: {HOW}"


@each_type
def test_a_version_only_ever_gains_optional_fields(type: str) -> None:
    golden = json.loads(schema_file(type).read_text())

    assert breaks(golden, schema_of(CONTRACTS[type])) == [], f"{type} breaks its consumers: declare a new version"


@each_type
def test_a_committed_sample_is_read_and_published_again_with_all_its_fields(type: str) -> None:
    sample = sample_file(type).read_bytes()

    again = CONTRACTS[type].from_json(sample).to_json()

    assert json.loads(sample), f"the sample of {type} is empty"
    assert holds(json.loads(sample), json.loads(again))


@each_type
def test_a_committed_sample_fits_its_schema(type: str) -> None:
    schema = json.loads(schema_file(type).read_text())
    Draft202012Validator.check_schema(schema)

    Draft202012Validator(schema).validate(json.loads(sample_file(type).read_bytes()))


@each_type
def test_a_sample_without_a_required_field_is_unreadable(type: str) -> None:
    sample = json.loads(sample_file(type).read_bytes())
    schema = schema_of(CONTRACTS[type])
    required = schema["$defs"][CONTRACTS[type].__name__]["required"]
    assert required

    for name in required:
        body = json.dumps({field: value for field, value in sample.items() if field != name}).encode()
        with pytest.raises(Unreadable, match=name):
            CONTRACTS[type].from_json(body)


def test_everything_ever_committed_is_still_declared() -> None:
    committed = {path.name.rsplit(".", 2)[0] for path in GOLDEN.iterdir()}

    assert committed == set(CONTRACTS) | set(FORMER), "it may still be stored in an outbox or topic, or be parked"


@pytest.mark.parametrize("type", FORMER)
def test_what_an_earlier_release_published_is_read_as_todays_event(type: str) -> None:
    sample = sample_file(type).read_bytes()
    headers = {"ce_id": str(new_id()), "ce_type": type}

    message = Message(topic=type.partition(".")[0], key="1", headers=headers, body=sample)

    renamed = FORMER[type].renamed
    fields = {renamed.get(name, name): value for name, value in json.loads(sample).items()}
    assert message.type == FORMER[type].type
    assert holds(fields, json.loads(message.event().to_json()))


@pytest.mark.parametrize("type", FORMER)
def test_no_former_name_is_published_any_more(type: str) -> None:
    assert FORMER[type].type in CONTRACTS
    assert type not in CONTRACTS


def changed(**changes: Any) -> dict[str, Any]:
    """The schema of Shipped with some parts replaced."""
    schema = schema_of(Shipped)
    return {**schema, "$defs": {"Shipped": {**schema["$defs"]["Shipped"], **changes}}}


TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
NUMBERS = {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"properties": {"order_id": TEXT, "parcels": TEXTS}}, ".note is gone"),
        ({"properties": {"order_id": TEXT, "packets": TEXTS, "note": TEXT}}, ".parcels is gone"),
        ({"properties": {"order_id": {"type": "integer"}, "parcels": TEXTS, "note": TEXT}}, ".order_id was"),
        ({"properties": {"order_id": TEXT, "parcels": TEXT, "note": TEXT}}, ".parcels was"),
        ({"properties": {"order_id": TEXT, "parcels": NUMBERS, "note": TEXT}}, ".parcels[] was"),
        ({"required": ["order_id", "parcels", "note"]}, ".note is required now"),
        (
            {
                "properties": {"order_id": TEXT, "parcels": TEXTS, "note": TEXT, "weight": {"type": "integer"}},
                "required": ["order_id", "parcels", "weight"],
            },
            ".weight is required now",
        ),
    ],
)
def test_a_change_that_breaks_consumers_is_named(changes: dict[str, Any], problem: str) -> None:
    found = breaks(schema_of(Shipped), changed(**changes))

    assert any(each.startswith(problem) for each in found), found


def test_an_optional_field_more_breaks_nobody() -> None:
    more = {"order_id": TEXT, "parcels": TEXTS, "note": TEXT, "weight": {"type": "integer", "default": 0}}

    assert breaks(schema_of(Shipped), changed(properties=more)) == []


def test_an_unknown_field_is_ignored() -> None:
    consumed = Shipped.from_json(b'{"order_id": "1", "parcels": [], "colour": "blue"}')

    assert consumed == Shipped(order_id="1", parcels=[])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"not JSON",
        b'{"order_id": 1, "parcels": []}',
        b'{"order_id": "1", "parcels": "a"}',
        b'{"order_id": "1", "parcels": null}',
        b'{"order_id": "1", "parcels": []',
        b'{"order_id": "\xff\xfe", "parcels": []}',
        b'{"order_id": "1", "parcels": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_not_this_event_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"warehouse\.shipped\.v1"):
        Shipped.from_json(body)
