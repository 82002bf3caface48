"""Address books in SQL."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.modules.users.domain.address_book import AddressBook
from app.modules.users.infrastructure.tables import users

FIND = select(AddressBook).where(users.c.id == bindparam("account"))
LOCK = FIND.with_for_update(key_share=True)  # sign-ins, which refer to the account, do not wait


class SqlAddressBooks:
    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, user_id: UUID) -> AddressBook | None:
        return self._session.scalars(FIND, {"account": user_id}).first()

    def lock(self, user_id: UUID) -> AddressBook | None:
        """Locks the account's row. Its addresses are read afterwards, so they are those that the last holder left."""
        return self._session.scalars(LOCK, {"account": user_id}).first()
