"""What users takes and gives as JSON."""

from marshmallow import fields, validate

from app.web.schemas import Email, Schema, Text


class Registration(Schema):
    """A new account."""

    email = Email(required=True)
    password = fields.String(required=True, validate=validate.Length(12, 200), load_only=True)
    name = Text(required=True, longest=200)


class Credentials(Schema):
    """E-mail address and password."""

    email = Email(required=True)
    password = fields.String(required=True, validate=validate.Length(1, 200), load_only=True)


class Account(Schema):
    """An account, as its owner sees it."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class SignedIn(Schema):
    """What a sign-in gives."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
