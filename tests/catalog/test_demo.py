"""`flask demo load`: it fills the catalogue like that of a real shop, once, also after an interruption."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.bus.contracts.catalog import OfferChanged
from app.modules.catalog.infrastructure.demo.load import load_demo
from app.modules.catalog.module import catalog
from tests.catalog.steps import explained, finds, looks_at, names, search_of, stock_of
from tests.production import production_in
from tests.shop import Shop

pytestmark = pytest.mark.slow


def loads(shop: Shop) -> str:
    answer = shop.app.test_cli_runner().invoke(args=["demo", "load"])
    assert answer.exit_code == 0, answer.output
    return answer.output


def everything(shop: Shop) -> list[Any]:
    """All products on all pages of the list."""
    page = finds(shop, sort="name", limit=100)
    found = page["items"]
    while page["next"]:
        page = finds(shop, sort="name", limit=100, cursor=page["next"])
        found += page["items"]
    return list(found)


def stock_counts(shop: Shop) -> tuple[int, int]:
    """The numbers of products and of variants."""
    with shop.modules["catalog"].reading() as reading:
        count: tuple[int, int] = reading.count()
    return count


def test_the_demo_fills_a_shop(shop: Shop) -> None:
    loads(shop)

    found = everything(shop)
    assert len(found) == stock_counts(shop)[0] >= 300
    assert len({each["slug"] for each in found}) == len({each["name"] for each in found}) == len(found)
    shelves = Counter(each["category"] for each in found)
    assert len(shelves) >= 6 and min(shelves.values()) >= 5
    assert {each["price"]["currency"] for each in found} == {"EUR"}
    assert min(each["price"]["amount"] for each in found) >= 100
    assert {each["in_stock"] for each in found} == {True, False}


def test_the_demo_puts_its_products_into_a_tree_of_categories(shop: Shop) -> None:
    loads(shop)

    tree: Any = shop.as_guest().get("/categories").json["items"]  # type: ignore[index]
    branches = {each["slug"]: {child["slug"] for child in each["children"]} for each in tree}
    assert branches["kitchen"] >= {"mugs", "cookware"}
    assert {each["category"] for each in finds(shop, category="kitchen", limit=100)["items"]} == branches["kitchen"]


def test_what_the_banner_promises_is_there(shop: Shop) -> None:
    loads(shop)

    assert "Enamel mug, blue" in names(finds(shop, q="mug", limit=100))
    assert stock_of(shop, "MUG-BLUE-S")[0] > 0
    assert explained(shop, "MUG-BLUE-S")["agrees"] is True


def test_an_offer_of_every_demo_variant_is_published(shop: Shop) -> None:
    loads(shop)

    published = shop.published(OfferChanged)
    assert len(published) == len({each.sku for each in published}) == stock_counts(shop)[1]
    assert {each.version for each in published} == {1}


def test_loading_the_demo_twice_makes_no_duplicates_and_adds_no_stock(shop: Shop) -> None:
    loads(shop)
    before, on_hand = (stock_counts(shop), everything(shop)), stock_of(shop, "MUG-BLUE-S")

    loads(shop)

    assert (stock_counts(shop), everything(shop)) == before
    assert stock_of(shop, "MUG-BLUE-S") == on_hand
    assert len(shop.published(OfferChanged)) == stock_counts(shop)[1]


def test_what_staff_have_changed_stays_changed(shop: Shop) -> None:
    loads(shop)
    mug = finds(shop, q="enamel mug blue")["items"][0]
    tag = shop.as_guest().get(f"/products/{mug['id']}").headers["ETag"]
    shop.as_staff().patch(f"/products/{mug['id']}", {"name": "My mug"}, headers={"If-Match": tag})

    loads(shop)

    assert looks_at(shop, mug["slug"])["name"] == "My mug"


@pytest.mark.parametrize("transactions", [1, 2, 5])
def test_an_interrupted_demo_load_is_completed(shop: Shop, transactions: int) -> None:
    module, left = shop.modules["catalog"], iter(range(transactions))

    @contextmanager
    def until_ctrl_c() -> Iterator[Any]:
        with module.transaction() as uow:
            yield uow
            if next(left, None) is None:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(until_ctrl_c, module.reading, search_of(shop))
    half, _ = stock_counts(shop)
    assert half < 300

    loads(shop)

    assert stock_counts(shop)[0] == len(everything(shop)) >= 300
    assert len(shop.published(OfferChanged)) == stock_counts(shop)[1]
    assert explained(shop, "MUG-BLUE-S")["ledger"].keys() == {"received"}


def test_after_a_demo_load_interrupted_before_its_index_jobs_index_the_products(shop: Shop) -> None:
    module = shop.modules["catalog"]

    def broken_off() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(module.transaction, module.reading, broken_off)
    loads(shop)

    shop.settle()

    assert len(everything(shop)) == stock_counts(shop)[0] >= 300


def test_production_gets_no_demo_products(tmp_path: Path) -> None:
    shop = Shop(tmp_path, catalog, **production_in(tmp_path))

    loaded = shop.app.test_cli_runner().invoke(args=["demo", "load"])

    assert loaded.exit_code == 1
    assert "cannot be loaded in production" in loaded.output
    assert stock_counts(shop) == (0, 0)
    shop.close()
