"""End a session."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.bus.contracts.users import SessionEnded
from app.kernel.errors import NotFound
from app.modules.users.domain.session import Session, fingerprint
from app.modules.users.ports import UnitOfWork


@dataclass(frozen=True)
class SignOut:
    """End one session of a user, on this device or another. It may have ended already."""

    uow: UnitOfWork

    def execute(self, user_id: UUID, session_id: UUID, now: datetime, reason: str) -> None:
        """`reason`: logout or revoked. Raises NotFound(session_unknown), also for a session of another user."""
        session = self.uow.sessions.find(session_id)
        if session is None or session.user_id != user_id:
            raise NotFound("session_unknown", "you have no such session")
        self._end(session, now, reason)

    def of_token(self, refresh_token: str, now: datetime) -> None:
        """End the session that a refresh token belongs to, if there is one."""
        session = self.uow.sessions.lock_of_token(fingerprint(refresh_token))
        if session is not None:
            self._end(session, now, "logout")

    def _end(self, session: Session, now: datetime, reason: str) -> None:
        if session.end(now):
            ended = SessionEnded(
                session_id=str(session.id), user_id=str(session.user_id), reason=reason, version=session.version
            )
            self.uow.publish(ended)
