"""Strict fields of requests and responses: 1.5 and "1" are never accepted as 1."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

import marshmallow
from marshmallow import ValidationError, fields, post_load, validate

from app.kernel import address, money
from app.kernel.countries import COUNTRIES
from app.web.texts import AT_ENDS, INVISIBLE, NO_TEXT, BadText, cleaned, is_plain, is_visible, pattern, without_formats

MAX_ITEM_QUANTITY = 1000
MAX_SKU_LENGTH = 100
MAX_REFERENCE_LENGTH = 100
MAX_METADATA, MAX_METADATA_NAME_LENGTH, MAX_METADATA_VALUE_LENGTH = 20, 40, 500  # names; characters
OTHERS = {"additionalProperties": True}  # in a condition that names some fields: linters ask for all of them else
NO_ADDRESS = dict.fromkeys(address.MAX_LENGTHS, "")
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class Schema(marshmallow.Schema):
    """A JSON object. Unknown fields are refused."""

    class Meta:
        unknown = marshmallow.RAISE


class Integer(fields.Integer):
    """A JSON integer between bounds; 1.0 is 1 (decision 49), true and "1" are refused."""

    def __init__(self, minimum: int = 0, maximum: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(minimum, maximum), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if type(value) is not int and not (type(value) is float and value.is_integer()):
            raise ValidationError("Not a valid integer.")
        return int(value)


class QueryInteger(fields.Integer):
    """A whole number in a query string: ASCII digits and nothing else."""

    def __init__(self, minimum: int = 0, maximum: int = 2**31 - 1, **kwargs: Any) -> None:
        self._max_digits = max(10, len(str(maximum)))
        super().__init__(validate=validate.Range(minimum, maximum), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= self._max_digits):
            raise ValidationError("Not a valid integer.")
        return int(value)


class Quantity(Integer):
    """A number of units: 1 to 1,000."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(minimum=1, maximum=MAX_ITEM_QUANTITY, **kwargs)


class Text(fields.String):
    """A text of one line, or of several with `lines`, cleaned by app.web.texts.

    Unless `visible` is off, a text without a visible character is empty, and refused if `min_length` is not 0.
    """

    def __init__(
        self, max_length: int = 200, min_length: int = 1, lines: bool = False, visible: bool = True, **kwargs: Any
    ) -> None:
        self._max_length, self._min_length, self._lines, self._visible = max_length, min_length, lines, visible
        self._lacking = (INVISIBLE if visible else AT_ENDS) if min_length else ""
        self.described: dict[str, Any] = {"pattern": pattern(lines, self._lacking)}
        super().__init__(validate=[validate.Length(min_length, max_length), *kwargs.pop("validate", [])], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, str):
            if len(value) > self._max_length:  # as it was sent (decision 49)
                raise ValidationError(f"Longer than maximum length {self._max_length}.")
            if is_plain(value):
                return value.strip(" ")
        try:
            text = cleaned(str(super()._deserialize(value, attr, data, **kwargs)), self._lines)
        except BadText as bad:
            raise ValidationError(str(bad)) from None
        if text and self._visible and not is_visible(text):
            if self._min_length:
                raise ValidationError("It has no visible character.")
            return ""
        return text


class DateTimeField(fields.AwareDateTime):
    """A time with its zone (RFC 3339), of the years 2000 to 2999."""

    described: ClassVar = {"pattern": "^2"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=_of_our_time, **kwargs)


def _of_our_time(time: datetime) -> None:
    if not EARLIEST.year <= time.year < LATEST.year:
        raise ValidationError("Must be of a year from 2000 to 2999.")


class Flag(fields.Boolean):
    """A JSON true or false; 1, 0 and texts are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("Not a valid boolean.")
        return value


class Slug(Text):
    """A name in a URL: lower-case letters, digits and single dashes."""

    def __init__(self, **kwargs: Any) -> None:
        letters = validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", error="Lower-case letters, digits and single dashes.")
        super().__init__(max_length=100, validate=[letters], **kwargs)
        self.described = {}


class Sku(Text):
    """The id of a variant, chosen by the shop: letters of any script, digits, signs and blanks.

    In a path it is one segment, percent-encoded, with its slashes as %2F. `.` and `..`, alone or between slashes, are
    refused: clients and proxies interpret them as parts of a path, encoded or not.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_SKU_LENGTH, validate=[_no_way_up], **kwargs)
        self.described = self.described | {"not": {"pattern": r"(^|/)[ \t]*\.\.?[ \t]*(/|$)"}}


