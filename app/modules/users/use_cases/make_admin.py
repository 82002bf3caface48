"""Make an admin, from the command line: the way to the first one, and back in when none is left."""

from dataclasses import dataclass
from datetime import datetime

from app.modules.users.domain.user import User
from app.modules.users.ports import Work
from app.modules.users.use_cases.register import Register, access_of


@dataclass(frozen=True)
class MakeAdmin:
    """Promote the account of an e-mail address, and let it in again; with a password, open it where there is none."""

    work: Work

    def promote(self, email: str) -> User | None:
        """None where there is no such account. Its sessions end: they were another role's."""
        user = self.work.users.with_email(email)
        if user and not user.governs:
            user.take_role("admin")
            if user.disabled:
                user.disable(False)
            self.work.publish(access_of(user))
        return user

    def open(self, email: str, password_hash: str, now: datetime) -> User:
        """Raises Conflict(email_taken)."""
        return Register(self.work).execute(email, password_hash, email.partition("@")[0], now, role="admin")
