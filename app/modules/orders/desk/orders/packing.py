"""To pack: the orders of which something is left to pack, the goods to pick for them, and slips to print."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from uuid import UUID

from flask import request

from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE
from app.kernel.errors import Invalid
from app.kernel.transaction import Transaction
from app.modules.orders.domain.orders.filter import OrderFilter, Sort
from app.modules.orders.domain.orders.order import Fulfilment, Order
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.shipping.packing import left_to_pack
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.see_order import list_orders, see_order
from app.web.auth import customer_id

MAX_SHEETS = 2 * PER_PAGE  # all that the page offers


def add_packing(pages: Pages, reading: Transaction[UnitOfWork]) -> None:
    pages.page("/to-pack", "to-pack", partial(to_pack_page, reading))
    pages.page("/packing-slips", "packing-slips", partial(sheets_page, reading))


def to_pack_page(reading: Transaction[UnitOfWork]) -> str:
    """The oldest first, as they came in."""
    with reading() as uow:
        fresh, part = _waiting(uow, Fulfilment.NONE), _waiting(uow, Fulfilment.PART)
    left = {order.id: _left(order) for order in (*fresh, *part)}
    ready = [order for order in fresh if left[order.id]]
    begun = [order for order in part if left[order.id]]
    return render(
        "orders/to_pack.html",
        groups=(("none", "Nothing has left", ready[:PER_PAGE]), ("part", "Dispatched in part", begun[:PER_PAGE])),
        left=left,
        more=len(fresh) > PER_PAGE or len(part) > PER_PAGE,
    )


def sheets_page(reading: Transaction[UnitOfWork]) -> str:
    """What to pick for all of these orders, and a slip for each. Raises Invalid(invalid_form)."""
    try:
        ids = [UUID(each) for each in dict.fromkeys(request.args.getlist("order"))]
    except ValueError:
        raise Invalid("invalid_form", "choose the orders again") from None
    if not 1 <= len(ids) <= MAX_SHEETS:
        raise Invalid("invalid_form", f"choose 1 to {MAX_SHEETS} orders")
    with reading() as uow:
        orders = [see_order(uow, id, customer_id(), True) for id in ids]
        contacts = {order.id: uow.contacts.of(order.id) for order in orders}
    left = {order.id: _left(order) for order in orders}
    names = {line.sku: line.name for order in orders for line in order.lines}
    pick = sum((Counter(units) for units in left.values()), Counter[str]())
    return render(
        "orders/packing_sheets.html",
        orders=orders,
        contacts=contacts,
        left=left,
        pick=sorted(pick.items()),
        names=names,
    )


def _waiting(uow: UnitOfWork, fulfilment: Fulfilment) -> Sequence[Order]:
    """Also those that are only confirmed: their money may be taken at dispatch."""
    found: list[Order] = []
    for status in (Status.PAID, Status.CONFIRMED):
        wanted = OrderFilter(status=status, fulfilment=fulfilment)
        found += list_orders(uow, customer_id(), True, wanted, Sort.OLDEST, None, PER_PAGE + 1)
    return sorted(found, key=attrgetter("id"))[: PER_PAGE + 1]


def _left(order: Order) -> dict[str, int]:
    return left_to_pack(order.lines) if order.may_be_packed else {}
