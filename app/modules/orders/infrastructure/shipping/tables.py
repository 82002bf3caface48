"""The tables of shipping: zones, methods and rates. All tables of orders share their metadata."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

from app.kernel.database import Name
from app.modules.orders.domain.shipping.shipping import RatedBy

metadata = MetaData()

zones = Table(
    "zones",
    metadata,
    Column("id", String(100), primary_key=True),  # chosen by staff
    Column("name", String(200), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

zone_areas = Table(
    "zone_areas",
    metadata,
    Column("zone_id", String(100), ForeignKey("zones.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("country", String(2), nullable=False),
    Column("region", String(3), nullable=False),  # empty, as each of the others: it is not restricted by it
    Column("postal_prefix", String(20), nullable=False),
    Column("postal_from", String(20), nullable=False),
    Column("postal_to", String(20), nullable=False),
    Index("zone_areas_of_country", "country"),
)

shipping_methods = Table(
    "shipping_methods",
    metadata,
    Column("code", String(100), primary_key=True),  # chosen by staff; orders have it
    Column("name", String(200), nullable=False),
    Column("zone_id", String(100), ForeignKey("zones.id"), index=True),  # null: the customer collects the goods
    Column("carrier", String(100), nullable=False),
    Column("tracking_url", String(500), nullable=False),
    Column("min_days", Integer, nullable=False),
    Column("max_days", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("rated_by", Name(RatedBy), nullable=False),
    Column("tax_category", String(100), nullable=False, server_default="standard"),
    Column("version", Integer, nullable=False),
)

shipping_rates = Table(
    "shipping_rates",
    metadata,
    Column("method", String(100), ForeignKey("shipping_methods.code"), primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("from_", BigInteger, primary_key=True, autoincrement=False),
    Column("below", BigInteger),  # null: without end
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("0 <= from_ AND from_ < below AND amount >= 0", name="a_band_has_a_width"),
)
