"""Get the next access token with a refresh token."""

from dataclasses import dataclass
from datetime import datetime

from app.bus.contracts.users import SessionEnded
from app.kernel.errors import Unauthorized
from app.kernel.transaction import Transaction
from app.modules.users.domain.session import fingerprint
from app.modules.users.ports import Tokens, UnitOfWork
from app.modules.users.use_cases.sessions.token_pair import Grant, TokenPair, grant


@dataclass(frozen=True)
class Refresh:
    """Each refresh token has one successor; presenting the token again returns the same successor.

    So a client whose response was lost, and tabs that share a token, continue in one chain, however late, as long as
    the successor was not used. If the successor was used and the grace period is over, the old token was reused, so it
    was stolen. We cannot know which of the two clients is the thief, so the session ends for both.
    """

    transaction: Transaction[UnitOfWork]
    tokens: Tokens

    def execute(self, refresh_token: str, now: datetime) -> TokenPair:
        """Raises Unauthorized(refresh_refused), the same for every reason. A reused token then ends the session."""
        with self.transaction() as uow:
            granted = _used(uow, fingerprint(refresh_token), self.tokens.successor(refresh_token), now)
        if granted is None:
            raise Unauthorized("refresh_refused", "the refresh token is no longer valid: sign in again")
        return granted.signed(self.tokens, now)


def _used(uow: UnitOfWork, presented: bytes, successor: str, now: datetime) -> Grant | None:
    session = uow.sessions.lock_of_token(presented)  # before the token, in the same order as a change of password locks
    if session is None or uow.sessions.use_token(presented, fingerprint(successor), now) is None:
        _end_if_reused(uow, presented, now)
        return None
    user = uow.users.get(session.user_id)
    if user.disabled or not session.alive(user.epoch, now):
        return None
    return grant(uow, user, session, now, successor)


def _end_if_reused(uow: UnitOfWork, presented: bytes, now: datetime) -> None:
    session_id = uow.sessions.session_of_token(presented)
    session = uow.sessions.find(session_id) if session_id else None
    if session and session.end(now):
        uow.publish(
            SessionEnded(
                session_id=str(session.id), user_id=str(session.user_id), reason="reused", version=session.version
            )
        )
