"""Change who an order is for and where it goes, until something of it is packed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.kernel.errors import Conflict, Invalid
from app.modules.orders.domain.carts.quote import Delivery
from app.modules.orders.domain.orders.contact import Contact
from app.modules.orders.domain.orders.order import UNDONE, Order
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.see_order import see_order


def change_address(
    uow: UnitOfWork, order_id: UUID, caller: UUID, is_staff: bool, changes: Mapping[str, Any], why: str | None
) -> Contact:
    """Change the contact of an order. Its price stays, so the address must be within the zone of its method. The order
    is saved with it, by version: whoever packs or cancels it meanwhile runs again, or this does. Neither the timeline
    nor the trail has the values.

    Raises NotFound(no_such_order), Conflict(wrong_state, already_packed, address_changes_price),
    Invalid(reason_needed) of staff, Stale.
    """
    order = see_order(uow, order_id, caller, is_staff)
    is_own = order.customer_id == caller
    if not is_own and why is None:
        raise Invalid("reason_needed", "this order belongs to a customer: give a reason")
    if order.status in UNDONE:
        raise Conflict("wrong_state", f"the address of an order that is {order.status} cannot change")
    if any(line.packed for line in order.lines):
        raise Conflict("already_packed", "something of the order is packed already: ask the shop")
    before = uow.contacts.of(order_id)
    after = replace(before, **changes)
    if after == before:
        return before
    _refuse_other_price(uow, order, before, after)
    _refuse_other_tax(uow, order, before, after)
    if not is_own:
        uow.trail.record(f"user:{caller}", "change address", str(order_id), why or "")
    to = after.destination
    uow.orders.save(replace(order, ship_to=to.ship_to if to else ""))
    uow.contacts.save(order_id, after)
    uow.timeline.record(order_id, "orders", "address_changed", uow.now, {"by": "customer" if is_own else "staff"})
    return after


def _refuse_other_price(uow: UnitOfWork, order: Order, before: Contact, after: Contact) -> None:
    to = after.destination
    if to is None or to == before.destination:
        return
    if order.totals.discount.amount:
        _refuse_other_discount(uow, order, to.country)
    if order.shipping_method is None:
        return
    zone_id = uow.shipping.method(order.shipping_method).zone_id
    if zone_id is not None and uow.shipping.zone_for(to) != zone_id:
        sentence = f"{order.shipping_name} does not ship to {to.ship_to} at that price: cancel, and order again"
        raise Conflict("address_changes_price", sentence)


def _refuse_other_discount(uow: UnitOfWork, order: Order, country: str) -> None:
    for id in dict.fromkeys(each.promotion_id for each in uow.promotions.discounts(order.id)):
        promotion = uow.promotions.get(id)
        if promotion.rule.ship_to and country not in promotion.rule.ship_to:
            sentence = f"{promotion.name} is not for {country}: cancel, and order again"
            raise Conflict("address_changes_price", sentence)


def _refuse_other_tax(uow: UnitOfWork, order: Order, before: Contact, after: Contact) -> None:
    if uow.policies.tax.is_off:
        return
    if order.shipping_method is not None and not uow.shipping.method(order.shipping_method).needs_address:
        return  # it is handed over at home
    ships = any(line.ships for line in order.lines)
    deliveries = (Delivery(destination=each.destination, billing=each.billed_in) for each in (before, after))
    old, new = (each.tax_place(ships) for each in deliveries)
    if old == new:
        return
    if uow.policies.tax.is_asked or not uow.tax.rules(old).are_alike_at(uow.tax.rules(new)):
        raise Conflict("address_changes_price", "the tax would be another one there: cancel, and order again")
