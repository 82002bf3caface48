"""Give someone another role, shut them out, or let them in again."""

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
    """What an admin decides about others. Another role keeps them signed in: the next refresh carries it."""

    uow: UnitOfWork

    def execute(self, user: User, by: UUID, role: str | None, disabled: bool | None, why: str, now: datetime) -> User:
        """Noted in the trail, with who and why. Raises Forbidden(own_access), Conflict(last_admin)."""
        role = None if role == user.role else role
        disabled = None if disabled == user.disabled else disabled
        if role is None and disabled is None:
            return user
        if user.id == by:
            raise Forbidden("own_access", "nobody changes their own role or shuts themselves out: ask another admin")

        others_govern = self.uow.users.governing() - {user.id}
        governed = user.governs
        _apply(self.uow, user, role, disabled, now)
        if governed and not user.governs and not others_govern:
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
        uow.sessions.carry_on(user.id, was, user.epoch)
