"""Sessions and refresh tokens in SQL."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy import orm as orm

from app.kernel.compiled import execute
from app.kernel.deletes import delete_slice
from app.kernel.inserts import insert_if_absent
from app.modules.users.domain.session import GRACE, SeenSession, Session
from app.modules.users.domain.user import User
from app.modules.users.infrastructure.tables import refresh_tokens, sessions

INSERT = insert(sessions).inline()
following = refresh_tokens.alias("following")
USE = (
    update(refresh_tokens)
    .where(
        refresh_tokens.c.fingerprint == bindparam("presented"),
        or_(
            refresh_tokens.c.used_at.is_(None),
            refresh_tokens.c.used_at > bindparam("grace_began"),
            exists().where(
                following.c.fingerprint == bindparam("successor"),
                or_(following.c.used_at.is_(None), following.c.used_at > bindparam("grace_began")),
            ),
        ),
    )
    .values(used_at=func.coalesce(refresh_tokens.c.used_at, bindparam("now", type_=refresh_tokens.c.used_at.type)))
    .returning(refresh_tokens.c.session_id)
)
OWNER = select(refresh_tokens.c.session_id).where(refresh_tokens.c.fingerprint == bindparam("presented"))
LOCK_OF_TOKEN = (
    select(Session)
    .join(refresh_tokens, refresh_tokens.c.session_id == sessions.c.id)
    .where(refresh_tokens.c.fingerprint == bindparam("presented"))
    .with_for_update(of=sessions, key_share=True)
    .execution_options(populate_existing=True)
)
LAST_USED = (
    select(func.max(refresh_tokens.c.issued_at, type_=refresh_tokens.c.issued_at.type))
    .where(refresh_tokens.c.session_id == sessions.c.id)
    .scalar_subquery()
)


class SqlSessions:
    """Refresh tokens are stored as hashes only."""

    def __init__(self, session: orm.Session) -> None:
        self._session = session

    def add(self, session: Session) -> None:
        row = {column.name: getattr(session, column.name) for column in sessions.c}
        execute(self._session.connection(), INSERT, row)

    def find(self, id: UUID) -> Session | None:
        return self._session.get(Session, id)

    def lock_of_token(self, fingerprint: bytes) -> Session | None:
        """Read again after the lock was acquired; by then the token may have been deleted."""
        return self._session.scalars(LOCK_OF_TOKEN, {"presented": fingerprint}).first()

    def alive_of(self, user: User, now: datetime, after: UUID | None, limit: int) -> Sequence[SeenSession]:
        alive = (sessions.c.user_id == user.id) & sessions.c.ended_at.is_(None) & (sessions.c.expires_at > now)
        found = select(Session, LAST_USED).where(alive, sessions.c.epoch == user.epoch)
        if after is not None:
            found = found.where(sessions.c.id < after)
        rows = self._session.execute(found.order_by(sessions.c.id.desc()).limit(limit))
        return [SeenSession(session, last_used or session.created_at) for session, last_used in rows]

    def last_used(self, user_id: UUID) -> datetime | None:
        """By the tokens: every sign-in issues a refresh token at once."""
        newest = func.max(refresh_tokens.c.issued_at, type_=refresh_tokens.c.issued_at.type)
        of_user = select(newest).join(sessions, refresh_tokens.c.session_id == sessions.c.id)
        return self._session.execute(of_user.where(sessions.c.user_id == user_id)).scalar()

    def end_all(self, user_id: UUID, now: datetime, but: UUID | None = None) -> None:
        """One statement for any number of sessions."""
        ending = update(sessions).where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None))
        if but is not None:
            ending = ending.where(sessions.c.id != but)
        self._session.execute(ending.values(ended_at=now, version=sessions.c.version + 1))

    def move_to_epoch(self, user_id: UUID, was: int, epoch: int) -> None:
        """Sessions of an epoch before `was` stay as they are: they have ended."""
        moving = update(sessions).where(sessions.c.user_id == user_id, sessions.c.epoch == was)
        self._session.execute(moving.values(epoch=epoch, version=sessions.c.version + 1))

    def add_token(self, fingerprint: bytes, session_id: UUID, now: datetime) -> None:
        """A token that is issued again keeps its row."""
        row = {"fingerprint": fingerprint, "session_id": session_id, "issued_at": now, "used_at": None}
        insert_if_absent(self._session.connection(), refresh_tokens, row)

    def use_token(self, fingerprint: bytes, successor: bytes, now: datetime) -> UUID | None:
        """The row lock serializes concurrent uses of one token; the second finds the time of the first."""
        presented = {"presented": fingerprint, "successor": successor, "grace_began": now - GRACE, "now": now}
        return self._session.execute(USE, presented).scalar()

    def session_of_token(self, fingerprint: bytes) -> UUID | None:
        return self._session.execute(OWNER, {"presented": fingerprint}).scalar()

    def forget_tokens(self, session_id: UUID) -> None:
        """The tokens are deleted: presenting one afterwards is an unknown token, not a reuse."""
        self._session.execute(delete(refresh_tokens).where(refresh_tokens.c.session_id == session_id))

    def prune(self, before: datetime) -> int:
        """Their tokens are deleted by the foreign key."""
        over = or_(sessions.c.expires_at < before, sessions.c.ended_at < before)
        return delete_slice(self._session.connection(), sessions, over, first=sessions.c.expires_at)
