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


class Happening(StrEnum):
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


class Unmoved(StrEnum):
    """The happening is legal and leaves the status as it is."""

    MOOT = "moot"  # too late to matter; written down, nothing else
    NOTED = "noted"  # part of the story: the attempt, or the missed deadline, is written down and counts


S, H, MOOT, NOTED = Status, Happening, Unmoved.MOOT, Unmoved.NOTED

LIFE: Mapping[Status, Mapping[Happening, Status | Unmoved]] = {
    S.PLACED: {
        H.STOCK_RESERVED: S.AWAITING_PAYMENT,
        H.STOCK_REJECTED: S.CANCELLED,
        H.DEADLINE: S.CANCELLED,
        H.CANCEL: S.CANCELLED,
    },
    S.AWAITING_PAYMENT: {
        H.STOCK_RESERVED: MOOT,
        H.PAYMENT_AUTHORIZED: S.CONFIRMED,
        H.PAYMENT_FAILED: NOTED,
        H.DEADLINE: S.CANCELLED,
        H.CANCEL: S.CANCELLED,
        H.UNPAYABLE: S.CANCELLED,
    },
    S.CONFIRMED: {
        H.STOCK_RESERVED: MOOT,
        H.PAYMENT_AUTHORIZED: MOOT,
        H.PAYMENT_CAPTURED: S.PAID,
        H.CAPTURE_FAILED: S.CANCELLED,
        H.PAYMENT_FAILED: MOOT,
        H.DEADLINE: NOTED,  # alerted, never undone by a clock
        H.CANCEL: S.CANCELLED,
        H.UNPAYABLE: S.CANCELLED,
    },
    S.PAID: {
        H.STOCK_RESERVED: MOOT,
        H.PAYMENT_AUTHORIZED: MOOT,
        H.PAYMENT_CAPTURED: MOOT,
        H.PAYMENT_FAILED: MOOT,
        H.DEADLINE: MOOT,
        H.CANCEL: S.REFUNDED,  # before shipment: money and stock go back
        H.FULL_REFUND: S.REFUNDED,
        H.UNPAYABLE: MOOT,
    },
    S.CANCELLED: dict.fromkeys(Happening, MOOT),
    S.REFUNDED: dict.fromkeys(Happening, MOOT),
}


def outcome(status: Status, happening: Happening) -> Status | Unmoved:
    """What this does to an order in this state. Raises Conflict(wrong_state) where it cannot happen."""
    if happening not in LIFE[status]:
        raise Conflict("wrong_state", f"{happening} cannot happen to an order that is {status}")
    return LIFE[status][happening]
