"""The token pair that a sign-in and each refresh return."""

from dataclasses import dataclass
from datetime import datetime

from app.modules.users.domain.session import Session, fingerprint, new_refresh_token
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.domain.user import User
from app.modules.users.ports import Tokens, UnitOfWork


@dataclass(frozen=True)
class TokenPair:
    """An access token, and the refresh token that gets the next one."""

    access_token: str
    refresh_token: str
    session: Session


@dataclass(frozen=True)
class Grant:
    """The outcome of the transaction. Signing is slow, so it happens after the commit."""

    user: User
    session: Session
    refresh_token: str
    key: SigningKey

    def signed(self, tokens: Tokens, now: datetime) -> TokenPair:
        access_token = tokens.access_token(self.key, self.user, self.session.id, now)
        return TokenPair(access_token, self.refresh_token, self.session)


def grant(uow: UnitOfWork, user: User, session: Session, now: datetime, successor: str | None = None) -> Grant:
    """Issue `successor`, or the first refresh token of a chain. Raises Unavailable(no_signing_key)."""
    token = successor or new_refresh_token()
    uow.sessions.add_token(fingerprint(token), session.id, now)
    return Grant(user, session, token, uow.signing_keys.active(now))
