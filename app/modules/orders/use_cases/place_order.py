"""Place an order."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Conflict, Invalid
from app.kernel.money import Money
from app.modules.orders.domain.order import Order, Patience, lines_of, totals_of
from app.modules.orders.ports import Work
from app.modules.orders.use_cases import news


def place_order(
    work: Work,
    id: UUID,
    customer_id: UUID,
    items: Mapping[str, int],
    expected: Money,
    now: datetime,
    patience: Patience,
) -> Order:
    """Turn a basket into an order at the prices we know of, and tell the other modules.

    Raises Invalid(unknown_sku, not_on_sale, empty_order) and Conflict(price_changed).
    """
    offers = work.offers.of(items)
    if unknown := items.keys() - offers.keys():
        raise Invalid("unknown_sku", f"we do not sell {', '.join(sorted(unknown))}")
    if gone := [sku for sku in sorted(items) if not offers[sku].on_sale]:
        raise Invalid("not_on_sale", f"we no longer sell {', '.join(gone)}")

    lines = lines_of(items, offers)
    totals = totals_of(lines)
    if totals.total != expected:
        more = {"total": {"amount": totals.total.amount, "currency": totals.total.currency}}
        raise Conflict("price_changed", f"the total is now {totals.total}", more)

    deadline = patience.deadline(now, now)
    order = work.orders.save(
        Order(id=id, customer_id=customer_id, lines=lines, totals=totals, placed_at=now, deadline=deadline)
    )
    work.timeline.note(order.id, "orders", "placed", now, {})
    work.publish(news.placed(order))
    return order
