"""What differs between a payment and what Stripe says of it."""

from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import Intent, Payment, Reversals, Status, owed, seen
from app.modules.payments.ports import Gateway, UnitOfWork

UNKNOWN = "Stripe knows of no intent for it"


def drift_between(reading: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, is_old: bool) -> str | None:
    """A sentence; None where all is well. `is_old`: nothing can be under way any more. Raises Unavailable."""
    if payment.intent_id is None and payment.status is Status.CANCELLED:
        return None  # Stripe would not take it: there is nothing to compare
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
        return f"Stripe has it over {intent.amount}, we over {payment.amount}"
    if payment.intent_id is None:
        return f"Stripe has intent {intent.id}, we have not heard of it"
    if (
        intent.status is Status.CAPTURED
        and intent.captured < payment.amount.amount
        and payment.status != "captured_short"
    ):
        return f"only {intent.captured} of {payment.amount} were captured at Stripe"
    if sentence := _difference(payment, seen(payment, intent), intent):
        return sentence
    if is_old and owed(payment) > 0:
        return f"the order is off and {owed(payment)} were not given back"
    return None


def _difference(payment: Payment, after: Payment, intent: Intent) -> str | None:
    ours = (payment.status, payment.captured, payment.refunded)
    theirs = (intent.status, after.captured, after.refunded)
    if (payment.status, *ours[1:]) != (after.status, *theirs[1:]):
        return "we have {} (captured {}, refunded {})".format(*ours) + ", Stripe {} ({}, {})".format(*theirs)
    if after.left_open and not payment.left_open:
        return f"we have {payment.status}, and it is still {intent.status} at Stripe"
    if payment.disputed != after.disputed:
        return f"{payment.disputed} of it are disputed here, {after.disputed} at Stripe"
    if payment.failure != after.failure:
        return f"its failure is {payment.failure or 'none'} here, {after.failure or 'none'} at Stripe"
    if payment.dispute != after.dispute:
        return f"its dispute is {payment.dispute or 'unknown'} here, {after.dispute} at Stripe"
    return None
