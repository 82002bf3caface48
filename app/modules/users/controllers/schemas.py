"""The JSON bodies and queries that users accepts. Only an admin's request may set a role or disable an account."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from app.modules.users.domain.user import ROLES
from app.ops.bodies import MAX_REASON_LENGTH
from app.web.auth import MAX_TOKEN_LENGTH
from app.web.emails import Email, TypedEmail
from app.web.paging import PageArgs
from app.web.schemas import MAX_REFERENCE_LENGTH, ExternalReference, Flag, Metadata, Schema, Text


def _typed(password: str) -> None:
    if any(0xD800 <= ord(each) <= 0xDFFF or each == "\0" for each in password):
        raise ValidationError("The password has characters that cannot be typed.")


def password_field(min_length: int) -> fields.String:
    """A write-only password field. The domain checks the strength of a new password."""
    return fields.String(
        required=True,
        validate=(validate.Length(min_length, 200), _typed),
        load_only=True,
        metadata={"format": "password", "pattern": r"^[^\u0000]*$"},
    )


class Registration(Schema):
    example: ClassVar = {"email": "ada@example.com", "password": "staple, blue sky, 9 lives", "name": "Ada"}

    email = Email(required=True)
    password = password_field(12)
    name = Text(required=True, max_length=200)


class Credentials(Schema):
    """E-mail address and password; `earlier_token` is the last access token of an earlier sign-in on this device.

    The token may have expired. A device that sends it has its own rate limit, so that other clients that try passwords
    on the account cannot lock it out. `cookie`: for browsers, which get the refresh token in a cookie that scripts
    cannot read, instead of in the body.
    """

    example: ClassVar = {"email": "ada@example.com", "password": "staple, blue sky, 9 lives"}

    email = TypedEmail(required=True)
    password = password_field(1)
    earlier_token = Text(max_length=MAX_TOKEN_LENGTH, load_default=None, load_only=True)
    cookie = Flag(load_default=False)


class RefreshRequest(Schema):
    """The refresh token that the sign-in or the last refresh returned; or `cookie`, if it is in the cookie."""

    example: ClassVar = {"refresh_token": "q0c9pX1tWk3J"}

    refresh_token = Text(max_length=200, load_default=None, load_only=True)
    cookie = Flag(load_default=False)

    @validates_schema
    def _one_of_both(self, values: dict[str, Any], **_: Any) -> None:
        if (values["refresh_token"] is None) != values["cookie"]:
            raise ValidationError("Give the token, or cookie: true.", "refresh_token")


class PasswordChange(Schema):
    """The current password and the new one. `cookie`: as at the sign-in."""

    example: ClassVar = {"old_password": "staple, blue sky, 9 lives", "new_password": "eleven green umbrellas, tea"}

    old_password = password_field(1)
    new_password = password_field(12)
    cookie = Flag(load_default=False)


class NameChange(Schema):
    """The new name of the account's owner."""

    example: ClassVar = {"name": "Ada Lovelace"}

    name = Text(required=True, max_length=200)


class StaffChange(Schema):
    """A change of an account by staff; its reason is recorded in the trail."""

    reason = Text(
        max_length=MAX_REASON_LENGTH,
        load_default="no reason given",
        metadata={"description": "recorded with your name"},
    )


class AccessChange(StaffChange):
    """A change of an account by an admin; omitted fields keep their value."""

    example: ClassVar = {"role": "staff", "reason": "joined the team"}

    role = fields.String(validate=validate.OneOf(ROLES))
    disabled = Flag()


class RecordChange(StaffChange):
    """What staff store with an account for other systems; omitted fields keep their value."""

    example: ClassVar = {"external_reference": "DEB-10024", "metadata": {"erp.group": "wholesale"}}

    external_reference = ExternalReference()
    metadata = Metadata()


class AccountQuery(PageArgs):
    """Paging and filters of the list of accounts; only admins may filter by role and e-mail address."""

    role = fields.String(load_default=None, validate=validate.OneOf(ROLES))
    email = Text(max_length=254, load_default=None)
    external_reference = Text(max_length=MAX_REFERENCE_LENGTH, load_default=None)
