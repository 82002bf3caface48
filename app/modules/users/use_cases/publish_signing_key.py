"""Make a signing key and tell everyone who verifies tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.bus.contracts.users import SigningKeyPublished
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.ports import Tokens, Work


@dataclass(frozen=True)
class PublishSigningKey:
    """Add a key; it signs once it had `spread` to travel. The very first signs at once."""

    work: Work
    tokens: Tokens

    def execute(self, now: datetime, spread: timedelta) -> SigningKey:
        first = not self.work.signing_keys.all()
        key = self.tokens.new_key(now if first else now + spread)
        self.work.signing_keys.add(key)
        self.work.publish(published(key))
        return key


def published(key: SigningKey) -> SigningKeyPublished:
    """A key as it is said to the others: its public half."""
    return SigningKeyPublished(
        kid=key.kid, algorithm="EdDSA", public_key=key.public_key, retired=key.retired, version=key.version
    )
