"""E-mail addresses in requests."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validate

from app.kernel.email import normalized
from app.kernel.errors import Invalid
from app.web.schemas import Text

MAX_EMAIL_LENGTH = 254  # characters


class TypedEmail(Text):
    """An e-mail address as the client typed it, to find an account by."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_EMAIL_LENGTH, min_length=3, validate=[_is_address], **kwargs)
        self.described = {"format": "idn-email"}


class Email(TypedEmail):
    """An e-mail address, deserialized to its normalized form (see kernel/email.py)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        typed = super()._deserialize(value, attr, data, **kwargs)
        try:
            return normalized(typed)
        except Invalid as refused:
            raise ValidationError(refused.sentence) from None


def _is_address(typed: str) -> None:
    """Validate the normalized form, whatever spelling was typed."""
    try:
        validate.Email()(normalized(typed))
    except Invalid as refused:
        raise ValidationError(refused.sentence) from None
