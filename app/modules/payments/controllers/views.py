"""What payments answers as JSON."""

from uuid import UUID

from msgspec import Struct

from app.kernel.money import Money
from app.modules.payments.domain import payment as domain
from app.modules.payments.domain import refund as refund_domain
from app.modules.payments.domain.decline import public_code
from app.web.blueprint import Timestamp


class PaymentDispute(Struct, frozen=True):
    """The latest dispute of a payment, in Stripe's words; `respond_by`: when our reply must be there."""

    status: str
    reason: str | None
    respond_by: Timestamp | None


class Payment(Struct, frozen=True):
    """A payment; `client_secret` is for its owner, `failure` says why the last attempt was declined: to staff in the
    provider's words, to its owner generic_decline wherever those speak of the card.

    `refunded` is what went back so far, and falls where that fails later; `disputed` is what banks have taken back.
    """

    id: UUID
    order_id: UUID
    status: domain.Status
    amount: Money
    captured: Money
    refunded: Money
    disputed: Money
    dispute: PaymentDispute | None
    failure: str | None
    client_secret: str | None
    version: int


class PaymentList(Struct, frozen=True):
    """An order's payments: none while its stock is not held, then one."""

    items: list[Payment]
    next: None = None


class Refund(Struct, frozen=True):
    id: UUID
    payment_id: UUID
    status: refund_domain.RefundStatus
    amount: Money
    reason: str
    asked_by: str
    created_at: Timestamp
    failure: str | None


class RefundList(Struct, frozen=True):
    """All refunds of a payment, the oldest first: one page."""

    items: list[Refund]
    next: None = None


def payment_view(payment: domain.Payment, caller: UUID) -> Payment:
    """One payment; for its owner with the client secret, which lets one pay, and without what banks say of cards."""
    currency, is_own = payment.amount.currency, payment.customer_id == caller
    return Payment(
        id=payment.id,
        order_id=payment.order_id,
        status=payment.status,
        amount=payment.amount,
        captured=Money(payment.captured, currency),
        refunded=Money(payment.refunded, currency),
        disputed=Money(payment.disputed, currency),
        dispute=_dispute_view(payment),
        failure=public_code(payment.failure) if payment.failure and is_own else payment.failure,
        client_secret=payment.client_secret if is_own else None,
        version=payment.version,
    )


def refund_view(refund: refund_domain.Refund) -> Refund:
    return Refund(
        id=refund.id,
        payment_id=refund.payment_id,
        status=refund.status,
        amount=refund.amount,
        reason=refund.reason,
        asked_by=refund.asked_by,
        created_at=refund.created_at,
        failure=refund.failure,
    )


def _dispute_view(payment: domain.Payment) -> PaymentDispute | None:
    if payment.dispute is None:
        return None
    return PaymentDispute(payment.dispute, payment.dispute_reason, payment.respond_by)
