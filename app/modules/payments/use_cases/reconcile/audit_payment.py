"""Compare the payment of an order with the order's status."""

from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.payments import PaymentAuditReported
from app.kernel.money import Money
from app.modules.payments.domain.payment import DesiredState, Payment, Status, Step, next_step, owed
from app.modules.payments.domain.refund import RefundStatus
from app.modules.payments.ports import UnitOfWork

ON = frozenset({"awaiting_payment", "confirmed", "paid"})


@dataclass(frozen=True)
class OrderStatus:
    """The order's status, whether goods have left, whether its capture is still to be requested, and which refunds of
    units it waits for.
    """

    status: str
    is_dispatched: bool
    captures_later: bool
    refunds: tuple[UUID, ...] = ()


def audit_payment(uow: UnitOfWork, audit: str, order_id: UUID, order: OrderStatus, amount: Money, version: int) -> None:
    """Compare the payment with the order, and publish the result; nothing is changed.

    All earlier events of the order have been consumed before this request. If the order has not consumed our latest
    event yet, it will have by the time it consumes this result, and requests the audit again. What a worker is about to
    do is no discrepancy. An order whose goods have left stays paid, even if all of it is refunded.
    """
    payment = uow.payments.of_order(order_id)
    discrepancy = _discrepancy(uow, payment, order, amount) or ""
    uow.publish(PaymentAuditReported(audit=audit, order_id=str(order_id), discrepancy=discrepancy, version=version))


def _discrepancy(uow: UnitOfWork, payment: Payment | None, order: OrderStatus, amount: Money) -> str | None:
    status = order.status
    if payment is None:
        return f"it is {status}, and has no payment" if status in ON and amount.amount else None
    if payment.amount != amount:
        return f"it is over {amount}, its payment over {payment.amount}"
    about = f"it is {status}, its payment is {payment.status}"
    match status:
        case "placed":
            return about
        case "awaiting_payment":
            reported = {Status.AUTHORIZED, Status.CAPTURED, Status.FAILED, Status.CANCELLED}
            off = payment.desired is DesiredState.CANCELLED
            if not off and payment.status not in reported:
                return None
            closing = payment.is_exhausted and next_step(payment) is Step.CANCEL  # a job cancels it and publishes that
            return _unless(uow, payment, f"{about}{', and its cancellation was requested' * off}", closing)
        case "confirmed" if order.captures_later:
            return None if payment.is_on_hold else f"{about}, though it is to be captured later"
        case "confirmed":
            return _unless(uow, payment, about, next_step(payment) is Step.CAPTURE)
        case "paid":
            net = payment.captured - payment.refunded - payment.disputed
            whole = payment.captured == amount.amount and (net > 0 or payment.disputed > 0 or order.is_dispatched)
            return _refund_lost(uow, order) if whole else f"{about}: only {net} of {amount} remains captured"
        case "cancelled" | "refunded":
            return _not_released(uow, payment, about)
        case _:
            return None  # a status of a later release of orders, which cannot be judged here


def _refund_lost(uow: UnitOfWork, order: OrderStatus) -> str | None:
    for id in order.refunds:
        refund = uow.refunds.find(id)
        if refund is None:
            return f"it waits for refund {id}, which was never requested here"
        if refund.status is not RefundStatus.NEW:
            return f"it waits for refund {id}, which is {refund.status}"
    return None


def _not_released(uow: UnitOfWork, payment: Payment, about: str) -> str | None:
    if payment.desired is not DesiredState.CANCELLED:
        return f"{about}, but its cancellation was not requested"
    if next_step(payment) is not None:
        return _unless(uow, payment, about, True)
    if (left := owed(payment)) > 0:
        return _unless(uow, payment, f"{about}: {left} was not refunded", True)
    return None


def _unless(uow: UnitOfWork, payment: Payment, discrepancy: str, may_be: bool) -> str | None:
    """Return the discrepancy, unless the state is a possible intermediate one and a job for the payment is queued."""
    return None if may_be and uow.has_job(payment) else discrepancy
