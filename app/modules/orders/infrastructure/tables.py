"""The tables of orders."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text, Uuid

from app.bus.tables import Position
from app.kernel.database import Moment

metadata = MetaData()

orders = Table(
    "orders",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", String(60)),
    Column("lines", Text, nullable=False),  # JSON: they never change once the order is placed
    Column("totals", Text, nullable=False),  # JSON
    Column("currency", String(3), nullable=False),
    Column("cart_id", Uuid),
    Column("placed_at", Moment, nullable=False),
    Column("deadline", Moment, index=True),
    Column("version", Integer, nullable=False),
    Index("orders_of_customer", "customer_id", "id"),
    Index("orders_by_status", "status", "id"),
)

offers = Table(
    "offers",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("product_id", Uuid, nullable=False),
    Column("name", String(200), nullable=False),
    Column("price", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("on_sale", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("order_id", Uuid, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("module", String(20), nullable=False),
    Column("what", String(60), nullable=False),
    Column("detail", Text, nullable=False),  # JSON
    Column("request_id", String(64)),
)
