"""Place an order."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from app.kernel.context import request_id, trace_id
from app.kernel.money import Money
from app.modules.orders.domain.carts.basket import RequestedItem
from app.modules.orders.domain.carts.quote import Delivery
from app.modules.orders.domain.orders.contact import NOBODY, Contact
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.policies.capture import Capture
from app.modules.orders.domain.shipping.packing import fulfilment_of
from app.modules.orders.domain.tax.record import TaxRecord
from app.modules.orders.domain.tax.taxed import TaxLine
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.quote_basket import quote_basket
from app.modules.orders.use_cases.orders import order_events
from app.modules.orders.use_cases.promotions.redeem import redeem, refuse_other_total


class Placed(NamedTuple):
    """A new order, and its tax line by line, as it is read later."""

    order: Order
    tax_lines: Sequence[TaxLine]


def place_order(
    uow: UnitOfWork,
    id: UUID,
    customer_id: UUID,
    basket: Mapping[str, RequestedItem],
    expected: Money,
    cart_id: UUID | None = None,
    contact: Contact = NOBODY,
    shipping_method: str | None = None,
    codes: Sequence[str] = (),
) -> Placed:
    """Save an order of the basket at the prices known to orders, and publish it to the other modules.

    The prices must come to the `expected` total, which is the one that the customer saw.

    Raises what quote_basket raises, Invalid(shipping_method_needed, email_needed), and Conflict(quote_needed,
    price_changed, coupon_used_up, too_many_open_orders, too_many_units_held).
    """
    destination = contact.destination
    delivery = Delivery(destination=destination, method=shipping_method, billing=contact.billed_in)
    quote = quote_basket(uow, basket, delivery, codes, customer_id)
    quote.refuse_incomplete(contact)
    quote.refuse_unanswered()
    priced, method = quote.priced, quote.method
    refuse_other_total(quote, expected)
    uow.policies.caps.refuse_more(uow.orders.lock_unpaid(customer_id), sum(line.quantity for line in priced.lines))

    order = uow.orders.save(
        Order(
            id=id,
            customer_id=customer_id,
            lines=priced.lines,
            totals=priced.totals,
            placed_at=uow.now,
            deadline=uow.policies.payment_window.deadline(uow.now, uow.now),
            cart_id=cart_id,
            shipping_method=method.code if method else None,
            shipping_name=method.name if method else None,
            fulfilment=fulfilment_of(priced.lines, []),
            capture=uow.policies.capture
            if expected.amount and any(line.ships for line in priced.lines)
            else Capture.NOW,
            ship_to=destination.ship_to if destination else "",
            request_id=request_id.get(),
            trace_id=trace_id(),
        )
    )
    uow.tax.save_lines(order.id, priced.tax_lines)
    if priced.calculation:
        uow.tax_records.add(TaxRecord(order_id=order.id, calculation=priced.calculation))
    if quote.buyer is not None:
        uow.tax_numbers.save_of_order(order.id, quote.buyer)
    if contact != NOBODY:
        uow.contacts.add(order.id, contact)
    if priced.discounts:
        redeem(uow, order, quote)
    uow.publish(order_events.placed(order))
    return Placed(order, sorted(priced.tax_lines, key=lambda line: (line.target, line.n)))
