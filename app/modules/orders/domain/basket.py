"""What somebody asks to order: so many of each sku, and the version of the offer that they saw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.kernel.errors import Conflict, Invalid
from app.modules.orders.domain.cart import MAX_QUANTITY
from app.modules.orders.domain.offer import Offer


@dataclass(frozen=True)
class RequestedItem:
    """So many of one sku; `version` 0 says nothing of what the client saw."""

    quantity: int
    version: int = 0


def basket_of(items: Iterable[tuple[str, int, int]]) -> dict[str, RequestedItem]:
    """Wishes by sku, from (sku, quantity, version); equal skus are merged. Raises Invalid(too_many)."""
    basket: dict[str, RequestedItem] = {}
    for sku, quantity, version in items:
        before = basket.get(sku, RequestedItem(0))
        basket[sku] = RequestedItem(before.quantity + quantity, max(before.version, version))
    if many := [sku for sku, requested in sorted(basket.items()) if requested.quantity > MAX_QUANTITY]:
        raise Invalid("too_many", f"an order holds at most {MAX_QUANTITY} of one article; more of {', '.join(many)}")
    return basket


def refuse_unsold(basket: Mapping[str, RequestedItem], offers: Mapping[str, Offer]) -> None:
    """Raises Conflict(offer_not_known_yet), Invalid(unknown_sku, not_on_sale).

    A version is proof that catalog has the sku, so one that we have never heard of is late news too.
    """
    versions = {sku: offer.version for sku, offer in offers.items()}
    if late := [sku for sku, requested in sorted(basket.items()) if requested.version > versions.get(sku, 0)]:
        sentence = f"the offer you saw of {', '.join(late)} has not reached orders yet: try again in a second"
        raise Conflict("offer_not_known_yet", sentence, {"retry_after": 1})
    if unknown := basket.keys() - offers.keys():
        raise Invalid("unknown_sku", f"we do not sell {', '.join(sorted(unknown))}")
    if gone := [sku for sku in sorted(basket) if not offers[sku].on_sale]:
        raise Invalid("not_on_sale", f"we no longer sell {', '.join(gone)}")
