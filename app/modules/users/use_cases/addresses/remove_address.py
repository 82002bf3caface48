"""Delete an address that an account has saved."""

from dataclasses import dataclass
from uuid import UUID

from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.addresses.own_address_book import locked_address_book


@dataclass(frozen=True)
class RemoveAddress:
    """Delete an address; where it was the default, there is none afterwards."""

    uow: UnitOfWork

    def execute(self, user_id: UUID, id: UUID) -> None:
        """Raises NotFound(no_such_address), also for an address of another user, and Unauthorized(account_gone)."""
        locked_address_book(self.uow, user_id).remove(id)
