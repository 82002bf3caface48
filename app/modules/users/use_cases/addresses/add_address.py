"""Save an address."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.address import Address
from app.modules.users.domain.address_book import AddressBook, SavedAddress
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.addresses.own_address_book import locked_address_book


@dataclass(frozen=True)
class AddAddress:
    """Add an address to the address book of an account, and make it the default for shipping or billing."""

    uow: UnitOfWork

    def execute(
        self, user_id: UUID, id: UUID, address: Address, shipping: bool, billing: bool, now: datetime
    ) -> AddressBook:
        """Raises Conflict(too_many_addresses), Unauthorized(account_gone)."""
        book = locked_address_book(self.uow, user_id)
        book.add(SavedAddress(id=id, user_id=user_id, address=address, created_at=now), shipping, billing)
        return book
