"""A variant is taxed as a category, which its offer has."""

from typing import Any

from app.bus.contracts.catalog import OfferChanged
from tests.catalog.steps import added, changes_variant, euros, looks_at
from tests.shop import Shop


def test_the_offer_has_the_category(shop: Shop) -> None:
    variants = [{"sku": "NOVEL", "price": euros(900), "tax_category": "books"}, {"sku": "MUG", "price": euros(900)}]
    product = added(shop, "Novel", variants=variants)
    changed: Any = changes_variant(shop, product["id"], "MUG", {"tax_category": "ceramics"}).json

    published = [(each.sku, each.version, each.tax_category) for each in shop.published(OfferChanged)]
    assert sorted(published) == [("MUG", 1, "standard"), ("MUG", 2, "ceramics"), ("NOVEL", 1, "books")]
    assert changed["tax_category"] == "ceramics"
    shown = {each["sku"]: each["tax_category"] for each in looks_at(shop, product["id"])["variants"]}
    assert shown == {"MUG": "ceramics", "NOVEL": "books"}


def test_a_category_is_a_slug(shop: Shop) -> None:
    variant = {"sku": "MUG", "price": euros(900), "tax_category": "Two Words"}

    assert shop.as_staff().post("/products", {"name": "Mug", "variants": [variant]}).status_code == 422
