"""The list of orders, by what one sees in it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from flask import g, request
from marshmallow import ValidationError, fields
from marshmallow.validate import OneOf, Regexp

from app.desk.amounts import amount_of
from app.desk.forms import Input, read
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, paged
from app.kernel.errors import Refused
from app.kernel.transaction import Transaction
from app.modules.orders.desk.times import midnight
from app.modules.orders.domain.orders.filter import OrderFilter, Position, Sort
from app.modules.orders.domain.orders.order import Fulfilment, Order
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.see_order import list_orders
from app.web.auth import customer_id
from app.web.paging import after, bad_cursor
from app.web.schemas import Text

NUMBER = r"^[0-9]{6}-[0-9]{1,18}\Z"


def choices(names: type[Status] | type[Fulfilment] | type[Sort]) -> tuple[tuple[str, str], ...]:
    return ("", "any"), *((str(each), str(each).replace("_", " ")) for each in names)


SORTS = (("newest", "newest first"), ("oldest", "oldest first"), ("-total", "highest total"), ("total", "lowest total"))
FILTERS = (
    Input("status", "Status", Text(validate=[OneOf(list(Status))]), "choice", choices(Status)),
    Input("fulfilment", "Fulfilment", Text(validate=[OneOf(list(Fulfilment))]), "choice", choices(Fulfilment)),
    Input("since", "Placed from", fields.Date(), "date"),
    Input("until", "Placed until", fields.Date(), "date"),
    Input("number", "Number", Text(validate=[Regexp(NUMBER, error="Write it as 261127-12.")])),
    Input("min", "Total from", Text(max_length=20)),
    Input("max", "Total up to", Text(max_length=20)),
    Input("sort", "Sorted by", Text(validate=[OneOf(list(Sort))], load_default="newest"), "choice", SORTS),
)
HIDDEN = (Input("customer", "Customer", fields.UUID(), "hidden"),)


def add_orders(pages: Pages, reading: Transaction[UnitOfWork]) -> None:
    pages.page("", "orders", partial(orders_page, reading))


def orders_page(reading: Transaction[UnitOfWork]) -> str:
    try:
        values = read((*FILTERS, *HIDDEN), request.args)
        with reading() as uow:
            wanted = _filter(values, _currency(uow) if values["min"] or values["max"] else "")
    except Refused as refused:
        g.refused, g.refused_at, g.refused_values = refused, request.path, request.args.to_dict()
        return render("orders/orders.html", orders=[], next=None, inputs=FILTERS, wanted={}, customer=None)
    sort = Sort(values["sort"])
    start = _position(request.args.get("cursor"), sort)
    with reading() as uow:
        found = list_orders(uow, customer_id(), True, wanted, sort, start, PER_PAGE + 1)
    orders, following = paged(found, partial(_key, sort))
    return render(
        "orders/orders.html",
        orders=orders,
        next=following,
        inputs=(*FILTERS, *(HIDDEN if values["customer"] else ())),
        wanted=values,
        customer=values["customer"],
    )


def _matching(convert: Callable[[], Any]) -> Any:
    try:
        return convert()
    except (ValueError, ValidationError):
        return None


def _currency(uow: UnitOfWork) -> str:
    """The currency that the shop sells in, by its newest order; empty without any order, where no amount matters."""
    newest = list_orders(uow, customer_id(), True, OrderFilter(), Sort.NEWEST, None, 1)
    return newest[0].currency if newest else ""


def _filter(values: dict[str, Any], currency: str) -> OrderFilter:
    """`currency`: of the amounts. Raises Invalid(bad_amount)."""
    return OrderFilter(
        customer_id=values["customer"],
        status=Status(values["status"]) if values["status"] else None,
        fulfilment=Fulfilment(values["fulfilment"]) if values["fulfilment"] else None,
        placed_since=midnight(values["since"]),
        placed_until=midnight(values["until"], days=1),
        number=values["number"],
        total_min=_amount(values["min"], currency),
        total_max=_amount(values["max"], currency),
    )


def _amount(typed: str | None, currency: str) -> int | None:
    """Raises Invalid(bad_amount)."""
    return amount_of(typed, currency).amount if typed and currency else None


def _key(sort: Sort, order: Order) -> list[str | int]:
    return [sort, order.totals.total.amount, str(order.id)]


def _position(cursor: str | None, sort: Sort) -> Position | None:
    """Raises Invalid(bad_cursor)."""
    key = after(cursor, str, int, str)
    if key is None:
        return None
    id = _matching(lambda: UUID(key[2]))
    if id is None or key[0] != sort or abs(key[1]) > 10**12:
        raise bad_cursor()
    return replace(Position(0, id), total=key[1])
