"""The committed JSON Schema and sample of every event and version, and what may change in them."""

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from app.bus.contracts import PUBLISHERS
from app.bus.event import TYPES, Event

GOLDEN = Path(__file__).parent / "golden"
BY_TYPE = {"string": "a text", "integer": 1, "boolean": True, "number": 1.5}
BY_NAME = {
    "currency": "EUR",
    "deadline": "2026-01-31T12:00:00Z",
    "sku": "mug-blue",
    "name": "Mug, blue – 0.3 l",
    "reason": "cancelled_by_customer",
    "code": "card_declined",
    "algorithm": "EdDSA",
    "public_key": "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n",
}
AN_ID = "019ac2b4-7a1f-7c3e-9d55-0f4a51c9e102"


def contracts() -> dict[str, type[Event]]:
    """Every event that app/bus/contracts declares, by type, without those of tests."""
    for publisher in PUBLISHERS:
        import_module(f"app.bus.contracts.{publisher}")
    return {name: event for name, event in sorted(TYPES.items()) if event.__module__.startswith("app.bus.contracts.")}


def schema_of(event: type[Event]) -> Any:
    """The current JSON Schema of an event. Before Python 3.13 a docstring keeps its indentation."""
    return json.loads(msgspec.json.encode(msgspec.json.schema(event)), object_hook=_unindented)


def _unindented(part: dict[str, Any]) -> dict[str, Any]:
    text = part.get("description")
    return part | {"description": cleandoc(text)} if isinstance(text, str) else part


def schema_file(type: str) -> Path:
    return GOLDEN / f"{type}.schema.json"


def sample_file(type: str) -> Path:
    return GOLDEN / f"{type}.sample.json"


def written(value: Any) -> str:
    """JSON as it is committed: one field per line, so that a change is easy to see."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The changes in `new` that break publishers or consumers of `old`; only optional additions do not."""
    return list(_breaks("", old, old, new, new))


def example_of(schema: Mapping[str, Any], whole: Mapping[str, Any], name: str = "") -> Any:
    """Example data that fits this schema."""
    here = target(schema, whole)
    if here.get("type") == "array":
        return [example_of(here["items"], whole)]
    if here.get("type") == "object":
        return {name: example_of(field, whole, name) for name, field in here["properties"].items()}
    if here["type"] == "string" and (name.endswith("_id") or name == "kid"):
        return AN_ID
    return BY_NAME.get(name, BY_TYPE[here["type"]])


def _breaks(
    path: str, old: Mapping[str, Any], all_old: Mapping[str, Any], new: Mapping[str, Any], all_new: Mapping[str, Any]
) -> Iterator[str]:
    old, new = target(old, all_old), target(new, all_new)
    if _kind(old) != _kind(new):
        yield f"{path or 'the event'} was {_kind(old)}, is {_kind(new)}"
        return
    if "items" in old:
        yield from _breaks(f"{path}[]", old["items"], all_old, new["items"], all_new)
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{path}.{name} is required now"
    for name, field in before.items():
        if name in after:
            yield from _breaks(f"{path}.{name}", field, all_old, after[name], all_new)
        else:
            yield f"{path}.{name} is gone"


def target(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema to which this one refers, or itself."""
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: Mapping[str, Any]) -> str:
    """The constraints of a schema without fields and items, which are compared one by one."""
    ours = {"properties", "required", "items", "title", "description", "default", "$defs"}
    return json.dumps({name: value for name, value in schema.items() if name not in ours}, sort_keys=True)
