"""The keys that sign access tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(eq=False, kw_only=True)
class SigningKey:
    """An Ed25519 key pair; the private key is encrypted. It signs from `active_from` on, and verifies until retired."""

    kid: str
    public_key: str  # PEM
    encrypted_private_key: bytes
    active_from: datetime
    retired: bool = False
    version: int = 1

    def retire(self) -> None:
        self.retired = True
        self.version += 1


def signing(keys: list[SigningKey], now: datetime) -> SigningKey | None:
    """The newest active key that is not retired; None if there is none."""
    ready = [key for key in keys if key.active_from <= now and not key.retired]
    return max(ready, key=lambda key: key.active_from, default=None)


def expired(keys: list[SigningKey], max_token_life: timedelta, now: datetime) -> list[SigningKey]:
    """The keys whose last token has expired: a newer key has signed for longer than the lifetime of a token."""
    newest = signing(keys, now - max_token_life)
    return [key for key in keys if newest and not key.retired and key.active_from < newest.active_from]
