"""A product is found by its own name, by each word of it and by each sku, in each kind of search."""

import random
from collections.abc import Iterator

import pytest

from app.modules.catalog.domain.search import Query
from tests.catalog.names import MEANT, NAMES, PARTS, of_every_class
from tests.catalog.steps import added
from tests.catalog.ways import WAYS, catches_up, searched, shop_searched_by
from tests.shop import Shop

pytestmark = pytest.mark.slow

GENERATED = of_every_class(random.Random(11))


@pytest.fixture(scope="module", params=WAYS)
def stocked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """catalog with products of all of the names, with each kind of search."""
    with shop_searched_by(request.param, tmp_path_factory.mktemp("corpus")) as shop:
        for number, (name, sku) in enumerate(NAMES.items()):
            added(shop, name, sku, slug=f"p-{number}")
        for number, name in enumerate(GENERATED):
            added(shop, name, f"GENERATED-{number}", slug=f"g-{number}")
        catches_up(shop)
        yield shop


def found(shop: Shop, words: str) -> list[str]:
    """The names that are found, best match first."""
    return [each.name for each in searched(shop, Query(words=words, limit=100)).hits]


def test_each_product_is_found_by_its_own_name_and_first(stocked: Shop) -> None:
    assert [name for name in NAMES if found(stocked, name)[:1] != [name]] == []


def test_each_product_is_found_by_each_word_of_its_name(stocked: Shop) -> None:
    words = [(name, word) for name in NAMES for word in name.split()]

    assert [(name, word) for name, word in words if name not in found(stocked, word)] == []


def test_each_product_is_found_by_each_of_its_skus_and_first(stocked: Shop) -> None:
    asked = [(name, form) for name, sku in NAMES.items() for form in (sku, sku.lower(), sku.replace("-", " "))]

    assert [(name, form) for name, form in asked if found(stocked, form)[:1] != [name]] == []


def test_a_word_is_found_inside_a_run_without_spaces(stocked: Shop) -> None:
    assert [part for part, name in PARTS.items() if name not in found(stocked, part)] == []


def test_words_are_found_as_customers_type_them(stocked: Shop) -> None:
    assert [asked for asked, name in MEANT.items() if name not in found(stocked, asked)] == []


def test_a_name_of_any_signs_is_found_by_itself_and_by_each_word(stocked: Shop) -> None:
    asked = [(name, words) for name in GENERATED for words in {name, *name.split()}]

    assert [ascii(words) for name, words in asked if name not in found(stocked, words)] == []


def test_a_product_is_found_by_half_a_word_while_it_is_typed(stocked: Shop) -> None:
    typed = [(name, name[: len(name) - 1]) for name in NAMES if len(name) > 1 and name[-2:].isalpha()]

    assert len(typed) > 40
    assert [half for name, half in typed if name not in found(stocked, half)] == []
