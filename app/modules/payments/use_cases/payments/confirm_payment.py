"""Confirm a payment for the customer, which may race Stripe's webhook."""

from dataclasses import replace
from uuid import UUID

from app.kernel.crash import crash_point
from app.kernel.errors import Conflict, Declined, NotFound
from app.kernel.transaction import Transaction
from app.modules.payments.domain.decline import public_code
from app.modules.payments.domain.payment import DesiredState, Payment, Status
from app.modules.payments.ports import Gateway, Unclear, UnitOfWork
from app.modules.payments.use_cases.payments.observe import look, record


def may_confirm(payment: Payment, customer_id: UUID) -> None:
    """Check that the customer may confirm the payment.

    Raises NotFound(no_such_payment) for another customer's payment, Conflict(payment_closed, too_many_declines) if it
    is over, Conflict(payment_not_ready) if it is not created at Stripe yet.
    """
    if payment.customer_id != customer_id:
        raise NotFound("no_such_payment", f"there is no payment {payment.id}")
    _refuse_closed(payment)
    if payment.intent_id is None:
        raise Conflict("payment_not_ready", "the payment is being set up: retry in a second", {"retry_after": 1})


def confirm_payment(
    transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, payment_method: str, attempt: UUID
) -> Payment:
    """Charge this payment method at Stripe. Repeating the same attempt returns the same answer and takes no more
    money.

    Raises Declined(card_declined), Invalid(unknown_payment_method), Conflict(payment_in_progress, payment_closed,
    too_many_declines), NotFound(no_such_intent), Unavailable.
    """
    if payment.status in {Status.AUTHORIZED, Status.CAPTURED}:
        return payment
    crash_point("before_confirm")
    try:
        intent = gateway.confirm(payment, payment_method, attempt)
    except Unclear:
        return _outcome_of_error(transaction, gateway, payment)
    crash_point("after_confirm")
    after = record(transaction, gateway, payment, intent)
    _refuse_closed(after)  # the order may have been cancelled meanwhile: the authorisation is then released
    if intent.failure is not None and after.status is Status.OPEN:
        sentence = "the card was declined: try another card, or contact the bank that issued it"
        raise Declined("card_declined", sentence, {"decline_code": public_code(intent.failure)})
    return after


def _outcome_of_error(transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment) -> Payment:
    """Read what a call that ended in a server error has done. If the payment was made, return it; if not, count up the
    attempt, so that the client's repetition has another idempotency key.

    An intent takes money once, whatever the keys. Raises Unclear again, Stale.
    """
    _, after = look(transaction, gateway, payment.id)
    if after.status in {Status.AUTHORIZED, Status.CAPTURED}:
        return after
    with transaction() as uow:
        uow.payments.save(replace(after, attempt=after.attempt + 1))
    raise Unclear("stripe_unavailable", "Stripe failed with a server error: try again", {"retry_after": 2})


def _refuse_closed(payment: Payment) -> None:
    if payment.is_exhausted and payment.desired is DesiredState.CANCELLED:
        raise Conflict("too_many_declines", "too many attempts were declined: the order is cancelled; place a new one")
    if payment.desired is DesiredState.CANCELLED or payment.status in {Status.CANCELLED, Status.FAILED, Status.SHORT}:
        raise Conflict("payment_closed", "the order was cancelled: there is nothing to pay")
