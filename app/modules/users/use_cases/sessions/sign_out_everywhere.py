"""End every session of a user at once."""

from dataclasses import dataclass
from datetime import datetime

from app.modules.users.domain.user import User
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.accounts.register import access_of


@dataclass(frozen=True)
class SignOutEverywhere:
    """Publishes one AccessChanged for any number of sessions: its epoch revokes every token."""

    uow: UnitOfWork

    def execute(self, user: User, now: datetime) -> None:
        user.end_every_token()
        self.uow.sessions.end_all(user.id, now)
        self.uow.publish(access_of(user))
