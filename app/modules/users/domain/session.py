"""A session on one device, and the refresh tokens that extend it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

GRACE = timedelta(seconds=10)  # how long a token stays valid after its successor was used: tabs overtake each other


@dataclass(eq=False, kw_only=True)
class Session:
    """A sign-in on one device: a chain of refresh tokens with a fixed expiry that no refresh extends.

    It is valid while its `epoch` equals its user's. So a sign-in that was in progress while the password changed is
    invalid from the start.
    """

    id: UUID
    user_id: UUID
    epoch: int
    device: str  # the User-Agent
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    version: int = 1

    def alive(self, epoch: int, now: datetime) -> bool:
        """Whether it is still valid; `epoch` is the current one of its user."""
        return self.ended_at is None and now < self.expires_at and self.epoch == epoch

    def end(self, now: datetime) -> bool:
        """End it for good. Returns False if it had already ended."""
        if self.ended_at is not None:
            return False
        self.ended_at = now
        self.version += 1
        return True

    def move_to_epoch(self, epoch: int) -> None:
        """Stay valid after the epoch of its user was raised."""
        self.epoch = epoch
        self.version += 1


@dataclass(frozen=True)
class SeenSession:
    """A session, and when it was last refreshed."""

    session: Session
    last_used_at: datetime


@dataclass(frozen=True)
class EarlierSignIn:
    """The claims of an access token that may have expired long ago."""

    user_id: UUID
    session_id: UUID
    epoch: int


def new_refresh_token() -> str:
    """256 random bits: they cannot be guessed, so storing a plain hash is enough."""
    return secrets.token_urlsafe(32)


def fingerprint(refresh_token: str) -> bytes:
    """The SHA-256 of a refresh token: the only form in which it is stored."""
    return hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest()
