"""What staff store for other systems travels in no event: a consumer has no use for it, and it may be personal."""

from typing import Any

from tests.contracts.golden import contracts, schema_of

PRIVATE = {"external_reference", "external_references", "metadata"}


def test_no_event_has_a_field_for_it() -> None:
    fields: dict[str, set[str]] = {name: set(_fields(schema_of(event))) for name, event in contracts().items()}

    assert fields and all(fields.values())
    assert {name: found & PRIVATE for name, found in fields.items() if found & PRIVATE} == {}


def _fields(schema: Any) -> list[str]:
    """The names of all fields in an event, also of those inside its lists."""
    return [name for each in schema["$defs"].values() for name in each["properties"]]
