"""Make an admin, from the command line: the way to the first one, and back in when none is left."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.errors import NotFound
from app.modules.users.domain.user import User
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.accounts.register import Register, access_of


@dataclass(frozen=True)
class Candidate:
    """An account that may become an admin's, and what tells whose it is."""

    user: User
    last_used: datetime | None


@dataclass(frozen=True)
class MakeAdmin:
    """Open an admin's account, or promote the one of an address: whoever runs the shop says which, and it is noted.

    Anyone may have registered an address, so an account is promoted only by who has seen when it was opened.
    """

    uow: UnitOfWork
    who: str  # for the trail
    why: str

    def open(self, email: str, password_hash: str, now: datetime) -> User:
        """Raises Conflict(email_taken)."""
        user = Register(self.uow).execute(email, password_hash, email.partition("@")[0], now, role="admin")
        self.uow.trail.record(self.who, "open an admin's account", str(user.id), self.why)
        return user

    def promote(self, id: UUID, password_hash: str | None, now: datetime) -> User:
        """Let it in as an admin, with another password where one is given. All its sign-ins end."""
        user = self.uow.users.get(id)
        if password_hash is not None:
            user.change_password(password_hash)
            self.uow.trail.record(self.who, "set a password", str(user.id), self.why)
        if not user.governs:
            user.take_role("admin")
            user.disable(False)
            self.uow.trail.record(self.who, "make an admin", str(user.id), self.why)
        self.uow.sessions.end_all(user.id, now)
        self.uow.publish(access_of(user))
        return user


def candidate(uow: UnitOfWork, email: str) -> Candidate:
    """Raises NotFound(user_unknown)."""
    user = uow.users.with_email(email)
    if user is None:
        raise NotFound("user_unknown", f"there is no account for {email}: without --promote, one is opened")
    return Candidate(user, uow.sessions.last_used(user.id))
