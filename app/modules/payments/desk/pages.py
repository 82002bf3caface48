"""The payment of an order, which the page of the order shows as well; and its refunds."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from flask import request

from app.desk.amounts import amount_of
from app.desk.forms import Form, Input, Sent, reason
from app.desk.links import local
from app.desk.pages import Pages, render
from app.kernel import clock
from app.kernel.money import Money
from app.kernel.transaction import Transaction
from app.modules.payments.desk.outcomes import add_outcomes
from app.modules.payments.domain.outcomes import DayOfPayments
from app.modules.payments.domain.payment import Payment, refundable
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.payments.see_payment import payments_of_order, see_payment
from app.modules.payments.use_cases.refunds.request_refund import request_refund
from app.ops.caller import caller
from app.web.auth import customer_id
from app.web.schemas import Text

REFUND = Form(
    "refund",
    "Refund",
    "The refund was requested; the bank is told now.",
    (
        Input("amount", "Amount", Text(max_length=20, load_default=None), hint="empty: all that can still be refunded"),
        reason(),
    ),
    danger=True,
)


def payments_pages(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    outcomes: Callable[[datetime, datetime], Sequence[DayOfPayments]],
) -> Pages:
    pages = Pages("payments", __name__)
    add_outcomes(pages, outcomes)
    one = partial(payment_page, reading)
    pages.page("/of-order/<uuid:order_id>", "of-order", partial(of_order, reading))
    pages.page("/<uuid:payment_id>", "payment", one)
    pages.action("/<uuid:payment_id>/refund", REFUND, transaction, refund, "payment", one)
    return pages


def of_order(reading: Transaction[UnitOfWork], order_id: UUID) -> str:
    """An order has at most one payment, and none before its stock is held."""
    with reading() as uow:
        found = payments_of_order(uow, order_id, customer_id(), True)
        return _shown(uow, found[0] if found else None, order_id)


def payment_page(reading: Transaction[UnitOfWork], payment_id: UUID) -> str:
    with reading() as uow:
        payment = see_payment(uow, payment_id, customer_id(), True)
        return _shown(uow, payment, payment.order_id)


def refund(uow: UnitOfWork, sent: Sent, payment_id: UUID) -> None:
    typed = sent.values["amount"]
    currency = uow.payments.get(payment_id).amount.currency
    amount = amount_of(typed, currency) if typed else None
    request_refund(uow, sent.id, payment_id, amount, sent.values["reason"], caller(), clock.now())


def _shown(uow: UnitOfWork, payment: Payment | None, order_id: UUID) -> str:
    refunds = uow.refunds.of(payment.id) if payment else ()
    left = refundable(payment, uow.refunds.committed(payment.id)) if payment else 0
    currency = payment.amount.currency if payment else ""
    return render(
        "payments/payment.html",
        payment=payment,
        order_id=order_id,
        refunds=refunds,
        left=Money(left, currency) if left > 0 else None,
        money_of=partial(Money, currency=currency),
        form=REFUND,
        back=local(request.args.get("back")) or local(request.form.get("back")),
    )
