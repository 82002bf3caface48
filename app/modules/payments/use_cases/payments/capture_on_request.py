"""Capture a payment that orders wanted to be captured later."""

from uuid import UUID

from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.modules.payments.domain.payment import DesiredState
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.payments.request_payment import change_desired


def capture_on_request(uow: UnitOfWork, order_id: UUID, amount: Money) -> None:
    """Capture the whole payment. One that was captured or cancelled by then stays so.

    Raises Conflict(other_amount): an intent has one capture, and a part of it would release the rest for good.
    """
    payment = uow.payments.of_order(order_id)
    if payment is not None and payment.amount != amount:
        raise Conflict("other_amount", f"the payment of order {order_id} is over {payment.amount}, not {amount}")
    change_desired(uow, order_id, DesiredState.CAPTURED)
