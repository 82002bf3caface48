"""Change the password of an account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Forbidden, Stale, Unauthorized
from app.kernel.transaction import Transaction
from app.modules.users.domain.password import accept_password
from app.modules.users.ports import Passwords, Tokens, UnitOfWork
from app.modules.users.use_cases.accounts.own_account import own_account
from app.modules.users.use_cases.accounts.register import access_of
from app.modules.users.use_cases.sessions.token_pair import Grant, TokenPair, grant


@dataclass(frozen=True)
class ChangePassword:
    """All other sessions end. The session of the request stays valid, with a new token pair.

    Its earlier refresh tokens are deleted: a stolen one may be the reason for the change.
    """

    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]
    passwords: Passwords
    tokens: Tokens

    def execute(self, user_id: UUID, session_id: UUID, old: str, new: str, now: datetime) -> TokenPair:
        """Raises Forbidden(wrong_password), Invalid(weak_password), Unauthorized(session_over), Stale,
        Unavailable(passwords_busy).
        """
        with self.reading() as uow:
            user = own_account(uow, user_id)
        accept_password(new, user.email)
        if not self.passwords.matches(user.password_hash, old):
            raise Forbidden("wrong_password", "the old password is wrong")
        hashed = self.passwords.hash(new)
        with self.transaction() as uow:
            granted = _changed(uow, user_id, session_id, user.password_hash, hashed, now)
        return granted.signed(self.tokens, now)


def _changed(uow: UnitOfWork, user_id: UUID, session_id: UUID, verified: str, hashed: str, now: datetime) -> Grant:
    user = own_account(uow, user_id)
    if user.password_hash != verified:
        raise Stale("the password changed while the old one was verified")
    session = uow.sessions.find(session_id)
    if session is None or session.user_id != user_id or not session.alive(user.epoch, now):
        raise Unauthorized("session_over", "this session has ended: sign in again")
    user.change_password(hashed)
    session.move_to_epoch(user.epoch)
    uow.sessions.end_all(user_id, now, but=session_id)
    uow.sessions.forget_tokens(session_id)
    uow.publish(access_of(user))
    return grant(uow, user, session, now)
