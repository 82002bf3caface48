"""Find the orders that do not move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.money import Money
from app.modules.orders.domain.life import Status
from app.modules.orders.domain.order import Order
from app.modules.orders.ports import UnhandledEvent, UnitOfWork

WAITS_FOR: dict[Status, tuple[str, str]] = {  # and what to do about it
    Status.PLACED: (
        "catalog: is the stock held, or short?",
        "see that catalog runs and has nothing parked, then nudge the order",
    ),
    Status.AWAITING_PAYMENT: (
        "the customer's payment, or the deadline sweep",
        "see that the background of orders runs: it cancels within seconds what was not paid in time",
    ),
    Status.CONFIRMED: (
        "payments: the capture; no clock undoes it, a person has to look",
        "nudge the order: payments looks at Stripe anew; cancel it if the money cannot be captured",
    ),
}


REFUND_AGAIN = "refund it anew (POST /payments/{id}/refunds), or give it back in another way and write it off"


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """An order that does not move: what it waits for, since when, and what a person can do."""

    order_id: str
    status: str
    waits_for: str
    since: datetime
    advice: str


def list_stuck(uow: UnitOfWork, limit: int | None = None) -> Sequence[Stuck]:
    """Orders past their deadline, by state; then those of which a refund failed that nobody has written off; then
    those whose events are parked, or were given up on by a person.

    An event that was given up on counts until its order is nudged, or has ended so that nothing moves it any more.
    At most so many of each, those that wait longest.
    """
    overdue = [_overdue(order, since) for order, since in uow.orders.past_deadline(uow.now, limit)]
    unhandled = [_unhandled(uow.orders.find(UUID(each.key)), each) for each in uow.unhandled.about_orders(limit)]
    states = list(Status)
    unpaid_back = [_not_given_back(order, since) for order, since in uow.orders.not_given_back(limit)]
    return [*sorted(overdue, key=lambda each: states.index(Status(each.status))), *unpaid_back, *unhandled]


def _overdue(order: Order, since: datetime) -> Stuck:
    waits_for, advice = WAITS_FOR[order.status]
    return Stuck(order_id=str(order.id), status=order.status, waits_for=waits_for, since=since, advice=advice)


def _not_given_back(order: Order, since: datetime) -> Stuck:
    waits_for = f"its customer's money: a refund failed, and {Money(order.refunded, order.currency)} went back so far"
    return Stuck(order_id=str(order.id), status=order.status, waits_for=waits_for, since=since, advice=REFUND_AGAIN)


def _unhandled(order: Order | None, event: UnhandledEvent) -> Stuck:
    status = order.status if order else "unknown here"
    return Stuck(order_id=event.key, status=status, waits_for=event.sentence, since=event.since, advice=event.advice)
