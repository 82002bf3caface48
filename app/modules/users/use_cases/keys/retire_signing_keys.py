"""Retire keys whose tokens have all expired."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.modules.users.domain.signing_key import SigningKey, expired
from app.modules.users.ports import Tokens, UnitOfWork

SKEW = timedelta(minutes=1)  # between the clocks of the processes that sign and those that verify


@dataclass(frozen=True)
class RetireSigningKeys:
    """Nobody is signed out: all tokens that a key signed have expired before it is retired."""

    uow: UnitOfWork
    tokens: Tokens

    def execute(self, token_life: timedelta, now: datetime) -> list[SigningKey]:
        old = expired(self.uow.signing_keys.all(), token_life + SKEW, now)
        for key in old:
            key.retire()
            self.uow.publish(self.tokens.announcement(key))
        return old
