"""The JSON bodies and query parameters that payments accepts."""

from typing import ClassVar

from marshmallow import fields

from app.web.schemas import Money, QueryInteger, Schema, Text
from app.web.waiting import MAX_WAIT


class OfOrder(Schema):
    """The order whose payments are listed; `wait` is the seconds to wait until one can be paid or, with `version`,
    until the version differs from it (0: there is no payment yet).
    """

    order_id = fields.UUID(required=True)
    wait = QueryInteger(maximum=MAX_WAIT, load_default=None)
    version = QueryInteger(load_default=None)


class ConfirmPayment(Schema):
    """The customer's Stripe payment method, such as pm_card_visa."""

    example: ClassVar = {"payment_method": "pm_card_visa"}

    payment_method = Text(required=True, max_length=100, metadata={"example": "pm_card_visa"})


class NewRefund(Schema):
    """The amount to refund (null: all that can still be refunded), and the reason."""

    example: ClassVar = {"amount": {"amount": 500, "currency": "EUR"}, "reason": "the handle was broken"}

    amount = fields.Nested(Money, load_default=None, allow_none=True)
    reason = Text(required=True)
