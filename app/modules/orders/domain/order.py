"""An order, and what it adds up to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.kernel.errors import Invalid
from app.kernel.money import CHARGES, MAX_AMOUNT, Money
from app.modules.orders.domain.basket import RequestedItem
from app.modules.orders.domain.life import Status, Trigger, Unchanged, outcome
from app.modules.orders.domain.offer import Offer

CAPTURE_TIME = timedelta(minutes=15)  # a confirmed order that is not paid by then is listed as stuck
OPEN = frozenset({Status.PLACED, Status.AWAITING_PAYMENT, Status.CONFIRMED})


class RefundState(StrEnum):
    """Whether the money that shall go back has: what payments said last."""

    NONE = "none"
    PENDING = "pending"
    FAILED = "failed"  # somebody has to give it back in another way
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Line:
    """So many of one sku, at the price it had when the order was placed."""

    sku: str
    name: str
    quantity: int
    unit_price: Money


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What the customer pays, and of what it is made."""

    items: Money
    shipping: Money
    tax: Money
    discount: Money
    total: Money


@dataclass(frozen=True, kw_only=True)
class Order:
    """A customer's order. `version` 0 is not saved yet; each change that is saved raises it by one."""

    id: UUID
    customer_id: UUID
    lines: tuple[Line, ...]
    totals: Totals
    placed_at: datetime
    deadline: datetime | None
    status: Status = Status.PLACED
    reason: str | None = None  # why it was cancelled or refunded
    refunded: int = 0  # given back so far, as payments says; it falls where a refund fails later
    refund: RefundState = RefundState.NONE
    written_off: bool = False  # a person has settled with a refund that failed
    disputed: int = 0  # what banks have taken back for the cardholder
    cart_id: UUID | None = None
    request_id: str | None = None  # the request that placed it
    trace_id: str | None = None  # and the trace that this was part of
    alerted: bool = False  # its missed deadline has been told to people: no clock looks at it again
    version: int = 0

    @property
    def currency(self) -> str:
        """The one currency of all its lines."""
        return self.totals.total.currency

    @property
    def units(self) -> int:
        """Of all articles together."""
        return sum(line.quantity for line in self.lines)

    @property
    def is_free(self) -> bool:
        """Nothing is to be paid: payments never hears of it."""
        return self.totals.total.amount == 0


@dataclass(frozen=True)
class PaymentWindow:
    """How long an order may wait for its payment: `length` after each activity, never beyond `cap` after placing."""

    length: timedelta
    cap: timedelta

    def deadline(self, placed_at: datetime, now: datetime) -> datetime:
        """When the order is given up if nothing happens from now on."""
        return min(now + self.length, placed_at + self.cap)


def lines_of(basket: Mapping[str, RequestedItem], offers: Mapping[str, Offer]) -> tuple[Line, ...]:
    """What was asked for, at the prices we know of, sorted by sku."""
    return tuple(
        Line(sku=sku, name=offers[sku].name, quantity=requested.quantity, unit_price=offers[sku].price)
        for sku, requested in sorted(basket.items())
    )


def refuse_unpayable(totals: Totals) -> None:
    """Raises Invalid(total_too_small, total_too_large, total_not_payable) for what no provider can charge.

    What can be charged is in kernel/money; nothing at all is taken as it is.
    """
    total = totals.total
    charge = CHARGES.get(total.currency)
    if total.amount == 0 or (charge and charge.takes(total.amount)):
        return
    if charge and total.amount < charge.minimum:
        minimum = Money(charge.minimum, total.currency)
        raise Invalid(
            "total_too_small", f"at least {minimum} can be paid, and this is {total}", _limit("minimum", minimum)
        )
    if charge and total.amount > charge.maximum:
        maximum = Money(charge.maximum, total.currency)
        raise Invalid(
            "total_too_large", f"at most {maximum} can be paid, and this is {total}", _limit("maximum", maximum)
        )
    raise Invalid("total_not_payable", f"{total} cannot be paid in that currency")


def _limit(name: str, limit: Money) -> dict[str, object]:
    return {name: {"amount": limit.amount, "currency": limit.currency}}


def totals_of(lines: Iterable[Line]) -> Totals:
    """The one function that adds up; shipping, tax and discount are zero for now.

    Raises Invalid(empty_order, mixed_currencies, total_too_large).
    """
    amounts = [(line.unit_price.currency, line.unit_price.amount * line.quantity) for line in lines]
    if not amounts:
        raise Invalid("empty_order", "an order has at least one line")
    currencies = sorted({currency for currency, _ in amounts})
    if len(currencies) > 1:
        raise Invalid("mixed_currencies", f"{' and '.join(currencies)} do not add up: order them apart")
    if (total := sum(amount for _, amount in amounts)) > MAX_AMOUNT:
        raise Invalid("total_too_large", f"an order comes to at most {Money(MAX_AMOUNT, currencies[0])}: order less")
    items = Money(total, currencies[0])
    none = Money(0, items.currency)
    return Totals(items=items, shipping=none, tax=none, discount=none, total=items + none + none - none)


def after(
    order: Order, trigger: Trigger, now: datetime, payment_window: PaymentWindow, reason: str | None
) -> Order | Unchanged:
    """The order as this leaves it, or how it is unmoved. Raises Conflict where it cannot happen."""
    to = outcome(order.status, trigger)
    if isinstance(to, Unchanged):
        return to
    if to is Status.AWAITING_PAYMENT and order.is_free:
        to = Status.CONFIRMED
    asked_back = trigger is Trigger.CANCEL and to is Status.REFUNDED and not order.is_free
    return replace(
        order,
        status=to,
        reason=reason,
        deadline=_deadline(order, to, now, payment_window),
        alerted=False,
        refund=RefundState.PENDING if asked_back else order.refund,
    )


def recorded(order: Order, trigger: Trigger) -> Order:
    """What stays of a happening that leaves the status: a missed deadline is told once. A decline renews nothing."""
    return replace(order, alerted=True) if trigger is Trigger.DEADLINE else order


def is_overdue(order: Order, now: datetime) -> bool:
    """Whether a clock must act on it now."""
    return order.deadline is not None and order.deadline < now and not order.alerted


def as_placed(order: Order, payment_window: PaymentWindow) -> Order:
    """The order as the answer to its placing showed it, whatever it has become."""
    deadline = payment_window.deadline(order.placed_at, order.placed_at)
    return replace(
        order,
        status=Status.PLACED,
        reason=None,
        deadline=deadline,
        alerted=False,
        refunded=0,
        refund=RefundState.NONE,
        written_off=False,
        disputed=0,
        version=1,
    )


def _deadline(order: Order, to: Status, now: datetime, payment_window: PaymentWindow) -> datetime | None:
    if to is Status.CONFIRMED:
        return now + CAPTURE_TIME
    return payment_window.deadline(order.placed_at, now) if to in OPEN else None
