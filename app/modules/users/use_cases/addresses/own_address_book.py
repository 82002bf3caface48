"""The address book of the signed-in user."""

from uuid import UUID

from app.kernel.errors import Unauthorized
from app.modules.users.domain.address_book import AddressBook
from app.modules.users.ports import UnitOfWork


def own_address_book(uow: UnitOfWork, user_id: UUID) -> AddressBook:
    """Raises Unauthorized(account_gone): a token may outlive its account by minutes."""
    return _existing(uow.address_books.find(user_id))


def locked_address_book(uow: UnitOfWork, user_id: UUID) -> AddressBook:
    """The same, to change it: no other transaction can. Raises Unauthorized(account_gone)."""
    return _existing(uow.address_books.lock(user_id))


def _existing(book: AddressBook | None) -> AddressBook:
    if book is None:
        raise Unauthorized("account_gone", "the account of this session no longer exists: sign in again")
    return book
