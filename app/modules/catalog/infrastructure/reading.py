"""The reading of catalog's data by prebuilt statements, without the ORM: it is read far more often than written."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from app.kernel.errors import NotFound
from app.modules.catalog.domain.category import Category
from app.modules.catalog.domain.search import Document
from app.modules.catalog.domain.stock import Hold, Level, Movement, StockCounts
from app.modules.catalog.infrastructure import pages, records
from app.modules.catalog.infrastructure.stock.open_holds import OPEN_HOLDS, hold_of
from app.modules.catalog.infrastructure.stock.stock_counts import STOCK_COUNTS
from app.modules.catalog.infrastructure.tables import categories, movements, products, stock, variants
from app.modules.catalog.ports.reading import ProductPage, ProductRecord

CATEGORIES = select(categories.c.slug, categories.c.name, categories.c.parent, categories.c.version).order_by(
    categories.c.name, categories.c.slug
)
LEVEL = (
    select(variants.c.sku, *(func.coalesce(stock.c[name], 0) for name in ("on_hand", "held", "version")))
    .outerjoin(stock, stock.c.sku == variants.c.sku)
    .where(variants.c.sku == bindparam("sku"))
)
MOVEMENTS = (
    select(movements)
    .where(movements.c.sku == bindparam("sku"))
    .order_by(movements.c.id.desc())
    .limit(bindparam("limit"))
)
OLDER = MOVEMENTS.where(movements.c.id < bindparam("before"))
MOVED = (
    select(movements.c.kind, func.sum(movements.c.quantity))
    .where(movements.c.sku == bindparam("sku"))
    .group_by(movements.c.kind)
)
COUNT = select(
    select(func.count()).select_from(products).scalar_subquery(),
    select(func.count()).select_from(variants).scalar_subquery(),
)


class SqlReading:
    """Runs each statement by itself: results of two calls may be of different times."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def product(self, ref: str) -> ProductPage:
        return pages.page_of(self._rows(ref))  # one statement, so that the page is of one point in time

    def record(self, ref: str) -> ProductRecord:
        rows = records.rows_of(self.connection, ref)
        if not rows:
            raise _unknown(ref)
        return records.record_of(rows)

    def records_with(self, external_reference: str) -> Sequence[ProductRecord]:
        rows = records.rows_by_reference(self.connection, external_reference)
        return [records.record_of(list(group)) for _, group in groupby(rows, lambda row: row.id)]

    def slugs(self) -> frozenset[str]:
        return frozenset(self.connection.execute(select(products.c.slug)).scalars())

    def categories(self) -> Sequence[Category]:
        rows = self.connection.execute(CATEGORIES)
        return [Category(slug=row.slug, name=row.name, parent=row.parent, version=row.version) for row in rows]

    def level(self, sku: str) -> Level:
        row = self.connection.execute(LEVEL, {"sku": sku}).first()
        if row is None:
            raise NotFound("no_such_sku", f"there is no sku {sku}")
        return Level(*row)

    def movements(self, sku: str, before: UUID | None, limit: int) -> Sequence[Movement]:
        statement = OLDER if before else MOVEMENTS
        values = {"sku": sku, "limit": limit} | ({"before": before} if before else {})
        return [Movement(**row._mapping) for row in self.connection.execute(statement, values)]

    def moved(self, sku: str) -> Mapping[str, int]:
        return {kind: int(total) for kind, total in self.connection.execute(MOVED, {"sku": sku})}

    def holds(self, sku: str, limit: int) -> Sequence[Hold]:
        return [hold_of(row) for row in self.connection.execute(OPEN_HOLDS, {"sku": sku, "limit": limit})]

    def stock_counts(self, after: str, limit: int) -> Sequence[StockCounts]:
        # one statement, so that all numbers are of the same time
        return [StockCounts(*row) for row in self.connection.execute(STOCK_COUNTS, {"after": after, "limit": limit})]

    def document(self, product_id: UUID) -> Document:
        return pages.document_of(self._rows(str(product_id)))

    def documents(self, after: UUID | None, limit: int) -> Sequence[Document]:
        rows = self.connection.execute(pages.BATCH, {"after": after or UUID(int=0), "limit": limit}).all()
        return [pages.document_of(each) for each in pages.by_product(rows)]

    def count(self) -> tuple[int, int]:
        row = self.connection.execute(COUNT).one()
        return row[0], row[1]

    def _rows(self, ref: str) -> pages.Rows:
        rows = pages.rows_of(self.connection, ref)
        if not rows:
            raise _unknown(ref)
        return rows


def _unknown(ref: str) -> NotFound:
    return NotFound("no_such_product", f"there is no product {ref}")
