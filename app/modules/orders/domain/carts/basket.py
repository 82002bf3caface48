"""A basket: the quantity of each SKU that a client requests, and the version of the offer that the client saw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.kernel.errors import Conflict, Invalid
from app.modules.orders.domain.carts.cart import MAX_QUANTITY, Cart
from app.modules.orders.domain.carts.offer import Offer


@dataclass(frozen=True)
class RequestedItem:
    """A quantity of one SKU. `version` 0: the client did not send the version of the offer that it saw."""

    quantity: int
    version: int = 0


def basket_of(items: Iterable[tuple[str, int, int]]) -> dict[str, RequestedItem]:
    """Group (sku, quantity, version) by SKU. Entries of the same SKU are merged: quantities are added, the highest
    version is used. Raises Invalid(too_many).
    """
    basket: dict[str, RequestedItem] = {}
    for sku, quantity, version in items:
        before = basket.get(sku, RequestedItem(0))
        basket[sku] = RequestedItem(before.quantity + quantity, max(before.version, version))
    if excess := [sku for sku, requested in sorted(basket.items()) if requested.quantity > MAX_QUANTITY]:
        sentence = (
            f"an order can have at most {MAX_QUANTITY} units of a SKU; reduce the quantity of {', '.join(excess)}"
        )
        raise Invalid("too_many", sentence)
    return basket


def basket_of_cart(cart: Cart) -> dict[str, RequestedItem]:
    """What the cart contains. Carts store no versions of offers."""
    return {sku: RequestedItem(quantity) for sku, quantity in cart.items.items()}


def refuse_unsold(basket: Mapping[str, RequestedItem], offers: Mapping[str, Offer]) -> None:
    """Raises Conflict(offer_not_known_yet), Invalid(unknown_sku, not_on_sale).

    A requested version proves that catalog has the SKU. So an SKU that is unknown here but requested with a version is
    not unknown_sku: its event has not been consumed yet, which is offer_not_known_yet.
    """
    versions = {sku: offer.version for sku, offer in offers.items()}
    if late := [sku for sku, requested in sorted(basket.items()) if requested.version > versions.get(sku, 0)]:
        sentence = f"the price of {', '.join(late)} that you saw is not known to orders yet; retry in a second"
        raise Conflict("offer_not_known_yet", sentence, {"retry_after": 1})
    if unknown := basket.keys() - offers.keys():
        raise Invalid("unknown_sku", f"we do not sell {', '.join(sorted(unknown))}")
    if off_sale := [sku for sku in sorted(basket) if not offers[sku].on_sale]:
        raise Invalid("not_on_sale", f"we no longer sell {', '.join(off_sale)}")
