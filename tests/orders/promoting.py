"""Promotions and baskets for the tests of what promotions take off."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from app.kernel.money import Money
from app.modules.orders.domain.carts.basket import RequestedItem
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.domain.carts.price import Priced, price
from app.modules.orders.domain.promotions.candidate import Candidate, Promotions
from app.modules.orders.domain.promotions.promotion import Kind, Promotion, Rule, Target
from app.modules.orders.domain.shipping.shipping import Method, Rate

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
EARLIER = datetime(2026, 11, 1, tzinfo=UTC)
PERCENT = 10_000  # parts per million


def promotion(kind: Kind, id: str = "p", *, rule: Rule | None = None, **fields: Any) -> Promotion:
    """A promotion in force; what is no field of its own is one of its rule."""
    own = {name: fields.pop(name) for name in list(fields) if name in Promotion.__dataclass_fields__}
    return Promotion(
        **{"id": id, "name": id, "kind": kind, "starts_at": EARLIER, "active": True, "automatic": True, **own},
        rule=rule or Rule(**fields),
    )


def skus(*names: str) -> Target:
    return Target(skus=frozenset(names))


def candidates(*promotions: Promotion, codes: Iterable[str] = (), **fields: Any) -> Promotions:
    """All of them as candidates; the first ones by these codes."""
    given = dict(zip((each.id for each in promotions), codes, strict=False))
    found = (Candidate(promotion=each, code=given.get(each.id), shown=given.get(each.id)) for each in promotions)
    return Promotions(**{"at": NOW, "candidates": tuple(found), **fields})


def offer(sku: str, amount: int, currency: str = "EUR", category: str = "") -> Offer:
    return Offer(sku=sku, name=sku, price=Money(amount, currency), category=category, on_sale=True, version=1)


def flat(amount: int, currency: str = "EUR") -> Method:
    """A method at one price."""
    rate = Rate(currency=currency, from_=0, below=None, amount=amount)
    return Method(code="m", name="M", zone_id=None, active=True, rates=(rate,))


def priced(
    goods: dict[str, tuple[int, int]], promotions: Promotions, method: Method | None = None, currency: str = "EUR"
) -> Priced:
    """The price of goods, each a unit price and a quantity."""
    offers = {sku: offer(sku, amount, currency) for sku, (amount, _) in goods.items()}
    basket = {sku: RequestedItem(quantity) for sku, (_, quantity) in goods.items()}
    return price(basket, offers, method, promotions=promotions)


def shares(found: Priced) -> dict[str, int]:
    return {line.sku: line.discount for line in found.lines}
