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
    """Each refresh token has one successor, and whoever presents the token again gets that one again.

    So a client whose answer was lost, and tabs that share a token, go on in one chain, however late they come: the
    successor was not used yet. Once it was, and the grace is over, the chain has gone on without whoever presents the
    old token: it was stolen, by whom we cannot tell, and all are out.
    """

    transaction: Transaction[UnitOfWork]
    tokens: Tokens

    def execute(self, refresh_token: str, now: datetime) -> TokenPair:
        """Raises Unauthorized(refresh_refused), alike for every reason; a reuse has been acted upon by then."""
        with self.transaction() as uow:
            granted = _used(uow, fingerprint(refresh_token), self.tokens.successor(refresh_token), now)
        if granted is None:
            raise Unauthorized("refresh_refused", "the refresh token is no good any more: sign in again")
        return granted.signed(self.tokens, now)


def _used(uow: UnitOfWork, presented: bytes, successor: str, now: datetime) -> Grant | None:
    session = uow.sessions.lock_of_token(presented)  # before the token, as whoever changes the password does
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
