"""Search in the database while there is no index: by the same words, but without facets, typos and stems.

The first page of all products comes from here at any time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    type_coerce,
)

from app.kernel.clock import rfc3339
from app.kernel.compiled import execute
from app.kernel.database import Database
from app.kernel.deadline import TooSlow
from app.kernel.errors import Unavailable
from app.kernel.money import Money
from app.modules.catalog.domain.highlighting import Highlight, highlight_of
from app.modules.catalog.domain.search import LONGER, Document, Hit, Query, SearchResult, Sort, Suggestion
from app.modules.catalog.domain.words import terms_of, whole_of
from app.modules.catalog.infrastructure.search.lexemes import NAME, has, score
from app.modules.catalog.infrastructure.search.listings import are_whole, list_products
from app.modules.catalog.infrastructure.tables import listings, products, stock, variants
from app.web.paging import bad_cursor

SECONDS = 0.3  # limit for one list: searches must not block the database, which orders need
ORDERS: dict[Sort, tuple[ColumnElement[Any], bool]] = {  # the column, and whether descending
    Sort.CHEAPEST: (listings.c.price, False),
    Sort.DEAREST: (listings.c.price, True),
    Sort.NEWEST: (listings.c.created_at, True),
    Sort.NAME: (listings.c.sort_key, False),
}
PAGES = (10, 20, 50, 100)  # sizes for which the first page of all products has a statement
AVAILABLE = func.coalesce(stock.c.on_hand - stock.c.held, 0) > 0


class DatabaseSearch:
    """Becomes slower with every product, and finds no typos or stems; but it is available whenever the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._plain_list = cache(self._build_plain_list)

    def put(self, documents: Iterable[Document]) -> None:
        with self._database.begin() as connection:
            list_products(connection, documents)

    def is_lost(self) -> bool:
        """Whether products are missing from the listings, or were cut into words by other rules."""
        with self._database.read() as connection:
            return not are_whole(connection)

    def find(self, query: Query) -> SearchResult:
        """The result is marked degraded. Raises Unavailable(search_unavailable) if the query takes too long."""
        if query.is_plain:  # read along an index: it needs no limit of time, which costs two more round trips
            with self._database.read() as connection:
                size = next(size for size in PAGES if size >= query.limit)
                rows = execute(connection, self._plain_list(query.sort, size), {}).all()[: query.limit + 1]
        else:
            rows = self._fetch(self._list(query, self._page(query).limit(query.limit + 1)))
        terms = terms_of(query.words)
        highlight = highlight_of(terms)
        hits = [_hit(row, highlight(row.name, row.description) if terms else None) for row in rows]
        return SearchResult(hits, degraded=True)

    def suggest(self, words: str, limit: int) -> Sequence[Suggestion]:
        """Raises Unavailable(search_unavailable) if the query takes too long."""
        conditions = [has(listings.c.words, term, self._database.is_sqlite, NAME) for term in terms_of(words)]
        named = select(products.c.slug, products.c.name).join(listings, listings.c.product_id == products.c.id)
        named = named.where(listings.c.on_sale, *(conditions or [false()]))
        best = named.order_by(listings.c.length, products.c.id.desc()).limit(limit)
        return [Suggestion(row.slug, row.name) for row in self._fetch(best)]

    def _fetch(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        try:
            with self._database.read_within(SECONDS) as connection:
                return connection.execute(statement).all()
        except TooSlow as error:
            sentence = "lists of products take too long now: retry later; the pages of single products are available"
            raise Unavailable("search_unavailable", sentence) from error

    def _build_plain_list(self, sort: Sort, size: int) -> Select[Any]:
        """Select the first page of all products, and one more. To build the statement takes longer than to run it."""
        query = Query(sort=sort)
        return self._list(query, self._page(query).limit(_fixed(size + 1)))

    def _list(self, query: Query, selected: Select[Any]) -> Select[Any]:
        """Select what one page shows of these products."""
        page = selected.subquery()
        order = page.c.cursor.desc() if _order(query)[1] else page.c.cursor.asc()
        shown = select(products.c.id, products.c.slug, products.c.name, products.c.category)
        if query.words:  # the highlight shows some of it
            shown = shown.add_columns(products.c.description)
        # not EXISTS: for that, PostgreSQL reads the stock of all products
        available = select(true()).select_from(variants).join(stock, stock.c.sku == variants.c.sku)
        available = available.where(variants.c.product_id == products.c.id, variants.c.on_sale, AVAILABLE)
        available = available.limit(_fixed(1))
        in_stock = func.coalesce(available.scalar_subquery(), false()).label("in_stock")
        shown = shown.add_columns(page.c.price, page.c.currency, page.c.image, in_stock, page.c.cursor)
        shown = shown.join(page, page.c.product_id == products.c.id)
        return shown.order_by(order, products.c.id.desc() if _order(query)[1] else products.c.id)

    def _page(self, query: Query) -> Select[Any]:
        """Select the ids, prices, images and cursors of what the query finds, in its order."""
        terms, is_sqlite = terms_of(query.words), self._database.is_sqlite
        cursor, descending = _order(query)
        if query.sort is Sort.RELEVANCE and terms:
            cursor = score(listings.c.words, terms, whole_of(query.words), is_sqlite) * LONGER - listings.c.length
        shown = (listings.c.price, listings.c.currency, listings.c.image)
        page = select(listings.c.product_id, *shown, cursor.label("cursor"))
        page = page.where(listings.c.on_sale)
        page = page.where(*(has(listings.c.words, term, is_sqlite) for term in terms), *_filters(query, is_sqlite))
        if query.words.strip() and not terms:
            page = page.where(false())
        if query.after is not None:
            page = page.where(_beyond(query.after, cursor, descending))
        order = [each.desc() if descending else each.asc() for each in (cursor, listings.c.product_id)]
        return page.order_by(*order)


def _fixed(limit: int) -> ColumnElement[int]:
    """A LIMIT in the SQL itself. For one that is a parameter, PostgreSQL plans a prepared statement each time anew:
    without its value it expects a tenth of all rows."""
    return literal_column(str(limit))


def _order(query: Query) -> tuple[ColumnElement[Any], bool]:
    """Return the column to sort by, and whether descending. By relevance, a query without words has the newest first,
    and one with words the highest score."""
    return ORDERS[Sort.NEWEST if query.sort is Sort.RELEVANCE else query.sort]


def _filters(query: Query, is_sqlite: bool) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if query.categories is not None:
        filters.append(listings.c.category.in_(query.categories))
    of_variant: list[ColumnElement[bool]] = []
    if query.price_min is not None:
        of_variant.append(variants.c.amount >= query.price_min)
    if query.price_max is not None:
        of_variant.append(variants.c.amount <= query.price_max)
    for name, values in query.attributes.items():
        of_variant.append(or_(*(_has(each.c.attributes, name, values, is_sqlite) for each in (products, variants))))
    if query.in_stock:
        return [*filters, _some([*of_variant, AVAILABLE])]
    if of_variant:
        filters.append(_some(of_variant))
    return [*filters, not_(_some([*of_variant, AVAILABLE]))] if query.in_stock is False else filters


def _some(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Whether the product has a variant on sale that meets all of the conditions."""
    sold = select(variants.c.sku).outerjoin(stock, stock.c.sku == variants.c.sku)
    sold = sold.join(products, products.c.id == variants.c.product_id)
    of_product = (variants.c.product_id == listings.c.product_id, variants.c.on_sale)
    return exists(sold.where(*of_product, *conditions).correlate(listings))


def _has(attributes: ColumnElement[Any], name: str, values: Sequence[str], is_sqlite: bool) -> ColumnElement[bool]:
    """Whether the JSON text contains the name with one of the values. A match inside another value is impossible,
    because its quotes would be escaped there. LIKE would ignore case on SQLite."""
    position = func.instr if is_sqlite else func.strpos
    pairs = (msgspec.json.encode({name: value}).decode()[1:-1] for value in values)
    return or_(*(position(type_coerce(attributes, Text), pair) > 0 for pair in pairs))


def _beyond(after: tuple[str | int, str], cursor: ColumnElement[Any], descending: bool) -> ColumnElement[bool]:
    """Whether a product comes after a position in the list. Raises Invalid(bad_cursor)."""
    try:
        last_id = UUID(after[1])
        value: Any = datetime.fromisoformat(str(after[0])) if cursor is listings.c.created_at else after[0]
    except ValueError:
        raise bad_cursor() from None
    if descending:
        return or_(cursor < value, and_(cursor == value, listings.c.product_id < last_id))
    return or_(cursor > value, and_(cursor == value, listings.c.product_id > last_id))


def _plain(cursor: Any) -> str | int:
    return rfc3339(cursor) if isinstance(cursor, datetime) else cursor


def _hit(row: Row[Any], highlight: Highlight | None) -> Hit:
    id, price = str(row.id), Money(row.price, row.currency)
    cursor, image = (_plain(row.cursor), id), next(iter(row.image), None)
    return Hit(id, row.slug, row.name, row.category, price, bool(row.in_stock), cursor, image, highlight)
