"""Waiting for the effect of a step whose outcome is unclear."""

from datetime import datetime, timedelta

from app.modules.payments.domain.payment import LOOKS, LOOKS_FOR_INTENT, Payment, Step, next_look


def until_next_look(payment: Payment, step: Step, now: datetime) -> timedelta | None:
    """Return how long to wait before the next check of an unclear step that has had no effect so far; None if the last
    check is over.
    """
    assert payment.unclear_at is not None
    return next_look(payment.unclear_at, now, LOOKS_FOR_INTENT if step is Step.CREATE else LOOKS)
