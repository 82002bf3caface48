"""Make a signing key and publish it to the modules that verify tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.ports import Tokens, UnitOfWork


@dataclass(frozen=True)
class PublishSigningKey:
    """Add a key. It becomes active after `spread`, the time to reach all modules; the very first is active at once."""

    uow: UnitOfWork
    tokens: Tokens

    def execute(self, now: datetime, spread: timedelta) -> SigningKey:
        first = not self.uow.signing_keys.all()
        key = self.tokens.new_key(now if first else now + spread)
        self.uow.signing_keys.add(key)
        self.uow.publish(self.tokens.announcement(key))
        return key
