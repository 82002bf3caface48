"""The ports of users: what its use cases need from the infrastructure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.bus.contracts.users import SigningKeyPublished
from app.bus.event import Event
from app.kernel.claim import Claims
from app.kernel.trail import Trail
from app.modules.users.domain.address_book import AddressBook
from app.modules.users.domain.session import EarlierSignIn, SeenSession, Session
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.domain.user import User


class Users(Protocol):
    """Accounts, by id and by e-mail address."""

    def add(self, user: User) -> None:
        """Raises Conflict(email_taken)."""

    def get(self, id: UUID) -> User:
        """Raises NotFound(user_unknown)."""

    def save(self, user: User) -> None:
        """Write a change at once, so that what another account has is refused here. Raises
        Conflict(external_reference_taken)."""

    def with_email(self, email: str) -> User | None:
        """The account with this address, which must be normalized."""

    def listed(
        self,
        role: str | None,
        email_beginnings: Sequence[str] | None,
        after: UUID | None,
        limit: int,
        external_reference: str | None = None,
    ) -> Sequence[User]:
        """Newest first, only accounts older than `after`."""

    def with_non_ascii_email(self) -> Sequence[User]:
        """The accounts whose address has characters outside ASCII."""

    def lock_active_admins(self) -> set[UUID]:
        """The ids of the admins who are not disabled. No other transaction can change them until this one ends."""

    def to_announce(self, after: UUID | None, limit: int) -> Sequence[User]:
        """The accounts with an epoch above 0 or disabled, ordered by id; the other modules assume the rest."""

    def to_announce_count(self) -> int: ...


class Sessions(Protocol):
    """Sessions and their refresh tokens."""

    def add(self, session: Session) -> None:
        """Store it. To change it later, `find` it."""

    def find(self, id: UUID) -> Session | None: ...

    def lock_of_token(self, fingerprint: bytes) -> Session | None:
        """The session of a refresh token, locked: only this transaction may change it or issue tokens for it."""

    def alive_of(self, user: User, now: datetime, after: UUID | None, limit: int) -> Sequence[SeenSession]:
        """The valid sessions of a user, newest first, only those older than `after`."""

    def last_used(self, user_id: UUID) -> datetime | None:
        """When the user last signed in or refreshed; None if no session is stored any more."""

    def end_all(self, user_id: UUID, now: datetime, but: UUID | None = None) -> None:
        """End every session of a user, except `but`."""

    def move_to_epoch(self, user_id: UUID, was: int, epoch: int) -> None:
        """Move the sessions of the epoch `was` to `epoch`, so that they stay valid."""

    def add_token(self, fingerprint: bytes, session_id: UUID, now: datetime) -> None:
        """Store a refresh token that is issued; it may be stored already."""

    def use_token(self, fingerprint: bytes, successor: bytes, now: datetime) -> UUID | None:
        """Mark the token as used and return the id of its session.

        Returns None for an unknown token, and for a reused one: the token and its successor were both first used
        before the grace period.
        """

    def session_of_token(self, fingerprint: bytes) -> UUID | None:
        """The id of the session of a refresh token, used or not."""

    def forget_tokens(self, session_id: UUID) -> None:
        """Delete all refresh tokens of a session."""

    def prune(self, before: datetime) -> int:
        """Delete a slice of the sessions that expired or ended before this time. Returns how many."""


class SigningKeys(Protocol):
    """The keys that sign tokens, newest last."""

    def add(self, key: SigningKey) -> None: ...

    def active(self, now: datetime) -> SigningKey:
        """A copy of the newest active key. Raises Unavailable(no_signing_key) while there is none."""

    def all(self) -> list[SigningKey]: ...

    def unsigned_by(self, root: str) -> list[SigningKey]:
        """The keys whose current version was never published with a signature of this root key."""


class AddressBooks(Protocol):
    """The postal addresses of accounts."""

    def find(self, user_id: UUID) -> AddressBook | None:
        """The address book of an account; None if there is no such account."""

    def lock(self, user_id: UUID) -> AddressBook | None:
        """The same, to change it: no other transaction can change it until this one ends."""


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

    @property
    def address_books(self) -> AddressBooks: ...

    @property
    def claims(self) -> Claims: ...

    def publish(self, *events: Event) -> None: ...


class Passwords(Protocol):
    """Hashes passwords. Slow on purpose, so never call it inside a transaction.

    Hashing and verifying raise Unavailable(passwords_busy) while too many others do so.
    """

    def hash(self, password: str) -> str: ...

    def matches(self, hashed: str | None, password: str) -> bool:
        """Takes the same time for None (no such account) as for a wrong password."""

    def outdated(self, hashed: str) -> bool:
        """Whether it was hashed with parameters other than the current ones."""


class Tokens(Protocol):
    """Makes access tokens and keys, and computes the successor of a refresh token."""

    def access_token(self, key: SigningKey, user: User, session_id: UUID, now: datetime) -> str:
        """A JWT that every module can verify without calling users."""

    def earlier_sign_in(self, access_token: str, keys: Sequence[SigningKey]) -> EarlierSignIn | None:
        """The claims of a token that one of these keys signed, even if it has expired; None for any other token."""

    def successor(self, refresh_token: str) -> str:
        """The refresh token that follows this one: always the same, and only users can compute it."""

    def new_key(self, active_from: datetime) -> SigningKey: ...

    @property
    def root(self) -> str:
        """The public root key; its private key signs announcements."""

    def announcement(self, key: SigningKey) -> SigningKeyPublished:
        """The event that publishes a key to the other modules: the public key, with the signature of the root key."""

    def new_root(self) -> tuple[str, str]:
        """A new root key that nothing uses yet: the private and the public key, in the format of the settings."""

    def public_jwk(self, key: SigningKey) -> dict[str, str]:
        """The public key as a JWK: kty, crv, x."""
