"""End a session."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.bus.contracts.users import SessionEnded
from app.kernel.errors import NotFound
from app.modules.users.ports import UnitOfWork


@dataclass(frozen=True)
class SignOut:
    """End one session of a user, on this device or another; it may be over already."""

    uow: UnitOfWork

    def execute(self, user_id: UUID, session_id: UUID, now: datetime, reason: str) -> None:
        """Raises NotFound(session_unknown), also for another's. Reason: logout, revoked."""
        session = self.uow.sessions.find(session_id)
        if session is None or session.user_id != user_id:
            raise NotFound("session_unknown", "you have no such sign-in")
        if session.end(now):
            ended = SessionEnded(
                session_id=str(session.id), user_id=str(user_id), reason=reason, version=session.version
            )
            self.uow.publish(ended)
