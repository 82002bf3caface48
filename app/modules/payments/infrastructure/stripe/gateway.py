"""The gateway to Stripe, on Stripe's own library. Every call that changes something carries an idempotency key of ours,
so that it can be repeated.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import requests
import stripe
from requests.adapters import HTTPAdapter

from app.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from app.kernel.places import leave_place
from app.modules.payments.domain.payment import Intent, Payment, Reversals, Step
from app.modules.payments.domain.refund import Outcome, Refund, RefundStatus
from app.modules.payments.infrastructure.stripe.objects import dispute_of, intent_of, outcome_of
from app.modules.payments.infrastructure.stripe.units import to_stripe
from app.modules.payments.ports import Unclear
from app.modules.payments.settings import PaymentsSettings
from app.telemetry import tracing

log = logging.getLogger(__name__)

EXPAND: Any = {"expand": ["latest_charge"]}
PAGE_SIZE = 100  # the items on one page of a list at Stripe
BEFORE, AFTER = 300, 3600  # seconds around the call that may have created an intent: clocks differ, and calls take time


class StripeGateway:
    """Payment intents with manual capture. A refusal that contains the intent counts as an answer."""

    def __init__(self, settings: PaymentsSettings) -> None:
        base: dict[str, Any] = {"base_addresses": {"api": settings.stripe_base}} if settings.stripe_base else {}
        client = stripe.StripeClient(
            settings.stripe_api_key or "sk_test_sandbox",
            http_client=stripe.RequestsClient(settings.stripe_timeout_seconds, session=_session(settings)),
            max_network_retries=0,  # the worker repeats calls, also after a crash
            **base,
        )
        self._intents = client.v1.payment_intents
        self._charges = client.v1.charges
        self._refunds = client.v1.refunds
        self._disputes = client.v1.disputes

    def take(self, step: Step, payment: Payment) -> Intent:
        intent_id, suffix = payment.intent_id or "", f"-{payment.attempt}" * bool(payment.attempt)
        match step:
            case Step.CREATE:
                return self._create(payment, suffix)
            case Step.CAPTURE:
                key = _with_key(f"capture-{payment.id}{suffix}")
                return self._ask("capture", lambda: self._intents.capture(intent_id, {}, key), capturing=True)
            case Step.CANCEL:
                key = _with_key(f"cancel-{payment.id}{suffix}")
                return self._ask("cancel", lambda: self._intents.cancel(intent_id, {}, key))

    def _create(self, payment: Payment, suffix: str) -> Intent:
        begun = f"{payment.requested_at:%Y%m%d%H%M%S%f}" if payment.requested_at else ""
        about: Any = {
            "amount": to_stripe(payment.amount),
            "currency": payment.amount.currency.lower(),
            "capture_method": "manual",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"order_id": str(payment.order_id), "payment_id": str(payment.id)},
        }
        try:
            return self._ask(
                "create", lambda: self._intents.create(about, _with_key(f"create-{payment.id}-{begun}{suffix}"))
            )
        except stripe.InvalidRequestError as error:
            if error.param not in {"amount", "currency"}:
                raise
            raise Invalid("amount_not_payable", f"Stripe does not accept a payment of {payment.amount}") from error

    def look(self, payment: Payment) -> Intent:
        answer = self._ask_raw("look", lambda: self._intents.retrieve(payment.intent_id or "", EXPAND))
        intent, charge = intent_of(answer), answer["latest_charge"]
        if not intent.captured:
            return replace(intent, declines=self._declines(intent)) if intent.failure else intent
        which: Any = {"payment_intent": intent.id, "limit": PAGE_SIZE}
        refunds = _all("list refunds", lambda: self._refunds.list(which))
        disputed = isinstance(charge, dict) and charge["disputed"]
        disputes = _all("list disputes", lambda: self._disputes.list(which)) if disputed else []
        reversals = Reversals(
            refunds=tuple(map(outcome_of, refunds)), disputes=tuple(dispute_of(each, intent) for each in disputes)
        )
        return replace(intent, reversals=reversals)

    def _declines(self, intent: Intent) -> int:
        """Count the declined attempts up to the one that the intent shows, which was the last when it was read.
        Attempts can bypass this API: a client that has the client secret can try cards directly at Stripe.

        Later declines are counted when an intent shows them, as `updated_from` counts each that is new.
        """
        which: Any = {"payment_intent": intent.id, "limit": PAGE_SIZE}
        listed = _call("list charges", lambda: self._charges.list(which)).to_dict()["data"]
        failed = [charge["id"] for charge in listed if charge["status"] == "failed"]
        shown = failed.index(intent.failed_attempt) if intent.failed_attempt in failed else 0
        return len(failed) - shown

    def find(self, payment: Payment) -> Intent | None:
        """Search by the order id in the metadata: first in the list of intents created at that time, which is always up
        to date, then in the search over all older ones.
        """
        begun = int((payment.requested_at or payment.created_at).timestamp())
        which: Any = {"created": {"gte": begun - BEFORE, "lte": begun + AFTER}, "limit": PAGE_SIZE}
        order_id = str(payment.order_id)
        listed = _all("list intents", lambda: self._intents.list(which))
        found = [each for each in listed if (each["metadata"] or {}).get("order_id") == order_id]
        if not found:
            about: Any = {"query": f"metadata['order_id']:'{order_id}'"}
            found = [each.to_dict() for each in _call("search", lambda: self._intents.search(about)).data]
        return intent_of(found[0]) if found else None

    def reversed_since(self, since: datetime) -> set[str]:
        which: Any = {"created": {"gte": int(since.timestamp())}, "limit": PAGE_SIZE}
        found = _all("list refunds", lambda: self._refunds.list(which))
        found += _all("list disputes", lambda: self._disputes.list(which))
        return {each["payment_intent"] for each in found if each["payment_intent"]}

    def confirm(self, payment: Payment, payment_method: str, attempt: UUID) -> Intent:
        """The charge of the answer has the end of the bank's hold. A call with other parameters needs another key, so
        this one differs from that of the version before, which did not request the charge.
        """
        about: Any = {"payment_method": payment_method, **EXPAND}
        key = _with_key(f"confirm-charge-{attempt}" + f"-{payment.attempt}" * bool(payment.attempt))
        try:
            return self._ask("confirm", lambda: self._intents.confirm(payment.intent_id or "", about, key))
        except stripe.InvalidRequestError as error:
            if error.param != "payment_method":
                raise
            raise Invalid("unknown_payment_method", f"Stripe has no payment method {payment_method}") from error

    def refund(self, payment: Payment, refund: Refund) -> Outcome:
        """A refund that Stripe refuses has failed for good, and so has one of an amount that cannot be sent."""
        try:
            about: Any = {
                "payment_intent": payment.intent_id,
                "amount": to_stripe(refund.amount),
                "metadata": {"order_id": str(payment.order_id), "refund_id": str(refund.id)},
            }
            key = _with_key(f"refund-{refund.id}" + f"-{refund.attempt}" * bool(refund.attempt))
            return outcome_of(_call("refund", lambda: self._refunds.create(about, key)).to_dict())
        except stripe.InvalidRequestError as error:
            log.error("refund %s was refused: %s", refund.id, error.code)
            return Outcome(id=None, status=RefundStatus.FAILED, failure=error.code or "refused")
        except Invalid as error:
            log.error("refund %s cannot be made: %s", refund.id, error.sentence)
            return Outcome(id=None, status=RefundStatus.FAILED, failure=error.code)

    def _ask(self, what: str, call: Callable[[], Any], *, capturing: bool = False) -> Intent:
        """Return the intent of the response, or the one that the refusal contains."""
        try:
            return intent_of(self._ask_raw(what, call))
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            body: Any = error.json_body or {}
            intent = body.get("error", {}).get("payment_intent")
            if intent is None:
                raise
            capture_failed = capturing and intent["status"] not in {"requires_capture", "succeeded"}
            return intent_of(intent, capture_failed=capture_failed)

    def _ask_raw(self, what: str, call: Callable[[], Any]) -> dict[str, Any]:
        """Make the call and return its response. Raises NotFound(no_such_intent)."""
        try:
            answer: dict[str, Any] = _call(what, call).to_dict()
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing" and error.param == "intent":
                raise NotFound(
                    "no_such_intent",
                    "Stripe does not have this payment: check that STRIPE_API_KEY is of the same account",
                ) from error
            raise
        return answer


def _session(settings: PaymentsSettings) -> requests.Session:
    """Connections to Stripe that all threads share. By default the library opens some for each thread."""
    session = requests.Session()
    session.mount("https://", HTTPAdapter(pool_maxsize=2 * settings.stripe_max_calls))
    session.mount("http://", HTTPAdapter(pool_maxsize=2 * settings.stripe_max_calls))
    return session


def _with_key(key: str) -> Any:
    return {"idempotency_key": key}


def _all(what: str, call: Callable[[], Any]) -> list[dict[str, Any]]:
    """Return the items of every page of a list."""
    return [each.to_dict() for each in _call(what, lambda: list(call().auto_paging_iter()))]


def _call(what: str, call: Callable[[], Any]) -> Any:
    """Make a call. Raises Unavailable if the same call may succeed later, Unclear if it may have had its effect and its
    key returns the error from now on, and Conflict while a call with the same key is in progress.
    """
    try:
        with tracing.span(f"Stripe {what}", "client", {"quartet.module": "payments"}), leave_place():
            return call()
    except stripe.StripeError as error:
        if error.http_status == 409:  # idempotency_key_in_use; the library leaves the code out
            raise Conflict("payment_in_progress", "this payment is in progress: retry in a second") from error
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            log.error("Stripe rejects the API key: check STRIPE_API_KEY")
            raise Unavailable(
                "stripe_unavailable", "payments are temporarily unavailable", {"retry_after": 60}
            ) from error
        if (error.http_status or 0) >= 500:
            log.warning("Stripe answered with a server error: %s", error)
            raise Unclear(
                "stripe_unavailable", "Stripe failed with a server error: try again", {"retry_after": 2}
            ) from error
        if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError | stripe.APIError):
            log.warning("Stripe does not answer: %s", error)
            raise Unavailable("stripe_unavailable", "Stripe does not answer: try again", {"retry_after": 2}) from error
        raise
