"""Lists of products straight from the database, for while there is no index: by parts of words, without facets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Float,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from app.kernel.clock import rfc3339
from app.kernel.database import Database
from app.kernel.errors import Invalid
from app.modules.catalog.domain.search import Found, Hit, Query, Sort, Suggestion, terms_of
from app.modules.catalog.infrastructure.tables import products, stock, variants

GOODS = (
    select(
        variants.c.product_id,
        func.min(variants.c.amount).label("price"),
        func.min(variants.c.currency).label("currency"),
        func.max(case((stock.c.on_hand > stock.c.held, 1), else_=0)).label("in_stock"),
    )
    .outerjoin(stock, stock.c.sku == variants.c.sku)
    .where(variants.c.on_sale)
    .group_by(variants.c.product_id)
    .subquery()
)
ORDERS: dict[Sort, tuple[ColumnElement[Any], bool]] = {  # and whether downwards
    Sort.RELEVANCE: (cast(0.0, Float), False),  # all alike; PostgreSQL takes no bare constant as an order
    Sort.CHEAPEST: (GOODS.c.price, False),
    Sort.DEAREST: (GOODS.c.price, True),
    Sort.NEWEST: (products.c.created_at, True),
    Sort.NAME: (func.lower(products.c.name), False),
}


class DatabaseSearch:
    """Slower with every product, and finds less; but it is there whenever the catalogue is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, query: Query) -> Found:
        """One page, marked degraded."""
        by_words = bool(query.words.strip())
        sort = Sort.NEWEST if query.sort is Sort.RELEVANCE and not by_words else query.sort
        place, downwards = ORDERS[sort]
        order = [each.desc() if downwards else each.asc() for each in (place, products.c.id)]
        asked = _matching(query).add_columns(place.label("place")).order_by(*order).limit(query.limit + 1)
        if query.after is not None:
            asked = asked.where(_beyond(query, place, downwards))
        with self._database.read() as connection:
            rows = connection.execute(asked).all()
        return Found([Hit(_content(row), (_plain(row.place), str(row.id))) for row in rows], degraded=True)

    def suggest(self, words: str, most: int) -> Sequence[Suggestion]:
        """By the beginnings of names."""
        begins = products.c.name.istartswith(words.strip(), autoescape=True)
        named = select(products.c.slug, products.c.name).where(products.c.on_sale, begins)
        with self._database.read() as connection:
            return [Suggestion(*row) for row in connection.execute(named.order_by(products.c.name).limit(most))]


def _matching(query: Query) -> Select[Any]:
    shown = (products.c.id, products.c.slug, products.c.name, products.c.category)
    goods = (GOODS.c.price, GOODS.c.currency, GOODS.c.in_stock)
    found = select(*shown, *goods).join(GOODS, GOODS.c.product_id == products.c.id).where(products.c.on_sale)
    for term in terms_of(query.words):
        places = (products.c.name, products.c.description)
        found = found.where(or_(*(place.icontains(term, autoescape=True) for place in places)))
    if query.words.strip() and not terms_of(query.words):
        found = found.where(literal(False))
    if query.categories is not None:
        found = found.where(products.c.category.in_(query.categories))
    if query.price_min is not None:
        found = found.where(GOODS.c.price >= query.price_min)
    if query.price_max is not None:
        found = found.where(GOODS.c.price <= query.price_max)
    if query.in_stock is not None:
        found = found.where(GOODS.c.in_stock == int(query.in_stock))
    for name, values in query.attributes.items():
        of_variant = select(variants.c.product_id).where(variants.c.on_sale, _has(variants.c.attributes, name, values))
        found = found.where(or_(_has(products.c.attributes, name, values), products.c.id.in_(of_variant)))
    return found


def _has(attributes: ColumnElement[Any], name: str, values: Sequence[str]) -> ColumnElement[bool]:
    """One of the values, as it stands in the JSON text: inside another value its quotes would be escaped."""
    pairs = (msgspec.json.encode({name: value}).decode()[1:-1] for value in values)
    return or_(*(type_coerce(attributes, Text).contains(pair, autoescape=True) for pair in pairs))


def _beyond(query: Query, place: ColumnElement[Any], downwards: bool) -> ColumnElement[bool]:
    """After a place in the list. Raises Invalid for a cursor that is none."""
    assert query.after is not None
    try:
        last_id = UUID(query.after[1])
        value: Any = datetime.fromisoformat(str(query.after[0])) if place is products.c.created_at else query.after[0]
    except ValueError:
        raise Invalid("bad_cursor", "the cursor is not one of this list: begin without one") from None
    if query.sort is Sort.RELEVANCE and place is not products.c.created_at:
        return products.c.id > last_id  # a score of the index means nothing here
    if downwards:
        return or_(place < value, and_(place == value, products.c.id < last_id))
    return or_(place > value, and_(place == value, products.c.id > last_id))


def _plain(place: Any) -> str | int | float:
    return rfc3339(place) if isinstance(place, datetime) else place


def _content(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "slug": row.slug,
        "name": row.name,
        "category": row.category,
        "price": {"amount": row.price, "currency": row.currency},
        "in_stock": bool(row.in_stock),
    }
