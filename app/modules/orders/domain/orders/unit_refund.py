"""A refund of units of an order: what was paid for them is given back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.kernel.errors import Conflict
from app.kernel.money import CHARGES, Charge, Money
from app.modules.orders.domain.carts.shares import share_of
from app.modules.orders.domain.orders.order import Line, Order
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.tax.given_back import Units
from app.modules.orders.domain.tax.taxed import TaxLine, target_of

MAX_REFUNDS = 50  # of one order, with the failed ones: an event of payments has the state of all of them


class UnitRefundStatus(StrEnum):
    REQUESTED = "requested"
    MADE = "made"  # the bank has it, or the customer
    FAILED = "failed"  # its units can be refunded again


@dataclass(frozen=True)
class RefundedUnits:
    """A number of units of one line, and what is given back for all of them."""

    quantity: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class UnitRefund:
    """`lines`: the units by SKU. Amounts are in the smallest unit of the order's currency."""

    id: UUID
    order_id: UUID
    lines: Mapping[str, RefundedUnits]
    requested_at: datetime
    status: UnitRefundStatus = UnitRefundStatus.REQUESTED

    @property
    def amount(self) -> int:
        return sum(each.amount for each in self.lines.values())

    @property
    def has_failed(self) -> bool:
        return self.status is UnitRefundStatus.FAILED


def paid_for(line: Line, tax_lines: Iterable[TaxLine], units: int) -> int:
    """What was paid for the first `units` of this line, after discounts and with the tax that was added. It can be
    charged in its currency if the whole line can.
    """
    step = CHARGES.get(line.unit_price.currency, Charge()).step
    added = [each.amount for each in tax_lines if each.target == target_of(line.sku) and not each.included]
    goods = line.unit_price.amount * line.quantity - line.discount
    return sum(share_of(each, units, line.quantity, step=step) for each in (goods, *added))


def left_to_refund(lines: Iterable[Line]) -> dict[str, int]:
    """The units that are not refunded, by SKU."""
    left = {line.sku: line.quantity - line.refunded for line in lines}
    return {sku: units for sku, units in left.items() if units > 0}


def new_refund(
    order: Order,
    tax_lines: Sequence[TaxLine],
    earlier: Sequence[UnitRefund],
    id: UUID,
    units: Mapping[str, int],
    now: datetime,
) -> UnitRefund:
    """The refund of these units, the same for whoever asks in whatever portions. `earlier`: the others of the order.

    Raises Conflict(not_paid, nothing_left_to_refund, nothing_to_refund, refund_too_large, too_many_refunds).
    """
    if order.status is not Status.PAID:
        raise Conflict("not_paid", f"the order is {order.status}: only units of a paid order can be refunded")
    left = left_to_refund(order.lines)
    if any(wanted > left.get(sku, 0) for sku, wanted in units.items()):
        text = ", ".join(f"{quantity} {sku}" for sku, quantity in sorted(left.items())) or "nothing"
        more = {"left": [{"sku": sku, "quantity": quantity} for sku, quantity in sorted(left.items())]}
        raise Conflict("nothing_left_to_refund", f"of this order, {text} is left to refund", more)
    if len(earlier) >= MAX_REFUNDS:
        sentence = f"an order has at most {MAX_REFUNDS} refunds of units: refund an amount of its payment instead"
        raise Conflict("too_many_refunds", sentence, {"limit": MAX_REFUNDS})
    lines = {line.sku: _units(line, tax_lines, units[line.sku], earlier) for line in order.lines if line.sku in units}
    amount = sum(each.amount for each in lines.values())
    reserved = sum(each.amount for each in earlier if each.status is UnitRefundStatus.REQUESTED)
    rest = order.due.amount - reserved
    if amount <= 0:
        raise Conflict("nothing_to_refund", "nothing was paid for these units")
    if amount > rest:
        paid, left_over = Money(amount, order.currency), Money(max(rest, 0), order.currency)
        raise Conflict(
            "refund_too_large",
            f"{paid} was paid for these units, and at most {left_over} can still be refunded",
            {"refundable": {"amount": left_over.amount, "currency": order.currency}},
        )
    return UnitRefund(id=id, order_id=order.id, lines=lines, requested_at=now)


def _units(line: Line, tax_lines: Sequence[TaxLine], units: int, earlier: Iterable[UnitRefund]) -> RefundedUnits:
    """So many more units of a line. What they get is what all refunded units of it get, without what the ones before
    got: so all of them, in whatever portions and after whatever failed, get exactly what was paid for the line.
    """
    live = (each.lines[line.sku] for each in earlier if line.sku in each.lines and not each.has_failed)
    got = sum(each.amount for each in live)
    return RefundedUnits(units, max(0, paid_for(line, tax_lines, line.refunded + units) - got))


def not_refunded(lines: Sequence[Line], failed: UnitRefund) -> tuple[Line, ...]:
    """The lines, in which the units of a failed refund do not count."""
    return tuple(
        replace(line, refunded=line.refunded - failed.lines[line.sku].quantity) if line.sku in failed.lines else line
        for line in lines
    )


def units_given_back(order: Order, refunds: Iterable[UnitRefund]) -> Units:
    """The units whose money is back."""
    counts = Counter[str]()
    for each in refunds:
        if each.status is UnitRefundStatus.MADE:
            counts.update({sku: line.quantity for sku, line in each.lines.items()})
    return {line.sku: (counts[line.sku], line.quantity) for line in order.lines if counts[line.sku]}


STATUS = {  # by the state that payments reports
    "pending": UnitRefundStatus.MADE,
    "succeeded": UnitRefundStatus.MADE,
    "failed": UnitRefundStatus.FAILED,
}


def after_report(refund: UnitRefund, state: str) -> UnitRefund:
    """The refund as payments reports it. A failed one stays so: its units may have been refunded again."""
    to = STATUS.get(state, refund.status)
    return refund if refund.has_failed or to is refund.status else replace(refund, status=to)


class UnitRefunds(Protocol):
    """Refunds of units. Whoever writes here has saved the order before, so two who do wait for each other."""

    def get(self, id: UUID) -> UnitRefund:
        """It must exist."""

    def of(self, order_id: UUID) -> Sequence[UnitRefund]:
        """All of an order, the oldest first."""

    def requested(self, order_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[UnitRefund]]:
        """Those of each of these orders of which payments has not reported what became of them."""

    def add(self, refund: UnitRefund) -> None: ...

    def save(self, refund: UnitRefund) -> None:
        """Update its status."""

    def count(self, order: Order, refund: UnitRefund, sign: int = 1) -> None:
        """Count its units as refunded in the order's lines, or no more. Raises Stale if there are not so many."""
