"""The state machine of an order: one table of what each trigger does in each status, and the function that reads it."""

from collections.abc import Mapping
from enum import StrEnum

from app.kernel.errors import Conflict


class Status(StrEnum):
    PLACED = "placed"
    AWAITING_PAYMENT = "awaiting_payment"
    CONFIRMED = "confirmed"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Trigger(StrEnum):
    """What may move an order: a consumed event, a passed deadline, or a request of a person."""

    STOCK_RESERVED = "stock_reserved"
    STOCK_REJECTED = "stock_rejected"
    PAYMENT_AUTHORIZED = "payment_authorized"
    PAYMENT_CAPTURED = "payment_captured"
    CAPTURE_FAILED = "capture_failed"
    PAYMENT_FAILED = "payment_failed"
    DEADLINE = "deadline"
    CANCEL = "cancel"
    FULL_REFUND = "full_refund"
    UNPAYABLE = "unpayable"  # the payment was cancelled for good: the order can never be paid


class Unchanged(StrEnum):
    """The trigger is allowed in this status and does not change it."""

    IGNORED = "ignored"  # too late to have an effect: only the timeline gets an entry
    RECORDED = "recorded"  # a failed payment or a missed deadline: the timeline gets an entry and the order is saved


S, T, IGNORED, RECORDED = Status, Trigger, Unchanged.IGNORED, Unchanged.RECORDED

TRANSITIONS: Mapping[Status, Mapping[Trigger, Status | Unchanged]] = {
    S.PLACED: {
        T.STOCK_RESERVED: S.AWAITING_PAYMENT,
        T.STOCK_REJECTED: S.CANCELLED,
        T.DEADLINE: S.CANCELLED,
        T.CANCEL: S.CANCELLED,
    },
    S.AWAITING_PAYMENT: {
        T.STOCK_RESERVED: IGNORED,
        T.PAYMENT_AUTHORIZED: S.CONFIRMED,
        T.PAYMENT_FAILED: RECORDED,
        T.DEADLINE: S.CANCELLED,
        T.CANCEL: S.CANCELLED,
        T.UNPAYABLE: S.CANCELLED,
    },
    S.CONFIRMED: {
        T.STOCK_RESERVED: IGNORED,
        T.PAYMENT_AUTHORIZED: IGNORED,
        T.PAYMENT_CAPTURED: S.PAID,
        T.CAPTURE_FAILED: S.CANCELLED,
        T.PAYMENT_FAILED: IGNORED,
        T.DEADLINE: RECORDED,  # people are alerted; a confirmed order is never cancelled by a deadline
        T.CANCEL: S.CANCELLED,
        T.UNPAYABLE: S.CANCELLED,
    },
    S.PAID: {
        T.STOCK_RESERVED: IGNORED,
        T.PAYMENT_AUTHORIZED: IGNORED,
        T.PAYMENT_CAPTURED: IGNORED,
        T.PAYMENT_FAILED: IGNORED,
        T.DEADLINE: IGNORED,
        T.CANCEL: S.REFUNDED,  # the money is refunded and the stock is returned; refused once goods have left
        T.FULL_REFUND: S.REFUNDED,  # only recorded once goods have left
        T.UNPAYABLE: IGNORED,
    },
    S.CANCELLED: dict.fromkeys(Trigger, IGNORED),
    S.REFUNDED: dict.fromkeys(Trigger, IGNORED),
}


def outcome(status: Status, trigger: Trigger) -> Status | Unchanged:
    """The new status, or how the order stays unchanged. Raises Conflict(wrong_state) if the table has no such entry."""
    if trigger not in TRANSITIONS[status]:
        raise Conflict("wrong_state", f"{trigger} is not possible for an order that is {status}")
    return TRANSITIONS[status][trigger]
