"""What payments takes as JSON."""

from typing import ClassVar

from marshmallow import fields

from app.web.schemas import Money, QueryInteger, Schema, Text
from app.web.waiting import MAX_WAIT


class OfOrder(Schema):
    """Whose payment; seconds to wait for one that can be paid, or for another version than `version` (0: none yet)."""

    order_id = fields.UUID(required=True)
    wait = QueryInteger(maximum=MAX_WAIT, load_default=None)
    version = QueryInteger(load_default=None)


class ConfirmPayment(Schema):
    """How the customer pays: a Stripe payment method, such as pm_card_visa."""

    example: ClassVar = {"payment_method": "pm_card_visa"}

    payment_method = Text(required=True, max_length=100, metadata={"example": "pm_card_visa"})


class NewRefund(Schema):
    """How much goes back (null: all that is left), and why."""

    example: ClassVar = {"amount": {"amount": 500, "currency": "EUR"}, "reason": "the handle was broken"}

    amount = fields.Nested(Money, load_default=None, allow_none=True)
    reason = Text(required=True)
