"""Record the refunds of a payment as Stripe lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.payments.domain.payment import Payment, Reversals
from app.modules.payments.domain.refund import AT_STRIPE, Outcome, Refund, RefundStatus, with_outcome
from app.modules.payments.ports import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class RecordedRefunds:
    """All refunds as they are now, those that failed since the last time, and the sum refunded since then."""

    refunds: Sequence[Refund] = ()
    failed: Sequence[Refund] = ()
    gained: int = 0
    changed: bool = False


def record_refunds(uow: UnitOfWork, payment: Payment, reversals: Reversals | None) -> RecordedRefunds:
    """Update our refunds from Stripe's list. Refunds made in Stripe's dashboard are added; ours that are not in the
    list yet stay unchanged.

    `reversals` is None if the answer contains no list of refunds: then nothing is changed.
    """
    if reversals is None:
        return RecordedRefunds()
    refunds = {refund.id: refund for refund in uow.refunds.of(payment.id)}
    failed: list[Refund] = []
    gained, changed = 0, False
    for outcome in reversed(reversals.refunds):  # the oldest first
        known = _found(refunds, outcome)
        made = known or _made_there(payment, outcome, refunds)
        refund = with_outcome(made, outcome.status, outcome.failure, clock.now())
        refund = replace(refund, stripe_id=outcome.id, unclear_at=None)
        if refund == known:
            continue
        refunds[refund.id] = refund = uow.refunds.save(refund)
        changed = True
        was_back = known is not None and known.status in {RefundStatus.PENDING, RefundStatus.SUCCEEDED}
        if refund.status is not RefundStatus.FAILED:
            gained += refund.amount.amount * (not was_back)
        elif known is None or known.status is not RefundStatus.FAILED:
            failed.append(refund)
    return RecordedRefunds(refunds=list(refunds.values()), failed=failed, gained=gained, changed=changed)


def _found(refunds: dict[UUID, Refund], outcome: Outcome) -> Refund | None:
    for refund in refunds.values():
        if refund.stripe_id == outcome.id:
            return refund
    ours = (each for each in refunds.values() if str(each.id) == outcome.refund_id and each.stripe_id is None)
    return next(ours, None)


def _made_there(payment: Payment, outcome: Outcome, refunds: Mapping[UUID, Refund]) -> Refund:
    """A refund that has no record here: a person made it there or, where it has an id of ours, the record was lost."""
    return Refund(
        id=_id_of(outcome, refunds) or new_id(),
        payment_id=payment.id,
        amount=Money(outcome.amount, payment.amount.currency),
        reason="made at Stripe",
        requested_by=AT_STRIPE,
        created_at=clock.now(),
    )


def _id_of(outcome: Outcome, refunds: Mapping[UUID, Refund]) -> UUID | None:
    try:
        id = UUID(outcome.refund_id or "")
    except ValueError:
        return None
    return None if id in refunds else id
