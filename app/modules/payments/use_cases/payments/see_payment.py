"""Read a payment, or the payments of an order."""

from collections.abc import Sequence
from uuid import UUID

from app.kernel.errors import NotFound
from app.modules.payments.domain.payment import Payment
from app.modules.payments.ports import UnitOfWork


def see_payment(uow: UnitOfWork, payment_id: UUID, caller: UUID, is_staff: bool) -> Payment:
    """Return the payment. Raises NotFound(no_such_payment), also for another customer's payment."""
    payment = uow.payments.get(payment_id)
    if payment.customer_id != caller and not is_staff:
        raise NotFound("no_such_payment", f"there is no payment {payment_id}")
    return payment


def payments_of_order(uow: UnitOfWork, order_id: UUID, caller: UUID, is_staff: bool) -> Sequence[Payment]:
    """Return the order's payment; an empty list until its stock is held, or for another customer's order."""
    payment = uow.payments.of_order(order_id)
    return [payment] if payment and (is_staff or payment.customer_id == caller) else []
