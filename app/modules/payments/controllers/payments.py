"""The endpoints that list, show and confirm payments."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Semaphore
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from app.kernel.errors import Unavailable
from app.kernel.places import leave_place
from app.kernel.transaction import Transaction
from app.modules.payments.controllers import schemas, views
from app.modules.payments.controllers.views import payment_view
from app.modules.payments.domain.payment import Payment
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.payments.confirm_payment import confirm_payment, may_confirm
from app.modules.payments.use_cases.payments.see_payment import payments_of_order, see_payment
from app.web.auth import customer_id, is_staff, signed_in
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.etags import tagged
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.limits import Share, address, hit_all, limited
from app.web.operation import ETAG, IDEMPOTENCY_KEY, NO_SEAT, PREFER, operation
from app.web.waiting import ChangeNotifier, wait_for_change

ADDRESS_SHARE = 10  # multiplies the limit for an address, as offices and mobile networks share addresses
WAIT_FOR_CALL = 5.0  # seconds
WAITED_FOR = 0  # stands for the version while there is no payment, or while Stripe has not created it yet


def payments_blueprint(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    gateway: Gateway,
    changes: ChangeNotifier,
    max_calls: int,
) -> Blueprint:
    """`max_calls`: the number of customers that may confirm a payment at Stripe at the same time, in this process."""
    blp = Blueprint("payments", "/payments", "Pay for orders")
    blp.add("", Payments, reading, changes)
    blp.add("/<uuid:payment_id>", OnePayment, reading)
    blp.add("/<uuid:payment_id>/confirm", Confirm, transaction, gateway, Semaphore(max_calls))
    return blp


@dataclass(frozen=True)
class Payments(MethodView):
    reading: Transaction[UnitOfWork]
    changes: ChangeNotifier

    @signed_in
    @arguments(schemas.OfOrder(), location="query")
    @answers(200, views.PaymentList, NO_SEAT)
    @operation("list_payments", PREFER)
    def get(self, query: dict[str, Any]) -> views.PaymentList:
        """List the payments of an order; with wait, answer when one can be paid or when its version changes"""
        caller, staff = customer_id(), is_staff()

        def look() -> Sequence[Payment]:
            with self.reading() as uow:
                return payments_of_order(uow, query["order_id"], caller, staff)

        about = str(query["order_id"]), str(caller)
        if query["version"] is None:
            found = wait_for_change(self.changes, *about, look, _readiness, WAITED_FOR, query["wait"])
        else:
            found = wait_for_change(self.changes, *about, look, _version, query["version"], query["wait"])
        return views.PaymentList([payment_view(each, caller) for each in found])


@dataclass(frozen=True)
class OnePayment(MethodView):
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, views.Payment, ETAG)
    @operation("get_payment", refusals={404: "no_such_payment"})
    def get(self, payment_id: UUID) -> Answer[views.Payment] | Response:
        """Get a payment"""
        with self.reading() as uow:
            payment = see_payment(uow, payment_id, customer_id(), is_staff())
        return tagged(payment_view(payment, customer_id()), payment.version)


@dataclass(frozen=True)
class Confirm(MethodView):
    transaction: Transaction[UnitOfWork]
    gateway: Gateway
    calls: Semaphore

    @signed_in
    @limited("confirm")
    @arguments(schemas.ConfirmPayment())
    @answers(200, views.Payment)
    @operation(
        "confirm_payment",
        IDEMPOTENCY_KEY,
        refusals={
            402: "card_declined",
            404: "no_such_intent no_such_payment",
            409: "payment_closed payment_in_progress payment_not_ready too_many_declines",
            422: "unknown_payment_method",
        },
    )
    def post(self, body: dict[str, Any], payment_id: UUID) -> Answer[views.Payment]:
        """Pay; if the status becomes requires_action, finish the authentication at the bank with the client secret"""
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.body is not None:
                return same_answer(claim, lambda: payment_view(uow.payments.get(payment_id), customer_id()))
            payment = uow.payments.get(payment_id)
            may_confirm(payment, customer_id())
        hit_all(Share("confirm", f"payment:{payment_id}"), Share("confirm", address(), ADDRESS_SHARE))
        with self._call():
            after = confirm_payment(self.transaction, self.gateway, payment, body["payment_method"], claim.resource_id)
        with self.transaction() as uow:
            return first_answer(uow.claims, claim, payment_view(after, customer_id()))

    @contextmanager
    def _call(self) -> Iterator[None]:
        with leave_place():
            free = self.calls.acquire(timeout=WAIT_FOR_CALL)
        if not free:
            raise Unavailable("stripe_unavailable", "too many payments are being made: try again", {"retry_after": 2})
        try:
            yield
        finally:
            self.calls.release()


def _version(found: Sequence[Payment]) -> int:
    return sum(each.version for each in found)


def _readiness(found: Sequence[Payment]) -> int:
    """Return WAITED_FOR while there is nothing to pay yet, else the version."""
    return WAITED_FOR if all(each.is_awaited for each in found) else _version(found)
