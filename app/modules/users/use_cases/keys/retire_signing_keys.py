"""Retire keys whose tokens have all expired."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.modules.users.domain.signing_key import SigningKey, outlived
from app.modules.users.ports import Tokens, UnitOfWork

SKEW = timedelta(minutes=1)  # between the clocks of those who sign and those who verify


@dataclass(frozen=True)
class RetireSigningKeys:
    """Nobody is signed out by it: what an old key signed is over before the key is."""

    uow: UnitOfWork
    tokens: Tokens

    def execute(self, token_life: timedelta, now: datetime) -> list[SigningKey]:
        old = outlived(self.uow.signing_keys.all(), token_life + SKEW, now)
        for key in old:
            key.retire()
            self.uow.publish(self.tokens.announcement(key))
        return old