def _no_way_up(sku: str) -> None:
    if {".", ".."} & set(sku.split("/")):
        raise ValidationError("No . or .. alone or between slashes.")


class ExternalReference(Text):
    """The id that a thing has in another system, such as an ERP; null for none."""

    def __init__(self, **kwargs: Any) -> None:
        about = {"description": "its id in another system, such as an ERP; at most one thing of a kind has it"}
        super().__init__(max_length=MAX_REFERENCE_LENGTH, allow_none=True, metadata=about, **kwargs)


class Metadata(fields.Dict):
    """Names and values that staff store with a thing for other systems. The shop itself does not use them."""

    def __init__(self, **kwargs: Any) -> None:
        name = rf"^[A-Za-z0-9_.-]{{1,{MAX_METADATA_NAME_LENGTH}}}\Z"
        letters = validate.Regexp(name, error="Letters, digits, _, - and .")
        length = validate.Length(1, MAX_METADATA_NAME_LENGTH)
        super().__init__(
            keys=fields.String(validate=[length, letters]),
            values=Text(max_length=MAX_METADATA_VALUE_LENGTH, min_length=0),
            validate=validate.Length(max=MAX_METADATA),
            metadata={"description": "for other systems, and never shown to customers; a change replaces all of it"},
            **kwargs,
        )
        self.described = {"propertyNames": {"pattern": name}}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[Any, Any]:
        if isinstance(value, dict) and len(value) > MAX_METADATA:  # before its names and values are read
            raise ValidationError(f"Longer than maximum length {MAX_METADATA}.")
        metadata: dict[Any, Any] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        return metadata


class Phone(Text):
    """A telephone number as people write it: digits, blanks and signs, with + before a country code; may be empty.

    Lists of contacts put invisible characters around a number that is copied there; they are left out.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=address.MAX_PHONE_LENGTH, min_length=0, **kwargs)
        self.described = {"pattern": pattern(False, "", NO_TEXT)}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        copied = without_formats(value) if isinstance(value, str) and len(value) <= self._max_length else value
        return super()._deserialize(copied, attr, data, **kwargs)


class Money(Schema):
    """An amount in the currency's smallest unit: {"amount": 1999, "currency": "EUR"} is 19.99 euros."""

    amount = Integer(required=True, maximum=money.MAX_AMOUNT, metadata={"example": 1999})
    currency = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}\Z"), metadata={"example": "EUR"})

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> money.Money:
        return money.Money(**values)


class Address(Schema):
    """A postal address. A name or a company is required; the rest depends on the country.

    `region`: the code of ISO 3166-2 without the country in AU, BR, CA, IN, MX and US, where it is required.
    """

    example: ClassVar[dict[str, object]] = {
        "name": "Ada Lovelace",
        "line1": "12 St James's Square",
        "city": "London",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
    }

    name = Text(min_length=0, load_default="")
    company = Text(min_length=0, load_default="")
    line1 = Text(required=True)
    line2 = Text(min_length=0, load_default="")
    city = Text(min_length=0, load_default="")
    region = Text(min_length=0, load_default="")
    postal_code = Text(max_length=address.MAX_POSTAL_CODE_LENGTH, min_length=0, load_default="")
    country = fields.String(
        required=True,
        validate=validate.OneOf(sorted(COUNTRIES), error=address.UNKNOWN_COUNTRY),
        metadata={"example": "GB"},
    )
    phone = Phone(load_default="")

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Any:
        try:
            return address.normalized_address(values)
        except address.BadAddress as bad:
            raise ValidationError({field: [sentence] for field, sentence in bad.errors.items()}) from None


class AddressField(fields.Nested):
    """An address in a body. One in plain ASCII is recognised without marshmallow, at a third of the cost."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Address, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        given = NO_ADDRESS | value if type(value) is dict else {}
        if len(given) == len(NO_ADDRESS) and all(type(each) is str and is_plain(each) for each in given.values()):
            with suppress(address.BadAddress):  # marshmallow finds out all that is wrong with it
                return address.normalized_address(given)
        return super()._deserialize(value, *args, **kwargs)
