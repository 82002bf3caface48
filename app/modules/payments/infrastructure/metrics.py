"""The metrics of payments. Amounts are in the currency's smallest unit."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge
from sqlalchemy import Connection, func, select

from app.bus.contracts.payments import (
    CaptureFailed,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentCaptured,
    PaymentCapturedShort,
    PaymentDisputed,
    PaymentFailed,
    PaymentRefunded,
    PaymentStarted,
    RefundFailed,
)
from app.bus.event import Event
from app.modules.payments.infrastructure.tables import AWAITED, payments

STATUS: dict[type[Event], str] = {
    PaymentStarted: "open",
    PaymentAuthorized: "authorized",
    PaymentCaptured: "captured",
    PaymentCancelled: "cancelled",
    PaymentCapturedShort: "captured_short",
    CaptureFailed: "capture_failed",
}
CAUSES = frozenset(  # the most common of docs.stripe.com/declines/codes; all others count as "other"
    {
        "authentication_required",
        "card_declined",
        "do_not_honor",
        "expired_card",
        "fraudulent",
        "generic_decline",
        "incorrect_cvc",
        "incorrect_number",
        "insufficient_funds",
        "lost_card",
        "payment_intent_authentication_failure",
        "processing_error",
        "stolen_card",
        "amount_not_payable",
        "capture_failed",
        "declined",
    }
)
CURRENCIES = 150  # Stripe accepts about 135; the limit keeps invented codes from adding series
seen: set[str] = set()
CAME_TO = Counter("quartet_payments_total", "Payments, by the status they reached", ["status"])
FAILURES = Counter("quartet_payment_failures_total", "Attempts declined and captures failed, by cause", ["cause"])
REVENUE = Counter("quartet_revenue_total", "Money captured, in the smallest unit", ["currency"])
REFUNDED = Counter("quartet_refunded_total", "Money refunded, in the smallest unit", ["currency"])
MISSED = Counter(
    "quartet_webhooks_missing_total", "Changes of payments found by polling Stripe, for which no webhook came"
)
REPLY_BY = Gauge(
    "quartet_dispute_reply_by_timestamp_seconds",
    "Deadline of the earliest reply to a dispute; 0: no reply is due",
    multiprocess_mode="livemostrecent",  # of all processes that measure it
)
REFUNDS_FAILED = Counter("quartet_refunds_failed_total", "Refunds that Stripe or a bank refused or reversed")
DISPUTES = Counter("quartet_disputes_total", "Changes of disputes, by status", ["status"])
DISPUTE_STATUS = frozenset({"needs_response", "under_review", "won", "lost"})
REFUNDS = Counter("quartet_refunds_total", "Refunds made", ["currency"])


def count(events: Iterable[Event]) -> None:
    """Count events. Called after the transaction that published them has committed."""
    for event in events:
        if status := STATUS.get(type(event)):
            CAME_TO.labels(status).inc()
        if isinstance(event, PaymentFailed | CaptureFailed):
            FAILURES.labels(event.code if event.code in CAUSES else "other").inc()
        if isinstance(event, PaymentCaptured):
            REVENUE.labels(_currency(event.currency)).inc(event.amount)
        if isinstance(event, RefundFailed):
            REFUNDS_FAILED.inc()
        if isinstance(event, PaymentDisputed):
            DISPUTES.labels(event.status if event.status in DISPUTE_STATUS else "other").inc()
        if isinstance(event, PaymentRefunded) and event.amount:
            REFUNDED.labels(_currency(event.currency)).inc(event.amount)
            REFUNDS.labels(_currency(event.currency)).inc()


def measure_disputes(connection: Connection) -> None:
    """Set the gauge to the earliest deadline of a reply to a dispute."""
    earliest_deadline = select(func.min(payments.c.respond_by)).where(AWAITED)
    earliest = connection.execute(earliest_deadline).scalar_one()
    REPLY_BY.set(earliest.timestamp() if earliest else 0)


def _currency(code: str) -> str:
    if code not in seen and len(seen) < CURRENCIES:
        seen.add(code)
    return code if code in seen else "other"
