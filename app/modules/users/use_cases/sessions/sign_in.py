"""Sign in with e-mail address and password."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.email import formerly_normalized, normalized
from app.kernel.errors import Stale, Unauthorized, Unavailable
from app.kernel.ids import new_id
from app.kernel.transaction import Transaction
from app.modules.users.domain.session import Session
from app.modules.users.domain.user import User
from app.modules.users.ports import Passwords, Tokens, UnitOfWork
from app.modules.users.use_cases.sessions.token_pair import TokenPair, grant


@dataclass(frozen=True)
class SignIn:
    """Start a session for the right password. The error for a wrong one does not reveal whether the account exists.

    Hashing takes tens of milliseconds on purpose, so it happens outside any transaction. The account may have changed
    meanwhile: the session has the epoch that was read, and is invalid under a later one.
    """

    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]
    passwords: Passwords
    tokens: Tokens
    max_life: timedelta  # lifetime of a session, however often refreshed
    count: Callable[[str], None]  # called with the exact outcome of each attempt; the client learns less

    def execute(self, email: str, password: str, device: str, now: datetime) -> TokenPair:
        """Raises Unauthorized(wrong_credentials), Unavailable(passwords_busy)."""
        with self.reading() as uow:
            user = account_of(uow, email)
        right = self.passwords.matches(user.password_hash if user else None, password)
        if user is None or user.disabled or not right:
            self.count("unknown_account" if user is None else "disabled" if right else "wrong_password")
            raise Unauthorized("wrong_credentials", "the e-mail address or the password is wrong")

        session = Session(
            id=new_id(),
            user_id=user.id,
            epoch=user.epoch,
            device=device,
            created_at=now,
            expires_at=now + self.max_life,
        )
        with self.transaction() as uow:
            uow.sessions.add(session)
            granted = grant(uow, user, session, now)
        if self.passwords.outdated(user.password_hash):
            self._renew(user, password)
        self.count("accepted")
        return granted.signed(self.tokens, now)

    def _renew(self, as_read: User, password: str) -> None:
        """Store a hash at the current cost. If this fails, a later sign-in does it; this one is accepted either way."""
        with suppress(Unavailable, Stale):  # no seat is free, or another sign-in has renewed the hash meanwhile
            better = self.passwords.hash(password)
            with self.transaction() as uow:
                user = uow.users.get(as_read.id)
                if user.password_hash == as_read.password_hash:  # else the password changed, or was renewed
                    user.rehash(better)


def account_of(uow: UnitOfWork, email: str) -> User | None:
    """The account of an address. Looks first for an account that still has the form of earlier versions."""
    current, before = normalized(email), formerly_normalized(email)
    user = uow.users.with_email(before) if before != current else None
    return user or uow.users.with_email(current)
