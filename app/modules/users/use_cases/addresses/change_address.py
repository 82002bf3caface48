"""Replace an address that an account has saved."""

from dataclasses import dataclass
from uuid import UUID

from app.kernel.address import Address
from app.kernel.expected import Expected
from app.modules.users.domain.address_book import AddressBook
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.addresses.own_address_book import locked_address_book


@dataclass(frozen=True)
class ChangeAddress:
    """Replace an address as a whole, and whether it is the default for shipping or billing."""

    uow: UnitOfWork

    def execute(
        self, user_id: UUID, id: UUID, address: Address, shipping: bool, billing: bool, expected: Expected
    ) -> AddressBook:
        """Raises NotFound(no_such_address), PreconditionFailed(stale_version), Unauthorized(account_gone)."""
        book = locked_address_book(self.uow, user_id)
        book.change(id, address, shipping, billing, expected)
        return book
