"""Refund units of an order, and follow what becomes of such refunds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.bus.contracts.orders import RefundRequested
from app.modules.orders.domain.order import Order
from app.modules.orders.domain.tax.given_back import Units
from app.modules.orders.domain.unit_refund import (
    UnitRefund,
    after_report,
    new_refund,
    units_given_back,
    with_refunded,
)
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.see_order import see_order
from app.modules.orders.use_cases.orders.see_tax import tax_lines_of


def refund_units(uow: UnitOfWork, id: UUID, order_id: UUID, units: Mapping[str, int], who: str, why: str) -> UnitRefund:
    """Have payments give back what was paid for these units, by SKU. The goods stay where they are: what has not left
    is still to be packed. The trail records who wanted it and why.

    The order is saved first: its row is what all who refund its units wait for. Raises NotFound(no_such_order),
    Conflict(not_paid, nothing_left_to_refund, nothing_to_refund, refund_too_large, too_many_refunds), Stale.
    """
    order = uow.orders.get(order_id)
    refund = new_refund(order, tax_lines_of(uow, order), uow.refunds.of(order_id), id, units, uow.now)
    saved = uow.orders.save(replace(order, lines=with_refunded(order.lines, refund)))
    uow.refunds.add(refund)
    uow.refunds.count(saved, refund)
    uow.trail.record(who, "refund units", str(order_id), why)
    counts = {sku: each.quantity for sku, each in sorted(refund.lines.items())}
    detail: dict[str, object] = {"amount": refund.amount, "currency": order.currency, "units": counts}
    uow.timeline.record(order_id, "orders", "refund_requested", uow.now, detail)
    uow.publish(
        RefundRequested(
            order_id=str(order_id),
            customer_id=str(order.customer_id),
            refund_id=str(id),
            amount=refund.amount,
            currency=order.currency,
            version=saved.version,
        )
    )
    return refund


def see_unit_refunds(
    uow: UnitOfWork, order_id: UUID, caller: UUID, is_staff: bool
) -> tuple[Order, Sequence[UnitRefund]]:
    """The order, and all refunds of its units, the oldest first. Raises what see_order raises."""
    order = see_order(uow, order_id, caller, is_staff)
    return order, uow.refunds.of(order.id)


@dataclass(frozen=True)
class ReportedUnits:
    """What payments reports about refunds of units: those that it changes; and what of the order was refunded by units
    before and after that.
    """

    changed: Sequence[UnitRefund]
    before: Units
    after: Units

    def counted(self, order: Order) -> Order:
        """The order, in whose lines the units of failed refunds do not count."""
        for each in self.changed:
            if each.has_failed:
                order = replace(order, lines=with_refunded(order.lines, each, -1))
        return order

    def store(self, uow: UnitOfWork, saved: Order) -> None:
        """To be called once the order is saved. Raises Stale."""
        for each in self.changed:
            uow.refunds.save(each)
            if each.has_failed:
                uow.refunds.count(saved, each, -1)


def reported_units(uow: UnitOfWork, order: Order, states: Mapping[UUID, str]) -> ReportedUnits:
    """Compare with what payments reports: the state of each refund of units, by id. Most orders have none."""
    if not any(line.refunded for line in order.lines):
        return ReportedUnits((), {}, {})
    known = uow.refunds.of(order.id)
    now = [after_report(each, states.get(each.id, "")) for each in known]
    changed = [after for before, after in zip(known, now, strict=True) if after is not before]
    return ReportedUnits(changed, units_given_back(order, known), units_given_back(order, now))
