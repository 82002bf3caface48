"""What becomes of an order while a bank holds its money."""

from dataclasses import replace
from datetime import datetime

from app.modules.orders.domain.orders.order import CAPTURE_TIME, Order
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.policies.capture import ALERT_BEFORE, UNREPORTED_HOLD, Capture


def with_hold(order: Order, ends: datetime | None, now: datetime) -> Order:
    """The order, whose payment is authorized, with the end of the bank's hold; the same one if it needs none.

    The end may be reported again, or only later: people are then alerted by the new one.
    """
    if order.capture is not Capture.LATER or order.status not in {Status.AWAITING_PAYMENT, Status.CONFIRMED}:
        return order
    ends = ends or order.capture_before or now + UNREPORTED_HOLD
    if ends == order.capture_before:
        return order
    deadline = ends - ALERT_BEFORE if order.status is Status.CONFIRMED else order.deadline
    return replace(order, capture_before=ends, deadline=deadline, alerted=False)


def with_capture_requested(order: Order, now: datetime) -> Order:
    """The order after its capture was requested; the same one if that is not due."""
    if not order.is_on_hold:
        return order
    return replace(order, capture=Capture.REQUESTED, deadline=now + CAPTURE_TIME, alerted=False)
