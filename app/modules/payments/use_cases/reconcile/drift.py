"""The difference between a payment and its intent at Stripe."""

from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import Intent, Payment, Reversals, Status, owed, updated_from
from app.modules.payments.ports import Gateway, UnitOfWork

UNKNOWN = "Stripe has no intent for it"


def drift_between(reading: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, is_old: bool) -> str | None:
    """Return a sentence about the difference, None if there is none. `is_old` means that no call can be in progress.
    Raises Unavailable.
    """
    if payment.intent_id is None and payment.status is Status.CANCELLED:
        return None  # Stripe refused it: there is nothing to compare
    try:
        intent = _intent_of(gateway, payment)
    except NotFound:
        return UNKNOWN
    return _drift(payment, intent, is_old) or (_refunds(reading, payment, intent.reversals) if intent else None)


def _refunds(reading: Transaction[UnitOfWork], payment: Payment, reversals: Reversals | None) -> str | None:
    if reversals is None or not reversals.refunds:
        return None
    with reading() as uow:
        known = {refund.stripe_id: refund.status for refund in uow.refunds.of(payment.id)}
    for theirs in reversals.refunds:
        if known.get(theirs.id) is not theirs.status:
            return f"refund {theirs.id} is {known.get(theirs.id, 'unknown')} here, {theirs.status} at Stripe"
    return None


def _intent_of(gateway: Gateway, payment: Payment) -> Intent | None:
    return gateway.look(payment) if payment.intent_id else gateway.find(payment)


def _drift(payment: Payment, intent: Intent | None, is_old: bool) -> str | None:
    if intent is None:
        return UNKNOWN if is_old else None
    if intent.amount != payment.amount:
        return f"its amount is {payment.amount} here, {intent.amount} at Stripe"
    if payment.intent_id is None:
        return f"Stripe has intent {intent.id} for it, which is not recorded here"
    if (
        intent.status is Status.CAPTURED
        and intent.captured < payment.amount.amount
        and payment.status != "captured_short"
    ):
        return f"only {intent.captured} of {payment.amount} was captured at Stripe"
    if sentence := _difference(payment, updated_from(payment, intent), intent):
        return sentence
    if is_old and owed(payment) > 0:
        return f"the order is cancelled, and {owed(payment)} was not refunded"
    return None


def _difference(payment: Payment, after: Payment, intent: Intent) -> str | None:
    ours = (payment.status, payment.captured, payment.refunded)
    theirs = (intent.status, after.captured, after.refunded)
    if (payment.status, *ours[1:]) != (after.status, *theirs[1:]):
        return "it is {} here (captured {}, refunded {})".format(*ours) + ", {} at Stripe ({}, {})".format(*theirs)
    if after.left_open and not payment.left_open:
        return f"it is {payment.status} here, and still {intent.status} at Stripe"
    if payment.disputed != after.disputed:
        return f"{payment.disputed} of it is disputed here, {after.disputed} at Stripe"
    if payment.failure != after.failure:
        return f"its failure is {payment.failure or 'none'} here, {after.failure or 'none'} at Stripe"
    if payment.dispute != after.dispute:
        return f"its dispute is {payment.dispute or 'unknown'} here, {after.dispute} at Stripe"
    if after.respond_by and payment.respond_by != after.respond_by:
        return (
            f"the reply to its dispute is due at {payment.respond_by or 'no time'} here, {after.respond_by} at Stripe"
        )
    return None
