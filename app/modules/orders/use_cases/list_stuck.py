"""Find the orders that do not move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.modules.orders.domain.life import Status
from app.modules.orders.ports import Work

WAITS_FOR: dict[Status, str] = {
    Status.PLACED: "catalog: is the stock held, or short?",
    Status.AWAITING_PAYMENT: "the customer's payment, or the deadline sweep",
    Status.CONFIRMED: "payments: the capture; no clock undoes it, a person has to look",
}


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """An order that does not move: what it waits for, and since when."""

    order_id: str
    status: str
    waits_for: str
    since: datetime


def list_stuck(work: Work, now: datetime) -> Sequence[Stuck]:
    """Orders past their deadline, by state; then those whose events are parked, or were given up on by a person."""
    overdue = [
        Stuck(order_id=str(order.id), status=order.status, waits_for=WAITS_FOR[order.status], since=since)
        for order, since in work.orders.past_deadline(now)
    ]
    unheard = [
        Stuck(order_id=each.key, status=_status(work, each.key), waits_for=each.sentence, since=each.since)
        for each in work.unheard.about_orders()
    ]
    states = list(Status)
    return [*sorted(overdue, key=lambda each: states.index(Status(each.status))), *unheard]


def _status(work: Work, key: str) -> str:
    order = work.orders.find(UUID(key))
    return order.status if order else "unknown here"
