"""Answer an order that asks where its money stands."""

from datetime import datetime
from uuid import UUID

from app.kernel.money import Money
from app.modules.payments.domain.payment import KEY_KEPT, Payment, Wanted, want
from app.modules.payments.ports import Work
from app.modules.payments.use_cases.payments.request_payment import open_payment
from app.modules.payments.use_cases.reconcile.say_again import say_again

WANTED = {  # orders' statuses; while it awaits payment, whatever is wanted stays
    "confirmed": Wanted.CAPTURED,
    "paid": Wanted.CAPTURED,
    "cancelled": Wanted.CANCELLED,
    "refunded": Wanted.CANCELLED,
}
OPENED = frozenset({"awaiting_payment", "confirmed"})


def answer_nudge(
    work: Work, order_id: UUID, customer_id: UUID, amount: Money, status: str, now: datetime
) -> Payment | None:
    """Want what the order's status asks for, have Stripe looked at, and say again how its payment stands.

    A payment that is missing is opened, and Stripe asked first whether it has one: ours may have been lost. Not so for
    an order that is paid: nobody shall be able to pay it twice. Before its stock is held an order has no payment, and
    one that costs nothing never has.
    """
    if status == "placed" or amount.amount == 0:
        return None
    payment = work.payments.of_order(order_id)
    if payment is None:
        if status not in OPENED:
            return None
        return open_payment(work, order_id, customer_id, amount, now, WANTED.get(status), asked_at=now - KEY_KEPT)
    wanted = want(payment, WANTED.get(status, payment.wanted))
    if wanted != payment:
        payment = work.payments.save(wanted)
    work.ask("look", payment.id)
    say_again(work, payment, status)
    return payment
