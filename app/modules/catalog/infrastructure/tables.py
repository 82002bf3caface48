"""The tables of catalog, and the mapping of its domain classes onto them."""

from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator

from app.kernel.database import Name, UtcDateTime
from app.modules.catalog.domain.category import Category
from app.modules.catalog.domain.media import Media
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.stock import ReservationStatus
from app.web.schemas import MAX_REFERENCE_LENGTH, MAX_SKU_LENGTH
from app.web.texts import folded

metadata = MetaData()
MEDIA = msgspec.json.Decoder(tuple[Media, ...])


class Attributes(TypeDecorator[dict[str, str]]):
    """Names and values as JSON text; frequent queries read the text without decoding it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, str] | None, dialect: Dialect) -> str:
        return msgspec.json.encode(value or {}).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return msgspec.json.decode(value or "{}")


class MediaList(TypeDecorator[tuple[Media, ...]]):
    """Media in their order, as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Media, ...] | None, dialect: Dialect) -> str:
        return msgspec.json.encode(value or ()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return media_of(value or "[]")


def media_of(stored: str) -> tuple[Media, ...]:
    """Return the media that are stored as this text."""
    return MEDIA.decode(stored)


def _folded_sku(row: DefaultExecutionContext) -> str:
    return folded(row.get_current_parameters()["sku"])  # type: ignore[no-untyped-call]


class Lexemes(TypeDecorator[str]):
    """Words with their positions and weights: on PostgreSQL an indexed tsvector such as 'mug':1A; on SQLite plain text
    that is scanned."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())


categories = Table(
    "categories",
    metadata,
    Column("slug", String(120), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("parent", String(120), ForeignKey("categories.slug"), index=True),
    Column("version", Integer, nullable=False),
)

products = Table(
    "products",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", String(120), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("category", String(120), ForeignKey("categories.slug"), index=True),
    Column("attributes", Attributes, nullable=False),
    Column("media", MediaList, nullable=False, server_default="[]"),
    Column("on_sale", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("external_reference", String(MAX_REFERENCE_LENGTH)),
    Column("metadata", Attributes, nullable=False, server_default="{}"),
    Column("version", Integer, nullable=False),
    Index("products_external_reference", "external_reference", unique=True),
)

variants = Table(
    "variants",
    metadata,
    Column("sku", String(MAX_SKU_LENGTH), primary_key=True),
    Column("folded_sku", String(3 * MAX_SKU_LENGTH), default=_folded_sku),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("attributes", Attributes, nullable=False),
    Column("on_sale", Boolean, nullable=False),
    Column("external_reference", String(MAX_REFERENCE_LENGTH)),
    Column("metadata", Attributes, nullable=False, server_default="{}"),
    Column("weight_g", Integer, nullable=False, server_default="0"),
    Column("ships", Boolean, nullable=False, server_default=true()),
    Column("category_path", Text, nullable=False, server_default=""),
    Column("tax_category", String(100), nullable=False, server_default="standard"),
    Column("version", Integer, nullable=False),
    Index("variants_folded_sku", "folded_sku", unique=True),  # no two skus may differ in case only
    Index("variants_external_reference", "external_reference", unique=True),
)

stock = Table(
    "stock",
    metadata,
    Column("sku", String(MAX_SKU_LENGTH), ForeignKey("variants.sku"), primary_key=True),
    Column("on_hand", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("held between 0 and on_hand", name="held_is_on_hand"),
)

holds = Table(
    "holds",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("sku", String(MAX_SKU_LENGTH), primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("held_at", UtcDateTime, nullable=False),
    Index("holds_of_a_sku", "sku", "held_at"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("status", Name(ReservationStatus), nullable=False),
    Column("version", Integer, nullable=False),
)

dispatches = Table(  # the units of orders that have left the shelf, by shipment
    "dispatches",
    metadata,
    Column("shipment_id", Uuid, primary_key=True),
    Column("sku", String(MAX_SKU_LENGTH), primary_key=True),
    Column("order_id", Uuid, nullable=False),
    Column("quantity", Integer, nullable=False),
    Index("dispatches_of_an_order", "order_id", "sku"),
    Index("dispatches_of_a_sku", "sku"),
)

movements = Table(
    "movements",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv7: sorts by time
    Column("sku", String(MAX_SKU_LENGTH), nullable=False),
    Column("kind", String(20), nullable=False),  # received, adjusted, held, released, sold, dispatched, returned
    Column("quantity", Integer, nullable=False),
    Column("order_id", Uuid),
    Column("who", String(120), nullable=False),
    Column("why", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("movements_of_a_sku", "sku", "id"),
)

listings = Table(  # all products, as they are listed without words and filters, and searched while there is no index
    "listings",
    metadata,
    Column("product_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("edition", Integer, nullable=False),  # version of the rules that cut its text into words
    Column("on_sale", Boolean, nullable=False),
    Column("category", String(120)),
    Column("price", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sort_key", String(120, "C").with_variant(String(120), "sqlite"), nullable=False),
    Column("length", Integer, nullable=False),
    Column("image", MediaList, nullable=False, server_default="[]"),  # the first of its media, if any
    Column("words", Lexemes, nullable=False),
    Index("listings_by_price", "price", "product_id"),
    Index("listings_by_age", "created_at", "product_id"),
    Index("listings_by_name", "sort_key", "product_id"),
    Index("listings_by_category", "category"),
    Index("listings_by_words", "words", postgresql_using="gin", sqlite_where=text("0")),  # SQLite does not use it
    Index("listings_of_edition", "edition"),
)

mapping = registry(metadata=metadata)
for each, table in ((Product, products), (Variant, variants), (Category, categories)):
    mapping.map_imperatively(
        each, table, exclude_properties=["folded_sku"], version_id_col=table.c.version, version_id_generator=False
    )
