"""The orders that do not move without a person."""

from functools import partial

from app.desk.pages import Pages, render
from app.kernel.transaction import Transaction
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.list_stuck import list_stuck

MAX_STUCK = 100


def add_stuck(pages: Pages, reading: Transaction[UnitOfWork]) -> None:
    pages.page("/stuck", "stuck", partial(stuck_page, reading))


def stuck_page(reading: Transaction[UnitOfWork]) -> str:
    with reading() as uow:
        stuck = list_stuck(uow, MAX_STUCK + 1)
        now = uow.now
    return render("orders/stuck.html", stuck=stuck[:MAX_STUCK], more=len(stuck) > MAX_STUCK, now=now)
