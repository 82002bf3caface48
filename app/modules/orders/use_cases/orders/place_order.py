"""Place an order."""

from collections.abc import Mapping
from uuid import UUID

from app.kernel.context import request_id, trace_id
from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.modules.orders.domain.basket import Wish, refuse_unsold
from app.modules.orders.domain.order import Order, lines_of, refuse_unpayable, totals_of
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.orders import news


def place_order(
    work: Work,
    id: UUID,
    customer_id: UUID,
    basket: Mapping[str, Wish],
    expected: Money,
    cart_id: UUID | None = None,
) -> Order:
    """Turn a basket into an order at the prices we know of, and tell the other modules.

    Raises Invalid(unknown_sku, not_on_sale, empty_order, total_too_small, total_too_large, total_not_payable),
    Conflict(offer_not_heard_yet, price_changed, too_many_open_orders, too_many_units_held).
    """
    offers = work.offers.of(basket)
    refuse_unsold(basket, offers)
    lines = lines_of(basket, offers)
    totals = totals_of(lines)
    if totals.total != expected:
        more = {"total": {"amount": totals.total.amount, "currency": totals.total.currency}}
        raise Conflict("price_changed", f"the total is now {totals.total}: show it, and send it if it is agreed", more)
    refuse_unpayable(totals)
    work.policies.caps.refuse_more(work.orders.lock_unpaid(customer_id), sum(line.quantity for line in lines))

    order = work.orders.save(
        Order(
            id=id,
            customer_id=customer_id,
            lines=lines,
            totals=totals,
            placed_at=work.now,
            deadline=work.policies.patience.deadline(work.now, work.now),
            cart_id=cart_id,
            request_id=request_id.get(),
            trace_id=trace_id(),
        )
    )
    work.publish(news.placed(order))
    return order
