"""Change what staff store with an account for other systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.modules.users.domain.user import User
from app.modules.users.ports import UnitOfWork


@dataclass(frozen=True)
class ChangeRecord:
    """A change of the external reference or the metadata of an account by staff. No other module needs them, so nothing
    is published."""

    uow: UnitOfWork

    def execute(self, user: User, by: UUID, changes: Mapping[str, object], why: str) -> User:
        """Recorded in the trail, with who and why, but without the values: they may be personal data. Raises
        Conflict(external_reference_taken)."""
        if user.change_record(changes):
            self.uow.users.save(user)
            self.uow.trail.record(f"user:{by}", "change the record", str(user.id), why)
        return user
