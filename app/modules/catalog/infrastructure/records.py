"""What staff store with a product and its variants for other systems, read in one statement."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Text, select, type_coerce

from app.modules.catalog.infrastructure.tables import products, variants
from app.modules.catalog.ports.reading import ProductRecord, VariantRecord

RECORD = (
    select(
        products.c.id,
        products.c.slug,
        products.c.external_reference,
        type_coerce(products.c.metadata, Text).label("metadata"),
        products.c.version,
        variants.c.sku,
        variants.c.external_reference.label("variant_reference"),
        type_coerce(variants.c.metadata, Text).label("variant_metadata"),
        variants.c.version.label("variant_version"),
    )
    .outerjoin(variants, variants.c.product_id == products.c.id)
    .order_by(variants.c.sku)
)


def rows_of(connection: Connection, ref: str) -> Sequence[Row[Any]]:
    """Return the rows of the product with this id or slug; a slug never looks like an id."""
    try:
        return connection.execute(RECORD.where(products.c.id == UUID(ref))).all()
    except ValueError:
        return connection.execute(RECORD.where(products.c.slug == ref)).all()


def rows_by_reference(connection: Connection, reference: str) -> Sequence[Row[Any]]:
    """Return the rows of the products that have this external reference, or a variant of which has it: at most two."""
    own = select(products.c.id).where(products.c.external_reference == reference)
    of_variant = select(variants.c.product_id).where(variants.c.external_reference == reference)
    query = RECORD.where(products.c.id.in_(own.union(of_variant)))
    return connection.execute(query.order_by(None).order_by(products.c.id, variants.c.sku)).all()


def record_of(rows: Sequence[Row[Any]]) -> ProductRecord:
    first = rows[0]
    return ProductRecord(
        id=first.id,
        slug=first.slug,
        external_reference=first.external_reference,
        metadata=first.metadata.encode(),
        version=first.version,
        variants=[_variant(row) for row in rows if row.sku is not None],
    )


def _variant(row: Row[Any]) -> VariantRecord:
    return VariantRecord(row.sku, row.variant_reference, row.variant_metadata.encode(), row.variant_version)
