"""Place an order."""

from collections.abc import Mapping
from uuid import UUID

from app.kernel.context import request_id, trace_id
from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.modules.orders.domain.basket import RequestedItem, refuse_unsold
from app.modules.orders.domain.order import Order, lines_of, refuse_unpayable, totals_of
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders import order_events


def place_order(
    uow: UnitOfWork,
    id: UUID,
    customer_id: UUID,
    basket: Mapping[str, RequestedItem],
    expected: Money,
    cart_id: UUID | None = None,
) -> Order:
    """Save an order of the basket at the prices known to orders, and publish it to the other modules.

    The prices must come to the `expected` total, which is the one that the customer saw.

    Raises Invalid(unknown_sku, not_on_sale, empty_order, total_too_small, total_too_large, total_not_payable),
    Conflict(offer_not_known_yet, price_changed, too_many_open_orders, too_many_units_held).
    """
    offers = uow.offers.of(basket)
    refuse_unsold(basket, offers)
    lines = lines_of(basket, offers)
    totals = totals_of(lines)
    if totals.total != expected:
        more = {"total": {"amount": totals.total.amount, "currency": totals.total.currency}}
        raise Conflict("price_changed", f"the total is now {totals.total}: show it, and send it if they agree", more)
    refuse_unpayable(totals)
    uow.policies.caps.refuse_more(uow.orders.lock_unpaid(customer_id), sum(line.quantity for line in lines))

    order = uow.orders.save(
        Order(
            id=id,
            customer_id=customer_id,
            lines=lines,
            totals=totals,
            placed_at=uow.now,
            deadline=uow.policies.payment_window.deadline(uow.now, uow.now),
            cart_id=cart_id,
            request_id=request_id.get(),
            trace_id=trace_id(),
        )
    )
    uow.publish(order_events.placed(order))
    return order
