"""Accounts on SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import LargeBinary, cast, func, or_, select
from sqlalchemy.orm import Session

from app.kernel.constraints import refusing
from app.kernel.errors import Conflict, NotFound
from app.modules.users.domain.user import User
from app.modules.users.infrastructure.tables import users

CHANGED = or_(users.c.epoch > 0, users.c.disabled)


class SqlUsers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, user: User) -> None:
        """Raises Conflict(email_taken)."""
        taken = Conflict("email_taken", "there is an account for this e-mail address: sign in")
        with (
            refusing(taken, "users_email_key", on_sqlite="UNIQUE constraint failed: users.email"),
            self._session.begin_nested(),  # a failed flush would take the whole transaction with it
        ):
            self._session.add(user)

    def get(self, id: UUID) -> User:
        """Raises NotFound(user_unknown)."""
        user = self._session.get(User, id)
        if user is None:
            raise NotFound("user_unknown", "there is no such account")
        return user

    def with_email(self, email: str) -> User | None:
        """The account of an address as it is kept."""
        return self._session.scalars(select(User).where(users.c.email == email)).first()

    def listed(self, role: str | None, email_prefix: str | None, after: UUID | None, limit: int) -> Sequence[User]:
        found = select(User).order_by(users.c.id.desc()).limit(limit)
        if role is not None:
            found = found.where(users.c.role == role)
        if email_prefix is not None:
            found = found.where(users.c.email.startswith(email_prefix, autoescape=True))
        if after is not None:
            found = found.where(users.c.id < after)
        return self._session.scalars(found).all()

    def spelt_oddly(self) -> Sequence[User]:
        """More bytes than characters. Reads the whole table."""
        is_sqlite = self._session.connection().dialect.name == "sqlite"
        size = func.length(cast(users.c.email, LargeBinary)) if is_sqlite else func.octet_length(users.c.email)
        return self._session.scalars(select(User).where(size > func.length(users.c.email)).order_by(users.c.id)).all()

    def governing(self) -> set[UUID]:
        """Locks their rows, so that two admins cannot demote each other at once."""
        admins = select(users.c.id).where(users.c.role == "admin", ~users.c.disabled)
        return set(self._session.scalars(admins.order_by(users.c.id).with_for_update()))

    def to_announce(self, after: UUID | None, limit: int) -> Sequence[User]:
        found = select(User).where(CHANGED).order_by(users.c.id).limit(limit)
        return self._session.scalars(found.where(users.c.id > after) if after else found).all()

    def to_announce_count(self) -> int:
        """How many there are in all."""
        return self._session.scalars(select(func.count()).select_from(users).where(CHANGED)).one()
