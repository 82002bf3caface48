"""An order, its lines and totals, and the payment window."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.modules.orders.domain.orders.state_machine import Status, Trigger, Unchanged, outcome
from app.modules.orders.domain.policies.capture import ALERT_BEFORE, Capture

CAPTURE_TIME = timedelta(minutes=15)  # a confirmed order that is not paid by then is listed as stuck
OPEN = frozenset({Status.PLACED, Status.AWAITING_PAYMENT, Status.CONFIRMED})
UNDONE = frozenset({Status.CANCELLED, Status.REFUNDED})
GIVES_BACK = frozenset({Trigger.CANCEL, Trigger.FULL_REFUND})  # the money; not possible for goods that have left


class RefundState(StrEnum):
    """The state of the refund, as payments last reported it."""

    NONE = "none"
    PENDING = "pending"
    FAILED = "failed"  # a person has to refund the customer in another way
    DONE = "done"


class Fulfilment(StrEnum):
    """How much of an order has left; `delivered`: all of it has arrived."""

    NONE = "none"
    PART = "part"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A quantity of one SKU, at the price it had when the order was placed.

    Of `quantity` units, `cancelled` and `packed` are counted apart; of the packed ones `dispatched` have left, and of
    these `returned` have come back. `refunded`: units whose money is given back, or on its way; where they are does not
    matter.
    """

    sku: str
    name: str
    quantity: int
    unit_price: Money
    cancelled: int = 0
    packed: int = 0
    dispatched: int = 0
    returned: int = 0
    refunded: int = 0
    ships: bool = True  # whether it leaves in a shipment
    discount: int = 0  # its share of all discounts, in the smallest unit
    tax: int = 0  # its share of the tax, in the smallest unit


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The total that the customer pays, and its parts: items + shipping + tax - discount.

    `tax_included`: the prices have the tax in them, so that it is a part of the others and not added to them.
    """

    items: Money
    shipping: Money
    tax: Money
    discount: Money
    total: Money
    tax_included: bool = False


@dataclass(frozen=True, kw_only=True)
class Order:
    """A customer's order. `version` 0: not saved yet; each saved change increments it by one."""

    id: UUID
    customer_id: UUID
    lines: tuple[Line, ...]
    totals: Totals
    placed_at: datetime
    deadline: datetime | None
    status: Status = Status.PLACED
    reason: str | None = None  # why it was cancelled or refunded
    refunded: int = 0  # refunded so far, as payments reports it; it decreases when a refund fails later
    refund: RefundState = RefundState.NONE
    written_off: bool = False  # a person has written off the failed refund
    disputed: int = 0  # the amount that banks have taken back for the cardholder
    fulfilment: Fulfilment = Fulfilment.NONE
    capture: Capture = Capture.NOW
    capture_before: datetime | None = None  # when the bank releases the money; only where the capture is later
    cart_id: UUID | None = None
    shipping_method: str | None = None  # its code, and its name as it was at placing; its price is in the totals
    shipping_name: str | None = None
    ship_to: str = ""  # the country, or the country with its region; the address is stored apart
    request_id: str | None = None  # the request that placed it
    trace_id: str | None = None  # the trace of that request
    running_number: int = 0  # assigned when it is saved first
    alerted: bool = False  # people were alerted to its missed deadline: the sweep skips it from now on
    version: int = 0

    @property
    def currency(self) -> str:
        """The currency of the total, and of every line."""
        return self.totals.total.currency

    @property
    def number(self) -> str:
        """The number that people use: the UTC date of placing, and a running number, such as 261126-184223."""
        return f"{self.placed_at:%y%m%d}-{self.running_number}"

    @property
    def units(self) -> int:
        """The sum of the quantities of all lines."""
        return sum(line.quantity for line in self.lines)

    @property
    def is_dispatched(self) -> bool:
        """Whether any of its units has left. From then on the order is not cancelled: goods come back as returns."""
        return any(line.dispatched for line in self.lines)

    @property
    def may_be_packed(self) -> bool:
        """Whether it is paid, and not all of that was refunded or taken back by banks; or confirmed, if the money is
        taken at dispatch.
        """
        may_leave = self.status is Status.PAID or (self.status is Status.CONFIRMED and self.capture is not Capture.NOW)
        return may_leave and (self.is_free or self.due.amount > self.disputed)

    @property
    def is_on_hold(self) -> bool:
        """Whether its money is held by the bank until its first goods leave."""
        return self.status is Status.CONFIRMED and self.capture is Capture.LATER

    @property
    def cancelled(self) -> Money:
        """The part of the total that was cancelled and not charged. What was charged, even after that, is refunded."""
        if self.status is not Status.CANCELLED:
            return Money(0, self.currency)
        return self.totals.total - Money(self.refunded, self.currency)

    @property
    def given_back(self) -> int:
        """What was refunded and, of an order that was undone, what banks have taken back: that is not refunded too."""
        taken = self.disputed if self.status is Status.REFUNDED else 0
        return max(self.refunded, min(self.refunded + taken, self.totals.total.amount))

    @property
    def due(self) -> Money:
        """What the customer has to pay in the end: the total without what is cancelled and given back."""
        return self.totals.total - self.cancelled - Money(self.given_back, self.currency)

    @property
    def is_free(self) -> bool:
        """Whether the total is zero. No payment is requested for such an order."""
        return self.totals.total.amount == 0


