"""The tables of catalog, and how its domain maps onto them."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, MetaData, String, Table, Text, Uuid
from sqlalchemy.orm import registry

from app.bus.tables import Position
from app.kernel.database import Moment, Name
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.stock import Claim, Reservation

metadata = MetaData()

products = Table(
    "products",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("version", Integer, nullable=False),
)

variants = Table(
    "variants",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("on_sale", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

stock = Table(
    "stock",
    metadata,
    Column("sku", String(64), ForeignKey("variants.sku"), primary_key=True),
    Column("on_hand", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("held between 0 and on_hand", name="held_is_on_hand"),
)

holds = Table(
    "holds",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("quantity", Integer, nullable=False),
)

reservations = Table(
    "reservations",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("status", Name(Claim), nullable=False),
    Column("version", Integer, nullable=False),
)

movements = Table(
    "movements",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("sku", String(64), nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # received, adjusted, held, released, sold, returned
    Column("quantity", Integer, nullable=False),
    Column("order_id", Uuid),
    Column("who", String(120), nullable=False),
    Column("why", String(200), nullable=False),
    Column("at", Moment, nullable=False),
)

mapping = registry(metadata=metadata)
mapping.map_imperatively(Product, products, version_id_col=products.c.version, version_id_generator=False)
mapping.map_imperatively(Variant, variants, version_id_col=variants.c.version, version_id_generator=False)
mapping.map_imperatively(Reservation, reservations, version_id_col=reservations.c.version, version_id_generator=False)
