"""The tables of orders."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    false,
    text,
    true,
)

from app.bus.tables import Position
from app.kernel.database import Name, UtcDateTime
from app.modules.orders.domain.orders.order import Fulfilment, RefundState
from app.modules.orders.domain.orders.unit_refund import UnitRefundStatus
from app.modules.orders.domain.policies.capture import Capture
from app.modules.orders.domain.shipping.shipment import ShipmentStatus
from app.modules.orders.infrastructure.documents.tables import metadata as metadata  # all tables share it
from app.web.schemas import MAX_SKU_LENGTH

settings_edition = Table(  # one row, renewed by triggers with each change of a setting that prices depend on
    "settings_edition",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("edition", String(36), nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger),  # ascends with the time of placing; PostgreSQL has a sequence for it
    Column("customer_id", Uuid, nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", String(60)),
    Column("refunded", BigInteger, nullable=False, server_default="0"),
    Column("refund", Name(RefundState), nullable=False, server_default="none"),
    Column("written_off", Boolean, nullable=False, server_default=false()),
    Column("disputed", BigInteger, nullable=False, server_default="0"),
    Column("fulfilment", Name(Fulfilment), nullable=False, server_default="none"),
    Column("capture", Name(Capture), nullable=False, server_default="now"),
    Column("capture_before", UtcDateTime),
    Column("units", BigInteger, nullable=False, server_default="0"),  # the sum of all lines
    Column("lines", Text, nullable=False),  # JSON, for the version before order_lines, which may serve beside this one
    Column("totals", Text, nullable=False),  # JSON: they never change once the order is placed
    Column("total", BigInteger),  # of the totals; null in an order of an older version until it changes
    Column("currency", String(3), nullable=False),
    Column("cart_id", Uuid),
    Column("shipping_method", String(100)),
    Column("shipping_name", String(200)),
    Column("ship_to", String(6), nullable=False, server_default=""),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("deadline", UtcDateTime, index=True),
    Column("request_id", String(64)),
    Column("trace_id", String(32)),
    Column("alerted", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index("orders_by_number", "number", unique=True),
    Index("orders_of_customer", "customer_id", "id"),
    Index("orders_by_status", "status", "id"),
    Index("orders_by_total_and_status", "total", "id", "status"),
    Index("orders_by_fulfilment", "fulfilment", "status", "id"),
)
UNPAID = text("status IN ('placed', 'awaiting_payment')")
Index("one_unpaid_order_a_cart", orders.c.cart_id, unique=True, sqlite_where=UNPAID, postgresql_where=UNPAID)
Index("unpaid_of_customer", orders.c.customer_id, orders.c.units, sqlite_where=UNPAID, postgresql_where=UNPAID)

WITH_FAILED_REFUND = (orders.c.refund == RefundState.FAILED) & ~orders.c.written_off
FAILED = text("refund = 'failed'")
Index("orders_refund_failed", orders.c.id, sqlite_where=FAILED, postgresql_where=FAILED)

HELD = (orders.c.status == "confirmed") & (orders.c.capture == Capture.LATER)
ON_HOLD = text("status = 'confirmed' AND capture = 'later'")
Index("orders_on_hold", orders.c.capture_before, sqlite_where=ON_HOLD, postgresql_where=ON_HOLD)

order_lines = Table(
    "order_lines",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("sku", String(MAX_SKU_LENGTH), primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit_price", BigInteger, nullable=False),  # in the currency of the order
    Column("ships", Boolean, nullable=False, server_default=true()),
    Column("discount", BigInteger, nullable=False, server_default="0"),  # of all its units
    Column("ordered", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False, server_default="0"),
    Column("packed", Integer, nullable=False, server_default="0"),
    Column("dispatched", Integer, nullable=False, server_default="0"),
    Column("returned", Integer, nullable=False, server_default="0"),
    Column("units_refunded", Integer, nullable=False, server_default="0"),
    CheckConstraint("ordered > 0 AND cancelled >= 0 AND cancelled + packed <= ordered", name="no_unit_is_packed_twice"),
    CheckConstraint("0 <= returned AND returned <= dispatched AND dispatched <= packed", name="units_leave_in_order"),
    CheckConstraint("0 <= units_refunded AND units_refunded <= ordered", name="no_unit_is_refunded_twice"),
)

unit_refunds = Table(
    "unit_refunds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False, index=True),
    Column("status", Name(UnitRefundStatus), nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
)

unit_refund_lines = Table(
    "unit_refund_lines",
    metadata,
    Column("refund_id", Uuid, primary_key=True),
    Column("sku", String(MAX_SKU_LENGTH), primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),  # of all its units, in the currency of the order
    CheckConstraint("quantity > 0 AND amount >= 0", name="a_refund_has_units"),
)

shipments = Table(
    "shipments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False, index=True),
    Column("status", Name(ShipmentStatus), nullable=False),
    Column("carrier", String(60)),
    Column("tracking_number", String(100)),
    Column("tracking_url", Text),
    Column("dispatched_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("version", Integer, nullable=False),
)

shipment_lines = Table(
    "shipment_lines",
    metadata,
    Column("shipment_id", Uuid, primary_key=True),
    Column("sku", String(MAX_SKU_LENGTH), primary_key=True),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="a_shipment_has_units"),
)

carts = Table(
    "carts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, unique=True),
    Column("token_hash", LargeBinary(32), unique=True),  # a guest's; one of the two is set
    Column("items", Text, nullable=False),  # JSON: quantity by sku
    Column("codes", Text, nullable=False, server_default="[]"),  # JSON
    Column("order_id", Uuid, unique=True),  # the open order that locks it
    Column("touched_at", UtcDateTime, nullable=False, index=True),
    Column("version", Integer, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("sku", String(MAX_SKU_LENGTH), primary_key=True),
    Column("product_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),  # how long it may be is catalog's affair
    Column("price", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("category", Text, nullable=False, server_default=""),
    Column("weight_g", Integer, nullable=False, server_default="0"),
    Column("ships", Boolean, nullable=False, server_default=true()),
    Column("tax_category", String(100), nullable=False, server_default="standard"),
    Column("on_sale", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
)

stock_levels = Table(  # a separate table: an offer or its stock level may arrive first, and each has its own versions
    "stock_levels",
    metadata,
    Column("sku", String(MAX_SKU_LENGTH), primary_key=True),
    Column("available", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("order_id", Uuid, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("module", String(20), nullable=False),
    Column("what", String(60), nullable=False),
    Column("detail", Text, nullable=False),  # JSON
    Column("request_id", String(64)),
    Column("trace_id", String(32)),
)

order_checks = Table(  # audit requests (module: orders) and the other modules' answers
    "order_checks",
    metadata,
    Column("audit", Uuid, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("module", String(20), primary_key=True),
    Column("discrepancy", Text),  # null: a request, or an answer that agrees
    Column("at", UtcDateTime, nullable=False),
)