@dataclass(frozen=True)
class PaymentWindow:
    """How long an order waits for its payment: `length` after its last activity, at most `cap` after it was placed."""

    length: timedelta
    cap: timedelta

    def deadline(self, placed_at: datetime, now: datetime) -> datetime:
        """When the order is cancelled if it has no activity after `now`."""
        return min(now + self.length, placed_at + self.cap)


def after(
    order: Order, trigger: Trigger, now: datetime, payment_window: PaymentWindow, reason: str | None
) -> Order | Unchanged:
    """The order after the trigger, or how it stays unchanged. Raises Conflict(wrong_state, already_dispatched)."""
    to = outcome(order.status, trigger)
    if order.is_dispatched and trigger in GIVES_BACK and order.status not in UNDONE:
        to = _after_dispatch(trigger)
    if isinstance(to, Unchanged):
        return to
    if to is Status.AWAITING_PAYMENT and order.is_free:
        to = Status.CONFIRMED
    refund_due = trigger is Trigger.CANCEL and to is Status.REFUNDED and not order.is_free
    return replace(
        order,
        status=to,
        lines=tuple(map(rest_cancelled, order.lines)) if to in UNDONE else order.lines,
        reason=reason,
        deadline=_deadline(order, to, now, payment_window),
        alerted=False,
        refund=RefundState.PENDING if refund_due else order.refund,
    )


def recorded(order: Order, trigger: Trigger) -> Order:
    """The order after a trigger that is only recorded: `alerted` is set for a missed deadline, so people are alerted
    once. A failed payment changes nothing, so it does not renew the deadline.
    """
    return replace(order, alerted=True) if trigger is Trigger.DEADLINE else order


def is_overdue(order: Order, now: datetime) -> bool:
    """Whether its deadline has passed and has not been acted on."""
    return order.deadline is not None and order.deadline < now and not order.alerted


def as_placed(order: Order, payment_window: PaymentWindow) -> Order:
    """The order as the response to its placing showed it, whatever its state is now.

    A request that is repeated with its idempotency key is answered with it.
    """
    deadline = payment_window.deadline(order.placed_at, order.placed_at)
    return replace(
        order,
        status=Status.PLACED,
        lines=tuple(replace(line, cancelled=0, packed=0, dispatched=0, returned=0, refunded=0) for line in order.lines),
        fulfilment=Fulfilment.NONE if any(line.ships for line in order.lines) else order.fulfilment,
        reason=None,
        deadline=deadline,
        alerted=False,
        refunded=0,
        refund=RefundState.NONE,
        written_off=False,
        disputed=0,
        capture=Capture.NOW if order.capture is Capture.NOW else Capture.LATER,
        capture_before=None,
        version=1,
    )


def _after_dispatch(trigger: Trigger) -> Unchanged:
    """A full refund is recorded: goods are gone, so the order stays paid, and their stock is not returned."""
    if trigger is Trigger.CANCEL:
        raise Conflict(
            "already_dispatched", "goods of this order have been dispatched: it cannot be cancelled any more"
        )
    return Unchanged.RECORDED


def rest_cancelled(line: Line) -> Line:
    """The line without the units that have not left: packed ones are unpacked."""
    return replace(line, cancelled=line.quantity - line.dispatched, packed=line.dispatched)


def _deadline(order: Order, to: Status, now: datetime, payment_window: PaymentWindow) -> datetime | None:
    if to is Status.CONFIRMED:
        ends = order.capture_before if order.capture is Capture.LATER else None
        return ends - ALERT_BEFORE if ends else now + CAPTURE_TIME
    return payment_window.deadline(order.placed_at, now) if to in OPEN else None
