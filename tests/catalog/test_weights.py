"""What a variant weighs, and whether it has to be sent: shown to everyone, and published with its offer."""

from typing import Any

import pytest

from app.bus.contracts.catalog import OfferChanged
from tests.catalog.steps import added, changes_variant, euros, looks_at
from tests.shop import Shop


def published(shop: Shop) -> list[tuple[str, int, int, bool]]:
    return [(each.sku, each.version, each.weight_g, each.ships) for each in shop.published(OfferChanged)]


def test_a_variant_ships_and_weighs_nothing_unless_it_is_given(shop: Shop) -> None:
    variants = [
        {"sku": "MUG", "price": euros(900), "weight_g": 350},
        {"sku": "NEW", "name": "New", "price": euros(900)},
        {"sku": "PDF", "name": "Voucher", "price": euros(900), "ships": False},
    ]

    mug = added(shop, "Mug", variants=variants)

    shown = [(each["sku"], each["weight_g"], each["ships"]) for each in looks_at(shop, mug["id"])["variants"]]
    assert shown == [("MUG", 350, True), ("NEW", 0, True), ("PDF", 0, False)]
    assert sorted(published(shop)) == [("MUG", 1, 350, True), ("NEW", 1, 0, True), ("PDF", 1, 0, False)]


def test_a_change_of_either_is_published_once(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG")

    changed: Any = changes_variant(shop, mug["id"], "MUG", {"weight_g": 400, "ships": False}).json
    changes_variant(shop, mug["id"], "MUG", {"weight_g": 400})

    assert (changed["weight_g"], changed["ships"], changed["version"]) == (400, False, 2)
    assert published(shop)[1:] == [("MUG", 2, 400, False)]


def test_an_announcement_has_both(shop: Shop) -> None:
    added(shop, "Mug", variants=[{"sku": "MUG", "price": euros(900), "weight_g": 350, "ships": False}])

    shop.app.test_cli_runner().invoke(args=["catalog", "announce"], catch_exceptions=False)

    assert published(shop) == [("MUG", 1, 350, False)] * 2
    assert {each.revision for each in shop.published(OfferChanged)} == {2}


@pytest.mark.parametrize(
    "bad",
    [{"weight_g": -1}, {"weight_g": 1_000_001}, {"weight_g": 1.5}, {"weight_g": "1"}, {"weight_g": None}, {"ships": 1}],
    ids=str,
)
def test_anything_else_is_refused(shop: Shop, bad: dict[str, Any]) -> None:
    mug = added(shop, "Mug", "MUG")

    answer = changes_variant(shop, mug["id"], "MUG", bad)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")  # type: ignore[index]
    assert len(published(shop)) == 1
