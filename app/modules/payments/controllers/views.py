"""The JSON bodies that payments returns."""

from uuid import UUID

from msgspec import Struct

from app.kernel.money import Money
from app.modules.payments.domain import payment as domain
from app.modules.payments.domain import refund as refund_domain
from app.modules.payments.domain.decline import public_code
from app.web.blueprint import Timestamp


class PaymentDispute(Struct, frozen=True):
    """The dispute of a payment, of several the one to reply to first; `status` and `reason` are Stripe's values,
    `respond_by` is the deadline of our reply, if one is awaited.
    """

    status: str
    reason: str | None
    respond_by: Timestamp | None


class Payment(Struct, frozen=True):
    """A payment. `client_secret` is shown to its owner only. `failure` is the code of the last declined attempt: staff
    see the provider's code, the owner sees generic_decline for all codes that describe the card.

    `capture_before` is when the bank releases an amount that is authorized. `refunded` is the sum refunded so far, and
    falls when a refund fails later; `disputed` is the sum that banks have taken back.
    """

    id: UUID
    order_id: UUID
    status: domain.Status
    amount: Money
    capture_before: Timestamp | None
    captured: Money
    refunded: Money
    disputed: Money
    dispute: PaymentDispute | None
    failure: str | None
    client_secret: str | None
    version: int


class PaymentList(Struct, frozen=True):
    """The payments of an order: empty until its stock is held, then one."""

    items: list[Payment]
    next: None = None


class Refund(Struct, frozen=True):
    id: UUID
    payment_id: UUID
    status: refund_domain.RefundStatus
    amount: Money
    reason: str
    requested_by: str
    created_at: Timestamp
    failure: str | None


class RefundList(Struct, frozen=True):
    """All refunds of a payment on one page, oldest first."""

    items: list[Refund]
    next: None = None


def payment_view(payment: domain.Payment, caller: UUID) -> Payment:
    """Show a payment. Its owner sees the client secret, which allows to pay, and no code that describes the card."""
    currency, is_own = payment.amount.currency, payment.customer_id == caller
    return Payment(
        id=payment.id,
        order_id=payment.order_id,
        status=payment.status,
        amount=payment.amount,
        capture_before=payment.capture_before,
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
        requested_by=refund.requested_by,
        created_at=refund.created_at,
        failure=refund.failure,
    )


def _dispute_view(payment: domain.Payment) -> PaymentDispute | None:
    if payment.dispute is None:
        return None
    return PaymentDispute(payment.dispute, payment.dispute_reason, payment.respond_by)
