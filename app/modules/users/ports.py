"""What the use cases of users need."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.bus.contracts.users import SigningKeyPublished
from app.bus.event import Event
from app.kernel.trail import Trail
from app.modules.users.domain.session import EarlierSignIn, SeenSession, Session
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.domain.user import User


class Users(Protocol):
    """Accounts, by id and by e-mail address."""

    def add(self, user: User) -> None:
        """Raises Conflict(email_taken)."""

    def get(self, id: UUID) -> User:
        """Raises NotFound(user_unknown)."""

    def with_email(self, email: str) -> User | None: ...

    def listed(self, role: str | None, email_prefix: str | None, after: UUID | None, limit: int) -> Sequence[User]:
        """Newest first, those older than `after`."""

    def spelt_oddly(self) -> Sequence[User]:
        """Those whose address has more than ASCII in it."""

    def governing(self) -> set[UUID]:
        """The admins who are not disabled; nobody else changes one of them until this transaction ends."""

    def to_announce(self, after: UUID | None, limit: int) -> Sequence[User]:
        """Those of whom more than the beginning must be known, by id."""

    def to_announce_count(self) -> int: ...


class Sessions(Protocol):
    """Sign-ins and their refresh tokens."""

    def add(self, session: Session) -> None: ...

    def find(self, id: UUID) -> Session | None: ...

    def lock_of_token(self, fingerprint: bytes) -> Session | None:
        """The sign-in that a refresh token was made for, to be changed or given tokens by this transaction alone."""

    def alive_of(self, user: User, now: datetime, after: UUID | None, limit: int) -> Sequence[SeenSession]:
        """Newest first, those older than `after`."""

    def last_used(self, user_id: UUID) -> datetime | None:
        """When someone last signed in or refreshed; None where no sign-in is kept any more."""

    def end_all(self, user_id: UUID, now: datetime, but: UUID | None = None) -> None:
        """End every sign-in of a user, but one."""

    def carry_on(self, user_id: UUID, was: int, epoch: int) -> None:
        """The sign-ins of one epoch go on in another."""

    def keep_token(self, fingerprint: bytes, session_id: UUID, now: datetime) -> None:
        """Know a token that is handed out; it may be known already."""

    def use_token(self, fingerprint: bytes, successor: bytes, now: datetime) -> UUID | None:
        """The session, unless the token and its successor were both first used before the grace."""

    def session_of_token(self, fingerprint: bytes) -> UUID | None: ...

    def forget_tokens(self, session_id: UUID) -> None:
        """None of its refresh tokens is known any more."""

    def prune(self, before: datetime) -> int:
        """Forget what expired or ended before then; returns how many."""


class SigningKeys(Protocol):
    """The keys that sign tokens, newest last."""

    def add(self, key: SigningKey) -> None: ...

    def active(self, now: datetime) -> SigningKey:
        """The one that signs now. Raises Unavailable while there is none."""

    def all(self) -> list[SigningKey]: ...

    def unsigned_by(self, root: str) -> list[SigningKey]:
        """Those that were never said, as they are now, with a signature of this root key."""


class UnitOfWork(Protocol):
    """One transaction of users."""

    @property
    def trail(self) -> Trail: ...

    @property
    def users(self) -> Users: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def signing_keys(self) -> SigningKeys: ...

    def publish(self, *events: Event) -> None: ...


class Passwords(Protocol):
    """Hashes passwords so that they cannot be read back. Slow on purpose: never inside a transaction."""

    def hash(self, password: str) -> str: ...

    def matches(self, hashed: str | None, password: str) -> bool:
        """Takes the same time for None (no such account) as for a wrong password."""

    def outdated(self, hashed: str) -> bool:
        """Whether it was hashed at another cost than today's."""


class Tokens(Protocol):
    """Makes access tokens and keys, and knows which refresh token follows which."""

    def access_token(self, key: SigningKey, user: User, session_id: UUID, now: datetime) -> str: ...

    def earlier_sign_in(self, access_token: str, keys: Sequence[SigningKey]) -> EarlierSignIn | None:
        """What a token says that one of these keys has signed, however long it has expired; None for any other."""

    def successor(self, refresh_token: str) -> str:
        """The refresh token that follows this one: always the same, and only we can tell it."""

    def new_key(self, active_from: datetime) -> SigningKey: ...

    @property
    def root(self) -> str:
        """The public half of the root key that signs announcements."""

    def announcement(self, key: SigningKey) -> SigningKeyPublished:
        """A key as it is said to the others: its public half, with the root key's signature."""

    def new_root(self) -> tuple[str, str]:
        """A fresh root key: its private and its public half, as the settings have them."""

    def public_jwk(self, key: SigningKey) -> dict[str, str]:
        """The public half as a JWK: kty, crv, x."""
