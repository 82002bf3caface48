"""What requests and answers are made of: strict fields, so that 1.5 and "1" are never taken for 1."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow
from marshmallow import ValidationError, fields, post_load, validate

from app.kernel import money
from app.web.texts import BadText, cleaned, is_visible

MAX_ITEM_QUANTITY = 1000
MAX_SKU_LENGTH = 100
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class Schema(marshmallow.Schema):
    """A JSON object; unknown fields are refused."""

    class Meta:
        unknown = marshmallow.RAISE


class Integer(fields.Integer):
    """A JSON whole number between bounds; no true, no 1.0, no "1"."""

    def __init__(self, minimum: int = 0, maximum: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(minimum, maximum), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("Not a valid integer.")
        return value


class QueryInteger(fields.Integer):
    """A whole number in a query string, where everything is text: digits and nothing else."""

    def __init__(self, minimum: int = 0, maximum: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(minimum, maximum), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10):
            raise ValidationError("Not a valid integer.")
        return int(value)


class Quantity(Integer):
    """How many of something: 1 to 1,000."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(minimum=1, maximum=MAX_ITEM_QUANTITY, **kwargs)


class Text(fields.String):
    """One line or more of text, as app.web.texts cleans it; where it must not be empty, something of it can be seen."""

    def __init__(
        self, max_length: int = 200, min_length: int = 1, lines: bool = False, visible: bool = True, **kwargs: Any
    ) -> None:
        self._max_length, self._min_length, self._lines, self._visible = max_length, min_length, lines, visible
        super().__init__(validate=[validate.Length(min_length, max_length), *kwargs.pop("validate", [])], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, str) and len(value) > 2 * self._max_length + 100:  # whatever cleaning would leave of it
            raise ValidationError(f"Longer than maximum length {self._max_length}.")
        try:
            text = cleaned(str(super()._deserialize(value, attr, data, **kwargs)), self._lines)
        except BadText as bad:
            raise ValidationError(str(bad)) from None
        if text and self._visible and not is_visible(text):
            if self._min_length:
                raise ValidationError("Nothing of it can be seen.")
            return ""
        return text


class DateTimeField(fields.AwareDateTime):
    """A moment with its zone, RFC 3339, of the times in which there are shops."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(EARLIEST, LATEST), **kwargs)


class Flag(fields.Boolean):
    """true or false, and nothing that resembles them: to Python 1 is True."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("Not a valid boolean.")
        return value


class Slug(Text):
    """A name as it stands in a URL."""

    def __init__(self, **kwargs: Any) -> None:
        pattern = validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", error="Lower-case letters, digits and single dashes.")
        super().__init__(max_length=100, validate=[pattern], **kwargs)


class Sku(Text):
    """The id of a variant, as the shop writes it: letters of any script, digits, signs and blanks.

    In a path it is one segment, percent-encoded, with its slashes as %2F. `.` and `..`, alone or between slashes, are
    refused: clients and proxies take them for the way up, encoded or not.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_SKU_LENGTH, validate=[_no_way_up], **kwargs)


def _no_way_up(sku: str) -> None:
    if {".", ".."} & set(sku.split("/")):
        raise ValidationError("No . or .. alone or between slashes.")


class Money(Schema):
    """An amount in the currency's smallest unit: {"amount": 1999, "currency": "EUR"} is 19.99 euros."""

    amount = Integer(required=True, maximum=money.MAX_AMOUNT, metadata={"example": 1999})
    currency = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}\Z"), metadata={"example": "EUR"})

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> money.Money:
        return money.Money(**values)
