"""An order's life: what each happening does to an order in each state. One table, one function that consults it."""

from collections.abc import Mapping
from enum import StrEnum

from app.kernel.errors import Conflict


class Status(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    AWAITING_PAYMENT = "awaiting_payment"
    CONFIRMED = "confirmed"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Trigger(StrEnum):
    """What an order hears, or is asked."""

    STOCK_RESERVED = "stock_reserved"
    STOCK_REJECTED = "stock_rejected"
    PAYMENT_AUTHORIZED = "payment_authorized"
    PAYMENT_CAPTURED = "payment_captured"
    CAPTURE_FAILED = "capture_failed"
    PAYMENT_FAILED = "payment_failed"
    DEADLINE = "deadline"
    CANCEL = "cancel"
    FULL_REFUND = "full_refund"
    UNPAYABLE = "unpayable"  # it can never be paid


class Unchanged(StrEnum):
    """The happening is legal and leaves the status as it is."""

    IGNORED = "ignored"  # too late to matter; written down, nothing else
    RECORDED = "recorded"  # part of the story: the attempt, or the missed deadline, is written down and counts


S, H, IGNORED, RECORDED = Status, Trigger, Unchanged.IGNORED, Unchanged.RECORDED

LIFE: Mapping[Status, Mapping[Trigger, Status | Unchanged]] = {
    S.PLACED: {
        H.STOCK_RESERVED: S.AWAITING_PAYMENT,
        H.STOCK_REJECTED: S.CANCELLED,
        H.DEADLINE: S.CANCELLED,
        H.CANCEL: S.CANCELLED,
    },
    S.AWAITING_PAYMENT: {
        H.STOCK_RESERVED: IGNORED,
        H.PAYMENT_AUTHORIZED: S.CONFIRMED,
        H.PAYMENT_FAILED: RECORDED,
        H.DEADLINE: S.CANCELLED,
        H.CANCEL: S.CANCELLED,
        H.UNPAYABLE: S.CANCELLED,
    },
    S.CONFIRMED: {
        H.STOCK_RESERVED: IGNORED,
        H.PAYMENT_AUTHORIZED: IGNORED,
        H.PAYMENT_CAPTURED: S.PAID,
        H.CAPTURE_FAILED: S.CANCELLED,
        H.PAYMENT_FAILED: IGNORED,
        H.DEADLINE: RECORDED,  # alerted, never undone by a clock
        H.CANCEL: S.CANCELLED,
        H.UNPAYABLE: S.CANCELLED,
    },
    S.PAID: {
        H.STOCK_RESERVED: IGNORED,
        H.PAYMENT_AUTHORIZED: IGNORED,
        H.PAYMENT_CAPTURED: IGNORED,
        H.PAYMENT_FAILED: IGNORED,
        H.DEADLINE: IGNORED,
        H.CANCEL: S.REFUNDED,  # before shipment: money and stock go back
        H.FULL_REFUND: S.REFUNDED,
        H.UNPAYABLE: IGNORED,
    },
    S.CANCELLED: dict.fromkeys(Trigger, IGNORED),
    S.REFUNDED: dict.fromkeys(Trigger, IGNORED),
}


def outcome(status: Status, trigger: Trigger) -> Status | Unchanged:
    """What this does to an order in this state. Raises Conflict(wrong_state) where it cannot happen."""
    if trigger not in LIFE[status]:
        raise Conflict("wrong_state", f"{trigger} cannot happen to an order that is {status}")
    return LIFE[status][trigger]
