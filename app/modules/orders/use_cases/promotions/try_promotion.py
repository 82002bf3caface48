"""Try a promotion on a basket, before customers can."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from app.modules.orders.domain.carts.basket import RequestedItem
from app.modules.orders.domain.carts.quote import Delivery, Quote
from app.modules.orders.domain.promotions.candidate import Candidate, Promotions
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.quote_basket import quote_with


def try_promotion(
    uow: UnitOfWork, id: str, basket: Mapping[str, RequestedItem], delivery: Delivery, at: datetime | None
) -> Quote:
    """What this promotion alone would give at that time, active or not, and whatever was used of it.

    Raises NotFound(no_such_promotion), and what quote_basket raises.
    """
    promotion = replace(uow.promotions.get(id), active=True)
    alone = Candidate(promotion=promotion, code=id, shown=id)
    return quote_with(uow, basket, delivery, Promotions(at=at or uow.now, candidates=(alone,)), uow.in_use())
