"""The schema of an address, which bodies of several modules have."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.kernel.address import BAD_PHONE, Address
from app.web import schemas

HOME = {"name": "Ada", "line1": "Plein 2", "city": "Den Haag", "postal_code": "2511cr", "country": "NL"}


class Parcel(schemas.Schema):
    """A body with an address inside."""

    ship_to = schemas.AddressField(required=True)


def refused(address: Any) -> Any:
    with pytest.raises(ValidationError) as error:
        Parcel().load({"ship_to": address})
    return error.value.messages


def test_it_becomes_an_address() -> None:
    address = Parcel().load({"ship_to": HOME})["ship_to"]

    assert address == Address("Ada", "", "Plein 2", "", "Den Haag", "", "2511 CR", "NL", "")


def test_a_refusal_names_the_field_wherever_the_address_is() -> None:
    assert refused(HOME | {"postal_code": "2511"}) == {
        "ship_to": {"postal_code": ["This is no postal code of NL: give one of the form 9999 AA."]}
    }
    assert refused(HOME | {"city": "", "name": " "}) == {
        "ship_to": {"name": ["Give a name or a company."], "city": ["Give the city."]}
    }
    assert refused({"line1": "Plein 2"}) == {"ship_to": {"country": ["Missing data for required field."]}}
    assert refused(HOME | {"postcode": "2511"}) == {"ship_to": {"postcode": ["Unknown field."]}}
    assert refused([]) == {"ship_to": {"_schema": ["Invalid input type."]}}


TEXTS = st.sampled_from(
    [
        "",
        " ",
        "A",
        " A1 ",
        "a" * 200,
        "a" * 201,
        "D-10115",
        "10115",
        "NL",
        "DE",
        "de",
        "TX",
        "US-TX",
        "+31 70",
        "\t",
        "é",
        "\u202e",
    ]
)
FIELDS = st.sampled_from([*HOME, "company", "line2", "region", "phone", "postcode"])


@pytest.mark.slow
@given(st.dictionaries(FIELDS, st.one_of(TEXTS, st.none(), st.integers())), st.booleans())
@settings(max_examples=300)
def test_one_in_plain_ascii_becomes_what_marshmallow_makes_of_it(changes: dict[str, Any], from_home: bool) -> None:
    def outcome(load: Callable[[Any], Any]) -> Any:
        try:
            return load(HOME | changes if from_home else changes)
        except ValidationError as error:
            return error.messages

    assert outcome(schemas.AddressField().deserialize) == outcome(schemas.Address().load)


def test_a_phone_number_may_be_copied_from_a_list_of_contacts() -> None:
    assert (
        Parcel().load({"ship_to": HOME | {"phone": "\u202a+31 70\u200e 318 22 11\u202c"}})["ship_to"].phone
        == "+31 70 318 22 11"
    )
    assert refused(HOME | {"phone": "call me"})["ship_to"]["phone"] == [BAD_PHONE]
    assert refused(HOME | {"phone": "+31\x0070"})["ship_to"]["phone"] == [
        "Character 4 (U+0000) is a control character: leave it out."
    ]
