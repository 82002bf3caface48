"""The table that is searched while there is no index. It is written in the transaction of the product, so it is always
up to date."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app.modules.catalog.domain.search import Document
from app.modules.catalog.domain.words import EDITION, sort_key
from app.modules.catalog.infrastructure.search.lexemes import column_text
from app.modules.catalog.infrastructure.tables import listings, products

CURRENT = select(func.count()).select_from(listings).where(listings.c.edition == EDITION)
ALL = select(func.count()).select_from(products)


def list_products(connection: Connection, documents: Iterable[Document]) -> None:
    """Store products; rows that have the same or a newer version and the current edition are left alone."""
    is_sqlite = connection.dialect.name == "sqlite"
    statement = (sqlite if is_sqlite else postgresql).insert(listings)
    new = {column.name: statement.excluded[column.name] for column in listings.c if not column.primary_key}
    newer = or_(listings.c.version < statement.excluded.version, listings.c.edition != EDITION)
    rows = [row_of(each, is_sqlite) for each in documents]
    if rows:
        connection.execute(statement.on_conflict_do_update(index_elements=["product_id"], set_=new, where=newer), rows)


def are_whole(connection: Connection) -> bool:
    """Whether every product has a row of the current edition."""
    return bool(connection.execute(CURRENT).scalar_one() >= connection.execute(ALL).scalar_one())


def row_of(document: Document, is_sqlite: bool) -> dict[str, Any]:
    """A product as a row of the table."""
    by_weight = (*document.words, document.wholes) if document.on_sale else ([], [], [], [])
    return {
        "product_id": UUID(document.id),
        "version": document.version,
        "edition": EDITION,
        "on_sale": document.on_sale,
        "category": document.category,
        "price": document.price,
        "currency": document.currency,
        "created_at": datetime.fromisoformat(document.created_at),
        "sort_key": sort_key(document.name),
        "length": document.length,
        "image": (document.image,) if document.image else (),
        "words": column_text(by_weight, is_sqlite),
    }
