"""Accounts in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session

from app.kernel.constraints import refusing
from app.kernel.errors import Conflict, NotFound
from app.modules.users.domain.user import User
from app.modules.users.infrastructure.tables import users

WITH_EMAIL = select(User).where(users.c.email == bindparam("email"))
CHANGED = or_(users.c.epoch > 0, users.c.disabled)


class SqlUsers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, user: User) -> None:
        taken = Conflict("email_taken", "an account with this e-mail address exists: sign in")
        with (
            refusing(taken, "users_email_key", on_sqlite="UNIQUE constraint failed: users.email"),
            self._session.begin_nested(),  # a failed flush would abort the whole transaction
        ):
            self._session.add(user)

    def get(self, id: UUID) -> User:
        user = self._session.get(User, id)
        if user is None:
            raise NotFound("user_unknown", "there is no such account")
        return user

    def save(self, user: User) -> None:
        sentence = f"another account has the external reference {user.external_reference}: choose another"
        taken = Conflict("external_reference_taken", sentence)
        failed = "UNIQUE constraint failed: users.external_reference"
        with refusing(taken, "users_external_reference", on_sqlite=failed):
            self._session.flush()

    def with_email(self, email: str) -> User | None:
        return self._session.scalars(WITH_EMAIL, {"email": email}).first()

    def listed(
        self,
        role: str | None,
        email_beginnings: Sequence[str] | None,
        after: UUID | None,
        limit: int,
        external_reference: str | None = None,
    ) -> Sequence[User]:
        found = select(User).order_by(users.c.id.desc()).limit(limit)
        if role is not None:
            found = found.where(users.c.role == role)
        if email_beginnings is not None:
            found = found.where(or_(*(users.c.email.startswith(each, autoescape=True) for each in email_beginnings)))
        if external_reference is not None:
            found = found.where(users.c.external_reference == external_reference)
        if after is not None:
            found = found.where(users.c.id < after)
        return self._session.scalars(found).all()

    def with_non_ascii_email(self) -> Sequence[User]:
        """Finds addresses with more bytes than characters. Reads the whole table."""
        is_sqlite = self._session.connection().dialect.name == "sqlite"
        size = func.length(cast(users.c.email, LargeBinary)) if is_sqlite else func.octet_length(users.c.email)
        return self._session.scalars(select(User).where(size > func.length(users.c.email)).order_by(users.c.id)).all()

    def lock_active_admins(self) -> set[UUID]:
        """Locks the rows, so that two admins cannot demote each other concurrently."""
        admins = select(users.c.id).where(users.c.role == "admin", ~users.c.disabled)
        return set(self._session.scalars(admins.order_by(users.c.id).with_for_update()))

    def to_announce(self, after: UUID | None, limit: int) -> Sequence[User]:
        found = select(User).where(CHANGED).order_by(users.c.id).limit(limit)
        return self._session.scalars(found.where(users.c.id > after) if after else found).all()

    def to_announce_count(self) -> int:
        return self._session.scalars(select(func.count()).select_from(users).where(CHANGED)).one()
