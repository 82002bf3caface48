"""What staff store for other systems travels in no event: a consumer has no use for it, and it may be personal.

Nor does personal data itself: it lies in one place only, where it can be erased.
"""

from typing import Any

import pytest

from tests.contracts.golden import contracts, schema_of

PRIVATE = {"external_reference", "external_references", "metadata"}
PERSONAL = {"email", "mail", "phone", "telephone", "mobile", "street", "line1", "line2", "address", "addresses", "city"}
PERSONAL |= {
    "postal",
    "postcode",
    "zip",
    "company",
    "contact",
    "language",
    "birthday",
    "iban",
    "vat",
    "ip",
    "recipient",
}
PERSONAL |= {"surname", "lastname", "firstname", "password", "username", "recipient"}
NAMES = {  # the name of a thing is no personal data; a new event with a name is listed here, or has another word
    "catalog.offer_changed.v1",
    "orders.order_audit_requested.v1",
    "orders.order_audited.v1",
    "orders.order_nudged.v1",
    "orders.order_placed.v1",
}


def test_no_event_has_a_field_for_it() -> None:
    fields: dict[str, set[str]] = {name: set(_fields(schema_of(event))) for name, event in contracts().items()}

    assert fields and all(fields.values())
    assert {name: found & PRIVATE for name, found in fields.items() if found & PRIVATE} == {}


@pytest.mark.parametrize("event", contracts())
def test_no_event_has_a_field_that_is_named_like_personal_data(event: str) -> None:
    fields = _fields(schema_of(contracts()[event]))

    assert [each for each in fields if is_personal(each)] == []
    assert event in NAMES or "name" not in fields


@pytest.mark.parametrize("name", ["email", "email_address", "shipping_address", "phone", "postal_code"])
def test_such_a_field_is_recognised(name: str) -> None:
    assert is_personal(name)


def is_personal(name: str) -> bool:
    """Whether a field is named like personal data, as a whole or by one of its words."""
    return not PERSONAL.isdisjoint(name.split("_"))


def _fields(schema: Any) -> list[str]:
    """The names of all fields in an event, also of those inside its lists."""
    return [name for each in schema["$defs"].values() for name in each["properties"]]
