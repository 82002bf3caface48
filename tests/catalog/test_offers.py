"""The offers that catalog publishes: each change once, with a rising version."""

from typing import Any

from app.bus.contracts.catalog import OfferChanged, StockLevelChanged
from tests.catalog.steps import added, adds, changes, changes_variant, euros, moves, order, stocks, works_off
from tests.shop import Shop


def offers(shop: Shop) -> list[tuple[str, int, int, bool, str]]:
    """Sku, version, price, whether on sale, and name of each offer that was published."""
    return [(each.sku, each.version, each.price, each.on_sale, each.name) for each in shop.published(OfferChanged)]


def test_an_offer_of_each_variant_of_a_new_product_is_published(shop: Shop) -> None:
    variants = [
        {"sku": "MUG-S", "name": "Small", "price": euros(900)},
        {"sku": "MUG-L", "name": "Large", "price": euros(1200), "on_sale": False},
    ]

    mug: Any = added(shop, "Enamel mug", variants=variants)

    assert offers(shop) == [
        ("MUG-L", 1, 1200, False, "Enamel mug – Large"),
        ("MUG-S", 1, 900, True, "Enamel mug – Small"),
    ]
    assert {(each.product_id, each.currency) for each in shop.published(OfferChanged)} == {(mug["id"], "EUR")}


def test_an_offer_of_a_refused_product_is_not_published(shop: Shop) -> None:
    added(shop, "Enamel mug", "MUG")

    assert adds(shop, "Copy", "AAA", "MUG").status_code == 409

    assert [sku for sku, *_ in offers(shop)] == ["MUG"]


def test_a_new_price_is_published_once_with_the_next_version(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG")

    changes_variant(shop, mug["id"], "MUG", {"price": euros(950)})
    changes_variant(shop, mug["id"], "MUG", {"price": euros(950)})
    changes_variant(shop, mug["id"], "MUG", {"price": euros(900)})

    assert offers(shop)[1:] == [("MUG", 2, 950, True, "Mug"), ("MUG", 3, 900, True, "Mug")]


def test_several_changes_of_a_variant_at_once_publish_one_offer(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG")

    changes_variant(shop, mug["id"], "MUG", {"price": euros(950), "name": "Blue", "on_sale": False})

    assert offers(shop)[1:] == [("MUG", 2, 950, False, "Mug – Blue")]


def test_a_new_name_of_a_product_publishes_an_offer_of_each_variant(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG-L", "MUG-S")

    changes(shop, mug["id"], {"name": "Tin mug", "on_sale": False, "description": "Light."})

    assert offers(shop)[2:] == [("MUG-L", 2, 900, False, "Tin mug"), ("MUG-S", 2, 900, False, "Tin mug")]


def test_a_product_taken_off_sale_and_back_takes_its_variants_with_it(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG-L", "MUG-S")
    changes_variant(shop, mug["id"], "MUG-S", {"on_sale": False})
    tag = shop.as_guest().get(f"/products/{mug['id']}").headers["ETag"]

    shop.as_staff().delete(f"/products/{mug['id']}", headers={"If-Match": tag})
    changes(shop, mug["id"], {"on_sale": True})

    assert [(sku, version, on_sale) for sku, version, _, on_sale, _ in offers(shop)[3:]] == [
        ("MUG-L", 2, False),
        ("MUG-L", 3, True),
    ], "the other variant was off sale by itself, so its offer is unchanged"


def test_a_variant_off_sale_is_published_once_however_often_it_is_taken_off(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG")
    staff, path = shop.as_staff(), f"/products/{mug['id']}/variants/MUG"

    assert staff.delete(path, headers={"If-Match": '"v1"'}).status_code == 204
    assert staff.delete(path, headers={"If-Match": '"v2"'}).status_code == 204

    assert offers(shop)[1:] == [("MUG", 2, 900, False, "Mug")]


def test_a_change_outside_the_offer_is_not_published(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG")

    changes(shop, mug["id"], {"description": "Blue.", "slug": "tin", "attributes": {"a": "b"}})
    changes(shop, mug["id"], {"name": "Mug"})
    moves(shop, "MUG", "received", 5)
    order(shop, MUG=2)

    assert offers(shop) == [("MUG", 1, 900, True, "Mug")]


def test_a_change_of_a_stale_version_is_not_published(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG")
    staff, path = shop.as_staff(), f"/products/{mug['id']}/variants/MUG"
    staff.patch(path, {"price": euros(950)}, headers={"If-Match": '"v1"'})

    assert staff.patch(path, {"price": euros(1)}, headers={"If-Match": '"v1"'}).status_code == 412

    assert [price for _, _, price, *_ in offers(shop)] == [900, 950]


def test_announce_publishes_the_current_state_of_every_offer_and_level_again(shop: Shop) -> None:
    stocks(shop, MUG=5, PEN=7)
    mug = added(shop, "Cup", "CUP-S", "CUP-L")
    changes_variant(shop, mug["id"], "CUP-S", {"price": euros(700)})
    order(shop, PEN=2)
    works_off(shop)
    published, reported = len(shop.published(OfferChanged)), len(shop.published(StockLevelChanged))

    answer = shop.app.test_cli_runner().invoke(args=["catalog", "announce"])

    assert answer.exit_code == 0
    assert "4 offers" in answer.output
    again = shop.published(OfferChanged)[published:]
    assert [(each.sku, each.version, each.price) for each in again] == [
        ("CUP-L", 1, 900),
        ("CUP-S", 2, 700),
        ("MUG", 1, 900),
        ("PEN", 1, 900),
    ]
    assert {(each.sku, each.available) for each in shop.published(StockLevelChanged)[reported:]} == {
        ("MUG", 5),
        ("PEN", 5),
    }


def test_announce_works_over_several_batches(shop: Shop) -> None:
    for start in (0, 90, 180):
        added(shop, f"Pens {start}", *(f"PEN-{number:03}" for number in range(start, start + 90)))

    answer = shop.app.test_cli_runner().invoke(args=["catalog", "announce"])

    assert answer.exit_code == 0
    assert [each.sku for each in shop.published(OfferChanged)[270:]] == [f"PEN-{number:03}" for number in range(270)]
