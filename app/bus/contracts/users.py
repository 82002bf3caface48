"""Events of the users module. They have no names and no e-mail addresses, as no other module needs them."""

from dataclasses import dataclass

from app.bus.event import Event


@dataclass(frozen=True, kw_only=True)
class UserRegistered(Event, name="users.user_registered", version=1, key="user_id"):
    """An account was created."""

    user_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class AccessChanged(Event, name="users.access_changed", version=1, key="user_id"):
    """Which access tokens of a user are valid: those of this epoch and later, and none while the account is disabled.
    A snapshot, which may be published again.
    """

    user_id: str
    epoch: int
    disabled: bool
    version: int
    revision: int = 0  # raised when a field is added: projections then accept the same version again


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event, name="users.session_ended", version=1, key="session_id"):
    """A session has ended, and its tokens are no longer valid. Reason: logout, revoked, reused."""

    session_id: str
    user_id: str
    reason: str
    version: int


@dataclass(frozen=True, kw_only=True)
class SigningKeyPublished(Event, name="users.signing_key_published", version=1, key="kid"):
    """A public key that verifies access tokens, until it is retired. A snapshot, which may be published again.

    It is valid only if `signature`, over all the other fields, was made with a root key (app/web/root_keys.py).
    """

    kid: str
    algorithm: str  # EdDSA
    public_key: str  # PEM
    retired: bool
    version: int
    revision: int = 0  # raised when a field is added: projections then accept the same version again
    signature: str = ""  # base64
