"""A sign-in on one device, and the refresh tokens that keep it going."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

GRACE = timedelta(seconds=10)  # how long a token still counts after its successor was used: tabs overtake each other


@dataclass(eq=False, kw_only=True)
class Session:
    """One sign-in: a chain of refresh tokens with one end that no refresh moves.

    It counts while its `epoch` is its user's: a sign-in under way while the password changed is dead on arrival.
    """

    id: UUID
    user_id: UUID
    epoch: int
    device: str  # what the client calls itself
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    version: int = 1

    def alive(self, epoch: int, now: datetime) -> bool:
        """Whether it still keeps its user, who is at this epoch, signed in."""
        return self.ended_at is None and now < self.expires_at and self.epoch == epoch

    def end(self, now: datetime) -> bool:
        """Over for good; False when it already was."""
        if self.ended_at is not None:
            return False
        self.ended_at = now
        self.version += 1
        return True

    def follow(self, epoch: int) -> None:
        """Go on although its user's earlier tokens do not."""
        self.epoch = epoch
        self.version += 1


@dataclass(frozen=True)
class SeenSession:
    """A session, and when it was last refreshed."""

    session: Session
    last_used_at: datetime


@dataclass(frozen=True)
class EarlierSignIn:
    """What an access token says that may have expired long ago."""

    user_id: UUID
    session_id: UUID
    epoch: int


def new_refresh_token() -> str:
    """256 random bits: nothing to guess, so a plain hash of it is enough to keep."""
    return secrets.token_urlsafe(32)


def fingerprint(refresh_token: str) -> bytes:
    """What is kept of a refresh token."""
    return hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest()
