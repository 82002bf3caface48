"""List the stuck orders: those that do not move without a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.clock import rfc3339
from app.kernel.money import Money
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.ports import UnhandledEvent, UnitOfWork

WAITS_FOR: dict[Status, tuple[str, str]] = {  # what the order waits for, and what a person can do
    Status.PLACED: (
        "catalog to hold or reject the stock",
        "check that catalog runs and has no parked events, then nudge the order",
    ),
    Status.AWAITING_PAYMENT: (
        "the customer's payment, or the deadline sweep",
        "check that the background of orders runs: its sweep cancels overdue orders within seconds",
    ),
    Status.CONFIRMED: (
        "payments to capture the money; a confirmed order is never cancelled by a deadline",
        "nudge the order: payments then checks Stripe again; cancel the order if the money cannot be captured",
    ),
}

REFUND_AGAIN = "refund it again (POST /payments/{id}/refunds), or refund it in another way and write it off"


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """A stuck order: what it waits for, since when, and what a person can do.

    `status` is "unknown here" if an unhandled event is about an order that orders does not have.
    """

    order_id: str
    status: str
    waits_for: str
    since: datetime
    advice: str


def list_stuck(uow: UnitOfWork, limit: int | None = None) -> Sequence[Stuck]:
    """Orders past their deadline, by status; then those with a failed refund that nobody has written off; then those
    with an event that is parked or was discarded by a person.

    A discarded event counts until its order is nudged, or has been cancelled or refunded, after which nothing moves it.
    At most `limit` of each kind, those that wait longest.
    """
    overdue = [_overdue(order, since) for order, since in uow.orders.past_deadline(uow.now, limit)]
    unhandled = [_unhandled(uow.orders.find(UUID(each.key)), each) for each in uow.unhandled.about_orders(limit)]
    statuses = list(Status)
    unrefunded = [_unrefunded(order, since) for order, since in uow.orders.with_failed_refund(limit)]
    return [*sorted(overdue, key=lambda each: statuses.index(Status(each.status))), *unrefunded, *unhandled]


def _overdue(order: Order, since: datetime) -> Stuck:
    waits_for, advice = WAITS_FOR[order.status]
    if order.is_on_hold and order.capture_before:
        waits_for = f"its first dispatch: the bank holds its money until {rfc3339(order.capture_before)}"
        advice = "pack and dispatch it, or cancel it: 2 hours before the end AT_HOLD_END decides, if it is set"
    return Stuck(order_id=str(order.id), status=order.status, waits_for=waits_for, since=since, advice=advice)


def _unrefunded(order: Order, since: datetime) -> Stuck:
    waits_for = f"a person: a refund failed, and {Money(order.refunded, order.currency)} was refunded so far"
    return Stuck(order_id=str(order.id), status=order.status, waits_for=waits_for, since=since, advice=REFUND_AGAIN)


def _unhandled(order: Order | None, event: UnhandledEvent) -> Stuck:
    status = order.status if order else "unknown here"
    return Stuck(order_id=event.key, status=status, waits_for=event.sentence, since=event.since, advice=event.advice)
