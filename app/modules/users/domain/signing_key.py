"""A key that signs access tokens."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(eq=False, kw_only=True)
class SigningKey:
    """An Ed25519 pair; the private half is encrypted. It signs from `active_from`, verifies until retired."""

    kid: str
    public_key: str  # PEM
    encrypted_private_key: bytes
    active_from: datetime
    retired: bool = False
    version: int = 1
