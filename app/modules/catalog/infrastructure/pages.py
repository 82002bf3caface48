"""A product with its variants and their stock, read in one statement: for its page, and for the search index."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, Text, bindparam, func, select, type_coerce

from app.kernel.clock import rfc3339
from app.kernel.compiled import execute
from app.kernel.money import Money
from app.modules.catalog.domain.search import Document, Sold
from app.modules.catalog.infrastructure.tables import media_of, products, stock, variants
from app.modules.catalog.ports.reading import ProductPage, VariantOnPage

Rows = Sequence[Row[Any]]

PAGE = (
    select(
        products.c.id,
        products.c.slug,
        products.c.name,
        products.c.description,
        products.c.category,
        type_coerce(products.c.attributes, Text).label("attributes"),
        type_coerce(products.c.media, Text).label("media"),
        products.c.on_sale,
        products.c.created_at,
        products.c.version,
        variants.c.sku,
        variants.c.name.label("variant"),
        variants.c.amount,
        variants.c.currency,
        type_coerce(variants.c.attributes, Text).label("variant_attributes"),
        variants.c.on_sale.label("variant_on_sale"),
        variants.c.weight_g,
        variants.c.ships,
        variants.c.tax_category,
        variants.c.version.label("variant_version"),
        func.coalesce(stock.c.on_hand - stock.c.held, 0).label("available"),
        func.coalesce(stock.c.version, 0).label("stock_version"),
    )
    .outerjoin(variants, variants.c.product_id == products.c.id)
    .outerjoin(stock, stock.c.sku == variants.c.sku)
    .order_by(products.c.id, variants.c.sku)
)
BY_ID = PAGE.where(products.c.id == bindparam("ref"))
BY_SLUG = PAGE.where(products.c.slug == bindparam("ref"))
NEXT_IDS = select(products.c.id).where(products.c.id > bindparam("after")).order_by(products.c.id)
BATCH = PAGE.where(products.c.id.in_(NEXT_IDS.limit(bindparam("limit"))))


def rows_of(connection: Connection, ref: str) -> Rows:
    """Return the rows of the product with this id or slug; a slug never looks like an id."""
    try:
        id = UUID(ref)
    except ValueError:
        return execute(connection, BY_SLUG, {"ref": ref}).all()
    return execute(connection, BY_ID, {"ref": id}).all()


def by_product(rows: Rows) -> Iterator[Rows]:
    """Group rows by product."""
    return (list(each) for _, each in groupby(rows, key=lambda row: row.id))


def page_of(rows: Rows) -> ProductPage:
    first = rows[0]
    return ProductPage(
        id=first.id,
        slug=first.slug,
        name=first.name,
        description=first.description,
        category=first.category,
        attributes=first.attributes.encode(),
        media=media_of(first.media),
        on_sale=first.on_sale,
        created_at=first.created_at,
        version=first.version,
        variants=[_variant(row) for row in rows if row.sku is not None],
        edition=_edition(rows),
    )


def document_of(rows: Rows) -> Document:
    """Return a product as search indexes it, with its variants on sale; a product without any is not on sale."""
    first = rows[0]
    sold = [row for row in rows if row.sku is not None and row.variant_on_sale]
    of_product = msgspec.json.decode(first.attributes)
    cheapest = min(sold, key=lambda row: row.amount, default=None)
    return Document(
        id=str(first.id),
        version=_edition(rows),
        slug=first.slug,
        name=first.name,
        description=first.description,
        category=first.category,
        variants=[_sold(row, of_product) for row in sold],
        price=cheapest.amount if cheapest else 0,
        currency=cheapest.currency if cheapest else "",
        in_stock=any(row.available > 0 for row in sold),
        on_sale=first.on_sale and bool(sold),
        created_at=rfc3339(first.created_at),
        image=next(iter(media_of(first.media)), None),
    )


def _sold(row: Row[Any], of_product: dict[str, str]) -> Sold:
    attributes = frozenset([*of_product.items(), *msgspec.json.decode(row.variant_attributes).items()])
    return Sold(sku=row.sku, price=row.amount, in_stock=row.available > 0, attributes=attributes)


def _variant(row: Row[Any]) -> VariantOnPage:
    return VariantOnPage(
        sku=row.sku,
        name=row.variant,
        price=Money(row.amount, row.currency),
        attributes=row.variant_attributes.encode(),
        on_sale=row.variant_on_sale,
        available=row.available,
        weight_g=row.weight_g,
        ships=row.ships,
        tax_category=row.tax_category,
        version=row.variant_version,
    )


def _edition(rows: Rows) -> int:
    """Return a number that rises with every change of the product, its variants or their stock, because their rows are
    never deleted."""
    return int(rows[0].version + sum(row.variant_version + row.stock_version for row in rows if row.sku is not None))
