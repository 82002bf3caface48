"""Lists of products straight from the database, for while there is no index: by the same words, without facets."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, Text, and_, exists, false, func, not_, or_, select, type_coerce

from app.kernel.clock import rfc3339
from app.kernel.database import Database
from app.kernel.deadline import TooSlow
from app.kernel.errors import Invalid, Unavailable
from app.kernel.money import Money
from app.modules.catalog.domain.lighting import Highlight, highlight_of
from app.modules.catalog.domain.search import LONGER, Document, Found, Hit, Query, Sort, Suggestion
from app.modules.catalog.domain.words import terms_of, whole_of
from app.modules.catalog.infrastructure.search.lexemes import NAME, has, score
from app.modules.catalog.infrastructure.search.listings import are_whole, list_products
from app.modules.catalog.infrastructure.tables import listings, products, stock, variants

SECONDS = 0.3  # for one list: a database that customers' orders need is not to be stopped by them
ORDERS: dict[Sort, tuple[ColumnElement[Any], bool]] = {  # and whether downwards
    Sort.CHEAPEST: (listings.c.price, False),
    Sort.DEAREST: (listings.c.price, True),
    Sort.NEWEST: (listings.c.created_at, True),
    Sort.NAME: (listings.c.sort_key, False),
}
AVAILABLE = func.coalesce(stock.c.on_hand - stock.c.held, 0) > 0


class DatabaseSearch:
    """Slower with every product, and without typos and stems; but it is there whenever the catalogue is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, documents: Iterable[Document]) -> None:
        """In one transaction."""
        with self._database.begin() as connection:
            list_products(connection, documents)

    def is_lost(self) -> bool:
        """Whether products are missing, or cut into words by other rules."""
        with self._database.read() as connection:
            return not are_whole(connection)

    def find(self, query: Query) -> Found:
        """One page, marked degraded. Raises Unavailable(search_unavailable) where it takes too long."""
        page = self._page(query).subquery()
        order = page.c.cursor.desc() if _order(query)[1] else page.c.cursor.asc()
        shown = select(products.c.id, products.c.slug, products.c.name, products.c.description, products.c.category)
        shown = shown.add_columns(listings.c.price, listings.c.currency, _some([AVAILABLE]).label("in_stock"))
        shown = shown.add_columns(page.c.cursor).join(page, page.c.product_id == products.c.id)
        shown = shown.join(listings, listings.c.product_id == products.c.id)
        rows = self._ask(shown.order_by(order, products.c.id.desc() if _order(query)[1] else products.c.id))
        lit = highlight_of(terms_of(query.words))
        return Found([_hit(row, lit(row.name, row.description)) for row in rows], degraded=True)

    def suggest(self, words: str, limit: int) -> Sequence[Suggestion]:
        """By the beginnings of words in names. Raises Unavailable(search_unavailable) where it takes too long."""
        found = [has(listings.c.words, term, self._database.is_sqlite, NAME) for term in terms_of(words)]
        named = select(products.c.slug, products.c.name).join(listings, listings.c.product_id == products.c.id)
        named = named.where(listings.c.on_sale, *(found or [false()]))
        best = named.order_by(listings.c.length, products.c.id.desc()).limit(limit)
        return [Suggestion(row.slug, row.name) for row in self._ask(best)]

    def _ask(self, asked: Select[Any]) -> Sequence[Row[Any]]:
        try:
            with self._database.read_within(SECONDS) as connection:
                return connection.execute(asked).all()
        except TooSlow as error:
            sentence = "lists of products take too long just now; a product's own page can be had"
            raise Unavailable("search_unavailable", sentence) from error

    def _page(self, query: Query) -> Select[Any]:
        """Ids and places, one more than is shown."""
        terms, is_sqlite = terms_of(query.words), self._database.is_sqlite
        cursor, downwards = _order(query)
        if query.sort is Sort.RELEVANCE and terms:
            cursor = score(listings.c.words, terms, whole_of(query.words), is_sqlite) * LONGER - listings.c.length
        found = select(listings.c.product_id, cursor.label("cursor")).where(listings.c.on_sale)
        found = found.where(*(has(listings.c.words, term, is_sqlite) for term in terms), *_filters(query))
        if query.words.strip() and not terms:
            found = found.where(false())
        if query.after is not None:
            found = found.where(_beyond(query.after, cursor, downwards))
        order = [each.desc() if downwards else each.asc() for each in (cursor, listings.c.product_id)]
        return found.order_by(*order).limit(query.limit + 1)


def _order(query: Query) -> tuple[ColumnElement[Any], bool]:
    """By what, and whether downwards. Without words the newest are the most relevant; with them so is the highest."""
    return ORDERS[Sort.NEWEST if query.sort is Sort.RELEVANCE else query.sort]


def _filters(query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.categories is not None:
        found.append(listings.c.category.in_(query.categories))
    wanted: list[ColumnElement[bool]] = []
    if query.price_min is not None:
        wanted.append(variants.c.amount >= query.price_min)
    if query.price_max is not None:
        wanted.append(variants.c.amount <= query.price_max)
    for name, values in query.attributes.items():
        wanted.append(or_(*(_has(each.c.attributes, name, values) for each in (products, variants))))
    if query.in_stock:
        return [*found, _some([*wanted, AVAILABLE])]
    if wanted:
        found.append(_some(wanted))
    return [*found, not_(_some([*wanted, AVAILABLE]))] if query.in_stock is False else found


def _some(wanted: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Whether one variant that is sold is all of this."""
    sold = select(variants.c.sku).outerjoin(stock, stock.c.sku == variants.c.sku)
    sold = sold.join(products, products.c.id == variants.c.product_id)
    mine = (variants.c.product_id == listings.c.product_id, variants.c.on_sale)
    return exists(sold.where(*mine, *wanted).correlate(listings))


def _has(attributes: ColumnElement[Any], name: str, values: Sequence[str]) -> ColumnElement[bool]:
    """One of the values, as it stands in the JSON text: inside another value its quotes would be escaped."""
    pairs = (msgspec.json.encode({name: value}).decode()[1:-1] for value in values)
    return or_(*(type_coerce(attributes, Text).contains(pair, autoescape=True) for pair in pairs))


def _beyond(after: tuple[str | int, str], cursor: ColumnElement[Any], downwards: bool) -> ColumnElement[bool]:
    """After a place in the list. Raises Invalid for a cursor that is none."""
    try:
        last_id = UUID(after[1])
        value: Any = datetime.fromisoformat(str(after[0])) if cursor is listings.c.created_at else after[0]
    except ValueError:
        raise Invalid("bad_cursor", "the cursor is not one of this list: begin without one") from None
    if downwards:
        return or_(cursor < value, and_(cursor == value, listings.c.product_id < last_id))
    return or_(cursor > value, and_(cursor == value, listings.c.product_id > last_id))


def _plain(cursor: Any) -> str | int:
    return rfc3339(cursor) if isinstance(cursor, datetime) else cursor


def _hit(row: Row[Any], highlight: Highlight | None) -> Hit:
    id, price = str(row.id), Money(row.price, row.currency)
    cursor = (_plain(row.cursor), id)
    return Hit(id, row.slug, row.name, row.category, price, bool(row.in_stock), cursor, highlight)
