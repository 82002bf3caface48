"""The tables of tax: categories, where the shop collects, rates, and the tax of each order as it was placed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
)

from app.kernel.database import UtcDateTime
from app.modules.orders.infrastructure.shipping.tables import metadata as metadata

tax_categories = Table(
    "tax_categories",
    metadata,
    Column("slug", String(100), primary_key=True),  # the migration inserts `standard`
    Column("name", String(200), nullable=False),
)

tax_registrations = Table(
    "tax_registrations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("country", String(2), nullable=False),
    Column("region", String(3), nullable=False),  # empty: the whole country
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("version", Integer, nullable=False),
    CheckConstraint("since <= until", name="a_registration_ends_after_it_begins"),
    Index("tax_registrations_of_country", "country"),
)

tax_rates = Table(
    "tax_rates",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("country", String(2), nullable=False),
    Column("region", String(3), nullable=False),
    Column("postal_prefix", String(20), nullable=False),
    Column("category", String(100), ForeignKey("tax_categories.slug"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("ppm", Integer, nullable=False),
    Column("reason", String(30), nullable=False),
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime),
    Column("version", Integer, nullable=False),
    CheckConstraint("0 <= ppm AND ppm <= 1000000 AND valid_from <= valid_until", name="a_rate_is_a_share"),
    Index("tax_rates_of_country", "country", "region"),
)

tax_lines = Table(  # written once, when the order is placed
    "tax_lines",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("target", String(110), primary_key=True),  # line:SKU, shipping
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("jurisdiction", String(30), nullable=False),
    Column("name", String(200), nullable=False),
    Column("ppm", Integer, nullable=False),
    Column("reason", String(30), nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("included", Boolean, nullable=False),
    Column("engine", String(20), nullable=False),
    CheckConstraint("amount >= 0", name="tax_is_not_negative"),
)

buyer_tax_ids = Table(
    "buyer_tax_ids",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, nullable=False, index=True),
    Column("country", String(2), nullable=False),
    Column("number", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("answered_name", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("checked_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
)

order_tax_ids = Table(  # as they were when the order was placed
    "order_tax_ids",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("country", String(2), nullable=False),
    Column("number", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("checked_at", UtcDateTime),
)

tax_refunds = Table(  # how far an order with tax was refunded, before and after each change
    "tax_refunds",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),  # the version of the order that it changed
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("before", BigInteger, nullable=False),
    Column("after", BigInteger, nullable=False),
    Column("units_before", Text),  # JSON; null: none, as in the next one
    Column("units", Text),
)

tax_exemptions = Table(
    "tax_exemptions",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("reason", String(500), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

tax_quotes = Table(  # what a provider has answered, for the order that follows its quote
    "tax_quotes",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("calculation", String(100), nullable=False),  # empty: by the table of rates, while the provider was away
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

tax_records = Table(  # what a provider of tax has to be told: 0 is the payment of an order, others are its refunds
    "tax_records",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("calculation", String(100), nullable=False),
    Column("before", BigInteger, nullable=False),
    Column("after", BigInteger, nullable=False),
    Column("units_before", Text),  # JSON; null: none, as in the next one
    Column("units", Text),
    Column("requested_at", UtcDateTime),
    Column("recorded_as", String(100)),
    Column("recorded_lines", Text),
    Column("recorded_at", UtcDateTime),
    Column("attempt", Integer, nullable=False, server_default="0"),  # part of the key that it is told with
    CheckConstraint("before <= after", name="a_reversal_takes_more"),
)
TO_TELL = tax_records.c.requested_at.is_not(None) & tax_records.c.recorded_at.is_(None)
Index("tax_records_to_tell", tax_records.c.requested_at, sqlite_where=TO_TELL, postgresql_where=TO_TELL)
