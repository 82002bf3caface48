"""Make an admin from the command line: the first one, or a new one when none is left."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.errors import NotFound
from app.modules.users.domain.user import User
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.accounts.register import Register, access_of

MAX_NAME_LENGTH = 200  # characters


@dataclass(frozen=True)
class Candidate:
    """An account that may be promoted, with what helps to recognise its owner."""

    user: User
    last_used: datetime | None


@dataclass(frozen=True)
class MakeAdmin:
    """Open an admin account, or promote an existing one. The operator chooses, and the trail records it.

    Anyone could have registered an address, so the operator sees when the account was opened before promoting it.
    """

    uow: UnitOfWork
    who: str  # the operator, for the trail
    why: str

    def open(self, email: str, password_hash: str, now: datetime) -> User:
        """Raises Conflict(email_taken)."""
        name = email.partition("@")[0][:MAX_NAME_LENGTH]
        user = Register(self.uow).execute(email, password_hash, name, now, role="admin")
        self.uow.trail.record(self.who, "open an admin's account", str(user.id), self.why)
        return user

    def promote(self, id: UUID, password_hash: str | None, now: datetime) -> User:
        """Make the account an active admin, with another password if one is given. All its sessions end, and with them
        the access tokens, also of an account that is an active admin already and keeps its password."""
        user = self.uow.users.get(id)
        before = user.epoch
        if password_hash is not None:
            user.change_password(password_hash)
            self.uow.trail.record(self.who, "set a password", str(user.id), self.why)
        if not user.is_active_admin:
            user.take_role("admin")
            user.disable(False)
            self.uow.trail.record(self.who, "make an admin", str(user.id), self.why)
        if user.epoch == before:
            user.end_every_token()
            self.uow.trail.record(self.who, "end all sessions", str(user.id), self.why)
        self.uow.sessions.end_all(user.id, now)
        self.uow.publish(access_of(user))
        return user


def candidate(uow: UnitOfWork, email: str) -> Candidate:
    """Raises NotFound(user_unknown)."""
    user = uow.users.with_email(email)
    if user is None:
        raise NotFound("user_unknown", f"there is no account for {email}: omit --promote to create one")
    return Candidate(user, uow.sessions.last_used(user.id))
