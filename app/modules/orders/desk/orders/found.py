"""The orders that a search finds: by number, id, external reference or e-mail address."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from flask import redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from app.desk.navigation import ORDER_NUMBER
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, cursor_of
from app.desk.search import typed
from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.orders.domain.orders.filter import OrderFilter, Position, Sort
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.see_order import list_orders
from app.web.auth import customer_id
from app.web.emails import Email
from app.web.paging import id_after


def add_found(pages: Pages, reading: Transaction[UnitOfWork]) -> None:
    pages.page("/found", "found", partial(found_page, reading), methods=("GET", "POST"))


def found_page(reading: Transaction[UnitOfWork]) -> ResponseReturnValue:
    """The orders of an e-mail address, or the one with this number, id or external reference; where that is a page of
    its own, its page."""
    email = _converted(lambda: str(Email().deserialize(typed())))
    if email:
        older = id_after(request.form.get("cursor") or None)
        start = Position(0, older) if older else None
        with reading() as uow:
            of_address = list_orders(
                uow, customer_id(), True, OrderFilter(email=email), Sort.NEWEST, start, PER_PAGE + 1
            )
        orders, following = cursor_of(of_address, lambda order: [str(order.id)])
        return render("orders/found.html", typed=typed(), orders=orders, following=following)
    found = _one(reading, typed())
    if found and not request.headers.get("HX-Request"):
        return redirect(f"/desk/orders/{found[0].id}", 303)
    return render("orders/found.html", typed=typed(), orders=found, following=None)


def _one(reading: Transaction[UnitOfWork], text: str) -> Sequence[Order]:
    id = _converted(lambda: UUID(text))
    with reading() as uow:
        if ORDER_NUMBER.fullmatch(text):
            return list_orders(uow, customer_id(), True, OrderFilter(number=text), Sort.NEWEST, None, 1)
        with suppress(NotFound):
            if id:
                return [uow.orders.get(id)]
        return list_orders(uow, customer_id(), True, OrderFilter(external_reference=text), Sort.NEWEST, None, 1)


def _converted(convert: Callable[[], Any]) -> Any:
    try:
        return convert()
    except (ValueError, ValidationError):
        return None
