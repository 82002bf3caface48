"""What all kinds of search have in common beyond words: exact comparison of attributes, and texts of any length."""

import random
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.kernel.errors import Unavailable
from app.kernel.ids import new_id
from app.modules.catalog.domain.search import Query, Sold
from tests.catalog.steps import added, search_of
from tests.catalog.ways import WAYS, catches_up, has_an_index, searched, shop_searched_by
from tests.conftest import until
from tests.shop import Shop

COLOURS = [
    ("Colour", "Blue"),
    ("Colour", "blue"),
    ("colour", "blue"),
    ("Größe", "ß"),
    ("Größe", "SS"),
    ("a", "_"),
    ("a", "%"),
]


@pytest.fixture(params=WAYS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop_searched_by(request.param, tmp_path_factory.mktemp("alike")) as made:
        yield made


def test_attributes_are_compared_as_they_are(shop: Shop) -> None:
    for number, (name, value) in enumerate(COLOURS):
        added(shop, f"Mug {number}", f"MUG-{number}", attributes={name: value})
    catches_up(shop)

    found = {
        (name, value): [each.name for each in searched(shop, Query(attributes={name: [value]})).hits]
        for name, value in COLOURS
    }

    assert found == {pair: [f"Mug {number}"] for number, pair in enumerate(COLOURS)}


def different(number: int, length: int) -> str:
    """A text of Chinese characters, in which hardly any two neighbours occur twice."""
    return "".join(map(chr, random.Random(number).choices(range(0x4E00, 0x9F00), k=length)))


@pytest.mark.slow
def test_the_longest_texts_are_stored(shop: Shop) -> None:
    """65,000 characters of description, and the skus and attributes of 250 variants, none of them the same."""
    made = added(shop, "Mug", "MUG")
    with shop.modules["catalog"].reading() as reading:
        document = reading.document(UUID(made["id"]))
    values = iter(range(10**6))
    sold = [
        Sold(
            sku=different(next(values), 100),
            price=900,
            in_stock=True,
            attributes=frozenset((different(next(values), 60), different(next(values), 255)) for _ in range(5)),
        )
        for _ in range(250)
    ]
    filled = replace(document, version=document.version + 1, description=different(next(values), 65_000), variants=sold)

    with nullcontext() if has_an_index(shop) else suppress(Unavailable):  # raised once the database has it
        search_of(shop).put([filled])
    catches_up(shop)

    assert [each.name for each in searched(shop, Query(words="mug")).hits] == ["Mug"]
    assert [each.name for each in searched(shop, Query(words=sold[0].sku)).hits] == ["Mug"]


def test_each_of_many_categories_is_counted(es_shop: Shop) -> None:
    """A marketplace has more categories than attributes of one kind; those that are left out would be missing above."""
    made = added(es_shop, "Mug", "MUG")
    with es_shop.modules["catalog"].reading() as reading:
        document = reading.document(UUID(made["id"]))
    search: Any = search_of(es_shop)
    every = [replace(document, id=str(new_id()), category=f"c{number}") for number in range(1_500)]

    assert search.bulk(every, [es_shop.own["catalog"].search_index]) == []
    search.refresh()
    found = until(lambda: search.find(Query(facets=True)).facets, "the index answers")

    assert found.categories == {f"c{number}": 1 for number in range(1_500)}
