"""The JSON of saved addresses, and how it is built."""

from dataclasses import asdict
from uuid import UUID

from msgspec import Struct

from app.modules.users.domain.address_book import AddressBook
from app.web.blueprint import Timestamp


class SavedAddress(Struct, frozen=True, kw_only=True):
    """A saved address. Fields that do not apply are empty."""

    id: UUID
    name: str
    company: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str
    default_shipping: bool
    default_billing: bool
    version: int
    created_at: Timestamp


class SavedAddressList(Struct, frozen=True):
    """All saved addresses, in one page, oldest first."""

    items: list[SavedAddress]
    next: None = None


def saved_address_view(book: AddressBook, id: UUID) -> SavedAddress:
    """Raises NotFound(no_such_address)."""
    saved = book.get(id)
    return SavedAddress(
        id=id,
        **asdict(saved.address),
        default_shipping=id == book.default_shipping_id,
        default_billing=id == book.default_billing_id,
        version=saved.version,
        created_at=saved.created_at,
    )


def saved_address_list(book: AddressBook) -> SavedAddressList:
    return SavedAddressList([saved_address_view(book, each.id) for each in book.addresses])
