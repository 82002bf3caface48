"""Orders stores what an offer weighs, and whether it has to be sent."""

from app.bus.contracts.catalog import OfferChanged
from app.kernel.ids import new_id
from tests.shop import Shop


def offer(version: int, revision: int = 1, **more: int | bool) -> OfferChanged:
    about = {"sku": "MUG", "product_id": str(new_id()), "name": "Mug", "price": 900, "currency": "EUR"}
    return OfferChanged(**about, on_sale=True, version=version, revision=revision, **more)  # type: ignore[arg-type]


def stored(shop: Shop) -> tuple[int, bool]:
    with shop.modules["orders"].reading() as uow:
        found = uow.offers.of(["MUG"])["MUG"]
    return found.weight_g, found.ships


def test_the_copy_moves_only_forward(shop: Shop) -> None:
    shop.receives(offer(1, 0))
    assert stored(shop) == (0, True), "as catalog was before it knew weights"

    shop.receives(offer(1, weight_g=350, ships=False))
    assert stored(shop) == (350, False), "the same version, published again with more"

    shop.receives(offer(1, 0))
    assert stored(shop) == (350, False), "an older event that arrives late takes nothing away"
