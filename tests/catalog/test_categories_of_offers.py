"""An offer has its categories, and is published again when one of them moves."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bus.contracts.catalog import OfferChanged
from app.modules.catalog.domain.category import MAX_PATH, path_of
from app.modules.catalog.use_cases.categories import follow_categories
from tests.catalog.steps import added, changes, shelves
from tests.catalog.test_categories import edits
from tests.shop import Shop


def categories(shop: Shop) -> list[tuple[str, int, str]]:
    """What was published about each SKU: its version and its categories."""
    return [(each.sku, each.version, each.category) for each in shop.published(OfferChanged)]


def test_an_offer_has_the_path_of_its_category(shop: Shop) -> None:
    shelves(shop, "home")
    shelves(shop, "mugs", "home")
    mug = added(shop, "Mug", "MUG", category="mugs")
    changes(shop, mug["id"], {"category": "home"})
    changes(shop, mug["id"], {"category": None})

    assert categories(shop) == [("MUG", 1, "home/mugs"), ("MUG", 2, "home"), ("MUG", 3, "")]


def test_a_category_that_moves_takes_all_offers_below_it_along(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_categories, "SLICE", 2)
    for slug, parent in (("home", None), ("kitchen", None), ("mugs", "kitchen"), ("desk", None)):
        shelves(shop, slug, parent)
    for n in range(5):
        added(shop, f"Mug {n}", f"MUG-{n}", category="mugs")
    added(shop, "Pen", "PEN", category="desk")
    before = len(categories(shop))

    edits(shop, "kitchen", {"parent": "home"})
    edits(shop, "kitchen", {"name": "The kitchen"})
    shop.settle()

    assert sorted(categories(shop)[before:]) == [(f"MUG-{n}", 2, "home/kitchen/mugs") for n in range(5)]
    shop.settle()
    assert len(categories(shop)) == before + 5


def test_offers_of_before_are_published_once_the_shop_is_upgraded(shop: Shop, tmp_path: Path) -> None:
    shelves(shop, "mugs")
    added(shop, "Mug", "MUG", category="mugs")
    catalog = shop.modules["catalog"]
    with catalog.database.begin() as connection:
        connection.exec_driver_sql("UPDATE variants SET category_path = ''")

    assert catalog.after_upgrade
    catalog.after_upgrade()
    shop.settle()

    assert categories(shop)[1:] == [("MUG", 2, "mugs")]


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([*"abcdef", None])))
def test_a_path_ends_whatever_the_tree_is(tree: dict[str, str | None]) -> None:
    for slug in "abcdef":
        path = path_of(slug, tree).split("/")
        assert path[-1] == slug
        assert len(path) <= MAX_PATH
