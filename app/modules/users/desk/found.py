"""The customers that a search finds."""

from contextlib import suppress
from functools import partial
from uuid import UUID

from app.desk.pages import Pages, render
from app.desk.search import typed
from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.users.domain.user import User, email_beginnings
from app.modules.users.ports import UnitOfWork
from app.web.auth import identity

SHOWN = 20


def add_found(pages: Pages, reading: Transaction[UnitOfWork]) -> None:
    pages.page("/found", "found", partial(found_page, reading), methods=("GET", "POST"))


def found_page(reading: Transaction[UnitOfWork]) -> str:
    """By id or external reference; only admins find accounts by e-mail address, as in the API."""
    by_address = identity().role == "admin"
    with reading() as uow:
        users = _matching(uow, typed(), by_address) if typed() else []
        return render("users/found.html", users=users[:SHOWN], more=len(users) > SHOWN, by_address=by_address)


def _matching(uow: UnitOfWork, text: str, by_address: bool) -> list[User]:
    found = list(uow.users.listed(None, None, None, SHOWN + 1, text))
    if by_address:
        found += uow.users.listed(None, email_beginnings(text), None, SHOWN + 1)
    with suppress(ValueError, NotFound):
        found.append(uow.users.get(UUID(text)))
    return list({user.id: user for user in found}.values())
