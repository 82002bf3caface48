"""End every session of a user at once."""

from dataclasses import dataclass
from datetime import datetime

from app.modules.users.domain.user import User
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.accounts.register import access_of


@dataclass(frozen=True)
class SignOutEverywhere:
    """Said as one AccessChanged: its epoch ends every token, however many sessions there are."""

    uow: UnitOfWork

    def execute(self, user: User, now: datetime) -> None:
        user.end_every_token()
        self.uow.sessions.end_all(user.id, now)
        self.uow.publish(access_of(user))
