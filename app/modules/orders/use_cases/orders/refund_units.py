"""Refund units of an order, and read such refunds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from app.bus.contracts.orders import RefundRequested
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.unit_refund import UnitRefund, new_refund
from app.modules.orders.domain.shipping.packing import fulfilment_of, without_refunded
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.documents.request_documents import request_documents
from app.modules.orders.use_cases.orders.see_order import see_order
from app.modules.orders.use_cases.orders.see_tax import tax_lines_of
from app.modules.orders.use_cases.shipments.cancel_refunded import cancel_refunded


def refund_units(uow: UnitOfWork, id: UUID, order_id: UUID, units: Mapping[str, int], who: str, why: str) -> UnitRefund:
    """Have payments give back what was paid for these units, by SKU. Those that are still here and not packed are
    cancelled; goods that have left stay where they are. The trail records who wanted it and why.

    The order is saved first: its row is what all who refund its units wait for, so none sees the refunds of another
    and not its counts. Raises NotFound(no_such_order),
    Conflict(not_paid, nothing_left_to_refund, nothing_to_refund, refund_too_large, too_many_refunds), Stale.
    """
    before = uow.orders.get(order_id)
    counted = (replace(line, refunded=line.refunded + units.get(line.sku, 0)) for line in before.lines)
    lines = tuple(map(without_refunded, counted))
    fulfilment = fulfilment_of(lines, uow.shipments.of(order_id).values())
    order = uow.orders.save(replace(before, lines=lines, fulfilment=fulfilment))
    refund = new_refund(before, tax_lines_of(uow, order), uow.refunds.of(order_id), id, units, uow.now)
    uow.refunds.add(refund)
    uow.refunds.count(order, refund)
    uow.trail.record(who, "refund units", str(order_id), why)
    counts = {sku: each.quantity for sku, each in sorted(refund.lines.items())}
    detail: dict[str, object] = {"amount": refund.amount, "currency": order.currency, "units": counts}
    uow.timeline.record(order_id, "orders", "refund_requested", uow.now, detail)
    cancel_refunded(uow, order, before.lines)
    if order.fulfilment is not before.fulfilment:
        request_documents(uow, order)
    uow.publish(
        RefundRequested(
            order_id=str(order_id),
            customer_id=str(order.customer_id),
            refund_id=str(id),
            amount=refund.amount,
            currency=order.currency,
            version=order.version,
        )
    )
    return refund


def see_unit_refunds(
    uow: UnitOfWork, order_id: UUID, caller: UUID, is_staff: bool
) -> tuple[Order, Sequence[UnitRefund]]:
    """The order, and all refunds of its units, the oldest first. Raises what see_order raises."""
    order = see_order(uow, order_id, caller, is_staff)
    return order, uow.refunds.of(order.id)
