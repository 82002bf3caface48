"""What payments takes and gives as JSON."""

from marshmallow import fields

from app.modules.payments.domain.payment import Status
from app.modules.payments.domain.refund import RefundStatus
from app.web.schemas import Money, QueryInteger, Schema, Text
from app.web.waiting import LONGEST


class OfOrder(Schema):
    """Whose payment; seconds to wait for one that can be paid, or for another version than `version` (0: none yet)."""

    order_id = fields.UUID(required=True)
    wait = QueryInteger(most=LONGEST, load_default=None)
    version = QueryInteger(load_default=None)


class Confirm(Schema):
    """How the customer pays: a Stripe payment method, such as pm_card_visa."""

    payment_method = Text(required=True, longest=100, metadata={"example": "pm_card_visa"})


class Dispute(Schema):
    """The latest dispute of a payment, in Stripe's words; `respond_by`: when our reply must be there."""

    status = fields.String()
    reason = fields.String(allow_none=True)
    respond_by = fields.DateTime(allow_none=True)


class Payment(Schema):
    """A payment; `client_secret` is for its owner, `failure` says why the last attempt was declined: to staff in the
    provider's words, to its owner generic_decline wherever those speak of the card.

    `refunded` is what went back so far, and falls where that fails later; `disputed` is what banks have taken back.
    """

    id = fields.UUID()
    order_id = fields.UUID()
    status = fields.Enum(Status, by_value=fields.String)
    amount = fields.Nested(Money)
    captured = fields.Nested(Money)
    refunded = fields.Nested(Money)
    disputed = fields.Nested(Money)
    dispute = fields.Nested(Dispute, allow_none=True)
    failure = fields.String(allow_none=True)
    client_secret = fields.String(allow_none=True)
    version = fields.Integer()


class Payments(Schema):
    """An order's payments: none while its stock is not held, then one."""

    items = fields.List(fields.Nested(Payment))
    next = fields.String(allow_none=True)


class NewRefund(Schema):
    """How much goes back (null: all that is left), and why."""

    amount = fields.Nested(Money, load_default=None, allow_none=True)
    reason = Text(required=True)


class Refund(Schema):
    """A refund."""

    id = fields.UUID()
    payment_id = fields.UUID()
    status = fields.Enum(RefundStatus, by_value=fields.String)
    amount = fields.Nested(Money)
    reason = fields.String()
    asked_by = fields.String()
    created_at = fields.DateTime()
    failure = fields.String(allow_none=True)


class Refunds(Schema):
    """All refunds of a payment, the oldest first: one page."""

    items = fields.List(fields.Nested(Refund))
    next = fields.String(allow_none=True)
