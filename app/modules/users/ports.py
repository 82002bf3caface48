"""What the use cases of users need."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.bus.event import Event
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.domain.user import User


class Users(Protocol):
    """Accounts, by id and by e-mail address."""

    def add(self, user: User) -> None:
        """Raises Conflict(email_taken)."""

    def with_email(self, email: str) -> User | None: ...


class SigningKeys(Protocol):
    """The keys that sign tokens, newest last."""

    def add(self, key: SigningKey) -> None: ...

    def active(self, now: datetime) -> SigningKey:
        """The one that signs now. Raises Unavailable while there is none."""

    def all(self) -> list[SigningKey]: ...


class Work(Protocol):
    """One transaction of users."""

    @property
    def users(self) -> Users: ...

    @property
    def signing_keys(self) -> SigningKeys: ...

    def publish(self, *events: Event) -> None: ...


class Passwords(Protocol):
    """Hashes passwords so that they cannot be read back."""

    def hash(self, password: str) -> str: ...

    def matches(self, hashed: str | None, password: str) -> bool:
        """Takes the same time for None (no such account) as for a wrong password."""


class Tokens(Protocol):
    """Makes access tokens and keys."""

    def access_token(self, key: SigningKey, user: User, session_id: UUID, now: datetime) -> str: ...

    def new_key(self, active_from: datetime) -> SigningKey: ...
