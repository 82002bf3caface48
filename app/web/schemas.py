"""Stub; being written."""
from marshmallow import Schema as S, fields, post_load, RAISE
from app.kernel.money import Money as M


class Schema(S):
    class Meta:
        unknown = RAISE


class Money(Schema):
    amount = fields.Integer(strict=True, required=True)
    currency = fields.String(required=True)

    @post_load
    def make(self, d, **k):
        return M(**d)


class Quantity(fields.Integer):
    def __init__(self, **k):
        super().__init__(strict=True, **k)


Sku = fields.String


class Text(fields.String):
    def __init__(self, longest=0, **k):
        super().__init__(**k)


Email = fields.String
