"""Answer whether an order's money is as its status says."""

from uuid import UUID

from app.bus.contracts.payments import PaymentAuditReported
from app.kernel.money import Money
from app.modules.payments.domain.payment import DesiredState, Payment, Status, Step, next_step
from app.modules.payments.ports import UnitOfWork

ON = frozenset({"awaiting_payment", "confirmed", "paid"})


def audit_payment(uow: UnitOfWork, audit: str, order_id: UUID, status: str, amount: Money, version: int) -> None:
    """Compare, and say what differs; nothing is changed.

    All that orders said of it before has been heard. If its order only has not heard our last word yet, it will have
    moved by the time it hears this one, and asks again. What a worker is about to do is no discrepancy.
    """
    payment = uow.payments.of_order(order_id)
    discrepancy = _discrepancy(uow, payment, status, amount) or ""
    uow.publish(PaymentAuditReported(audit=audit, order_id=str(order_id), discrepancy=discrepancy, version=version))


def _discrepancy(uow: UnitOfWork, payment: Payment | None, status: str, amount: Money) -> str | None:
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
            closing = payment.is_exhausted and next_step(payment) is Step.CANCEL  # and will say so
            return _unless(uow, payment, f"{about}{', and called off' * off}", closing)
        case "confirmed":
            return _unless(uow, payment, about, next_step(payment) is Step.CAPTURE)
        case "paid":
            kept = payment.captured - payment.refunded - payment.disputed
            whole = payment.captured == amount.amount and (kept > 0 or payment.disputed > 0)
            return None if whole else f"{about}: {kept} of {amount} is ours"
        case "cancelled" | "refunded":
            return _not_let_go(uow, payment, about)
        case _:
            return None  # a status that orders has learned since: it says nothing to us yet


def _not_let_go(uow: UnitOfWork, payment: Payment, about: str) -> str | None:
    if payment.desired is not DesiredState.CANCELLED:
        return f"{about}, and not called off"
    if next_step(payment) is not None:
        return _unless(uow, payment, about, True)
    if kept := payment.captured - payment.refunded - payment.disputed:
        return _unless(uow, payment, f"{about}: {kept} were not given back", True)
    return None


def _unless(uow: UnitOfWork, payment: Payment, discrepancy: str, may_be: bool) -> str | None:
    """It is a discrepancy unless it may be so for the moment and someone is at it."""
    return None if may_be and uow.has_job(payment) else discrepancy
