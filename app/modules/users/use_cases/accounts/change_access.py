"""Change the role of an account, disable it, or enable it again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Conflict, Forbidden
from app.modules.users.domain.user import User
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.accounts.register import access_of


@dataclass(frozen=True)
class ChangeAccess:
    """A change of an account by an admin. After a change of role the user stays signed in; the next refresh has it."""

    uow: UnitOfWork

    def execute(self, user: User, by: UUID, role: str | None, disabled: bool | None, why: str, now: datetime) -> User:
        """Recorded in the trail, with the admin and the reason. Raises Forbidden(own_access), Conflict(last_admin)."""
        role = None if role == user.role else role
        disabled = None if disabled == user.disabled else disabled
        if role is None and disabled is None:
            return user
        if user.id == by:
            raise Forbidden("own_access", "you cannot change your own role or disable yourself: ask another admin")

        other_admins = self.uow.users.lock_active_admins() - {user.id}
        was_admin = user.is_active_admin
        _apply(self.uow, user, role, disabled, now)
        if was_admin and not user.is_active_admin and not other_admins:
            raise Conflict("last_admin", "this is the last admin: make another one first")
        self.uow.publish(access_of(user))
        for what in _changes(role, disabled):
            self.uow.trail.record(f"user:{by}", what, str(user.id), why)
        return user


def _changes(role: str | None, disabled: bool | None) -> Iterator[str]:
    if role is not None:
        yield f"give the role {role}"
    if disabled is not None:
        yield "shut out" if disabled else "let in again"


def _apply(uow: UnitOfWork, user: User, role: str | None, disabled: bool | None, now: datetime) -> None:
    was = user.epoch
    if role is not None:
        user.take_role(role)
    if disabled is not None:
        user.disable(disabled)
    if user.disabled or disabled is not None:
        uow.sessions.end_all(user.id, now)
    else:
        uow.sessions.move_to_epoch(user.id, was, user.epoch)
