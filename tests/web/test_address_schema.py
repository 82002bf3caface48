"""The schema of an address, which bodies of several modules have."""

from typing import Any

import pytest
from marshmallow import ValidationError, fields

from app.kernel.address import BAD_PHONE, Address
from app.web import schemas

HOME = {"name": "Ada", "line1": "Plein 2", "city": "Den Haag", "postal_code": "2511cr", "country": "NL"}


class Parcel(schemas.Schema):
    """A body with an address inside."""

    ship_to = fields.Nested(schemas.Address, required=True)


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


def test_a_phone_number_may_be_copied_from_a_list_of_contacts() -> None:
    assert (
        Parcel().load({"ship_to": HOME | {"phone": "\u202a+31 70\u200e 318 22 11\u202c"}})["ship_to"].phone
        == "+31 70 318 22 11"
    )
    assert refused(HOME | {"phone": "call me"})["ship_to"]["phone"] == [BAD_PHONE]
    assert refused(HOME | {"phone": "+31\x0070"})["ship_to"]["phone"] == [
        "Character 4 (U+0000) is a control character: leave it out."
    ]
