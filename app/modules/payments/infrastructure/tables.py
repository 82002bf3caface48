"""The tables of payments."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    false,
    text,
)

from app.kernel.database import Name, UtcDateTime
from app.modules.payments.domain.dispute import OPEN
from app.modules.payments.domain.payment import DesiredState, Status
from app.modules.payments.domain.refund import RefundStatus

metadata = MetaData()

payments = Table(
    "payments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False, unique=True),
    Column("customer_id", Uuid, nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("desired", Name(DesiredState), nullable=False),
    Column("status", Name(Status), nullable=False),
    Column("requested_at", UtcDateTime),
    Column("intent_id", String(100), unique=True),
    Column("client_secret", String(200)),
    Column("capture_before", UtcDateTime),
    Column("captured", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("disputed", BigInteger, nullable=False, server_default="0"),
    Column("dispute", String(40)),  # Stripe's status of the dispute to reply to first
    Column("dispute_reason", String(60)),
    Column("respond_by", UtcDateTime),
    Column("failure", String(100)),
    Column("failed_attempt", String(100)),
    Column("declines", Integer, nullable=False, server_default="0"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("unclear_at", UtcDateTime),
    Column("left_open", Boolean, nullable=False, server_default=false()),
    Column("traceparent", String(55)),  # the trace of the purchase
    Column("version", Integer, nullable=False),
    CheckConstraint("captured between 0 and amount", name="captured_is_authorised"),
    CheckConstraint("refunded between 0 and captured", name="refunded_is_captured"),
)
AWAITED = payments.c.dispute.in_(sorted(OPEN))  # disputes for which a reply of ours is due
OF_OPEN = text("dispute IN ('needs_response', 'warning_needs_response')")
Index("payments_awaiting_reply", payments.c.respond_by, sqlite_where=OF_OPEN, postgresql_where=OF_OPEN)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("payment_id", Uuid, ForeignKey("payments.id"), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("requested_by", String(60), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status", Name(RefundStatus), nullable=False),
    Column("requested_at", UtcDateTime),
    Column("stripe_id", String(100)),
    Column("failure", String(100)),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("unclear_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("version", Integer, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("event_id", String(100), primary_key=True),
    Column("type", String(100), nullable=False),
    Column("verdict", String(20), nullable=False, server_default="ours"),
    Column("body", LargeBinary),  # null for events that are not about our payments
    Column("received_at", UtcDateTime, nullable=False, index=True),
)
