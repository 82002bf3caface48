"""Sign in with e-mail address and password."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.errors import Unauthorized
from app.kernel.ids import new_id
from app.kernel.transaction import Transaction
from app.modules.users.domain.email import as_kept, as_kept_before
from app.modules.users.domain.session import Session
from app.modules.users.domain.user import User
from app.modules.users.ports import Passwords, Tokens, UnitOfWork
from app.modules.users.use_cases.sessions.token_pair import TokenPair, grant


@dataclass(frozen=True)
class SignIn:
    """Start a session for the right password. The answer for a wrong one does not tell whether the account exists.

    Hashing takes tens of milliseconds on purpose, so it happens outside any transaction. What it was decided on may
    have changed meanwhile: the session carries the epoch that was read, and counts for nothing under a later one.
    """

    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]
    passwords: Passwords
    tokens: Tokens
    max_life: timedelta  # life of a session, however often refreshed
    count: Callable[[str], None]  # told of each, by what came of it: the caller learns less

    def execute(self, email: str, password: str, device: str, now: datetime) -> TokenPair:
        """Raises Unauthorized(wrong_credentials)."""
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
        better = self.passwords.hash(password) if self.passwords.outdated(user.password_hash) else None
        with self.transaction() as uow:
            uow.sessions.add(session)
            if better:
                _rehash(uow, user, better)
            granted = grant(uow, user, session, now)
        self.count("accepted")
        return granted.signed(self.tokens, now)


def account_of(uow: UnitOfWork, email: str) -> User | None:
    """An account that kept the spelling of before is found by it; most are spelt alike both ways."""
    kept, before = as_kept(email), as_kept_before(email)
    user = uow.users.with_email(before) if before != kept else None
    return user or uow.users.with_email(kept)


def _rehash(uow: UnitOfWork, as_read: User, better: str) -> None:
    """Unless the password changed meanwhile."""
    user = uow.users.get(as_read.id)
    if user.password_hash == as_read.password_hash:
        user.rehash(better)
