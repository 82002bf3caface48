"""What users takes and gives as JSON. Role, epoch, id and the like are taken by no body but an admin's."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate

from app.kernel.errors import Invalid
from app.modules.users.domain.email import as_kept
from app.modules.users.domain.user import ROLES
from app.ops.bodies import MAX_REASON_LENGTH
from app.web.auth import MAX_TOKEN_LENGTH
from app.web.paging import PageArgs
from app.web.schemas import Flag, Schema, Text


def _typed(password: str) -> None:
    if any(0xD800 <= ord(each) <= 0xDFFF or each == "\0" for each in password):
        raise ValidationError("Give text that can be typed.")


def password_field(min_length: int) -> fields.String:
    """Taken, never given; what makes a new one good enough is the domain's to say."""
    return fields.String(
        required=True,
        validate=(validate.Length(min_length, 200), _typed),
        load_only=True,
        metadata={"format": "password"},
    )


class TypedEmail(Text):
    """An e-mail address as it was typed, of which an account may be found."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, min_length=3, validate=[_is_address], **kwargs)


class Email(TypedEmail):
    """An e-mail address as accounts keep it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        typed = super()._deserialize(value, attr, data, **kwargs)
        try:
            return as_kept(typed)
        except Invalid as refused:
            raise ValidationError(refused.sentence) from None


def _is_address(typed: str) -> None:
    """As it is kept, whatever was typed."""
    try:
        validate.Email()(as_kept(typed))
    except Invalid as refused:
        raise ValidationError(refused.sentence) from None


class Registration(Schema):
    example: ClassVar = {"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"}

    email = Email(required=True)
    password = password_field(12)
    name = Text(required=True, max_length=200)


class Credentials(Schema):
    """E-mail address and password; `earlier_token`: the last access token of an earlier sign-in on this device.

    However old that is, a device that sends it along is not shut out by others who try passwords on the account.
    """

    example: ClassVar = {"email": "ada@example.com", "password": "correct horse battery"}

    email = TypedEmail(required=True)
    password = password_field(1)
    earlier_token = Text(max_length=MAX_TOKEN_LENGTH, load_default=None, load_only=True)


class RefreshRequest(Schema):
    """What a sign-in or the last refresh gave."""

    example: ClassVar = {"refresh_token": "q0c9pX1tW…"}

    refresh_token = Text(max_length=200, required=True, load_only=True)


class PasswordChange(Schema):
    """The password until now, and the one from now on."""

    example: ClassVar = {"old_password": "correct horse battery", "new_password": "staple, blue sky, 9 lives"}

    old_password = password_field(1)
    new_password = password_field(12)


class NameChange(Schema):
    """What to be called."""

    example: ClassVar = {"name": "Ada Lovelace"}

    name = Text(required=True, max_length=200)


class AccessChange(Schema):
    """What an admin decides about someone; what is left out stays."""

    example: ClassVar = {"role": "staff", "reason": "joined the team"}

    role = fields.String(validate=validate.OneOf(ROLES))
    disabled = Flag()
    reason = Text(
        max_length=MAX_REASON_LENGTH, load_default="no reason given", metadata={"description": "kept with your name"}
    )


class AccountQuery(PageArgs):
    """Which accounts; the filters are for admins."""

    role = fields.String(load_default=None, validate=validate.OneOf(ROLES))
    email = Text(max_length=254, load_default=None)
