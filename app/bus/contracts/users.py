"""What the users module says. No names, no e-mail addresses: nobody who listens needs them."""

from dataclasses import dataclass

from app.bus.event import Event


@dataclass(frozen=True, kw_only=True)
class UserRegistered(Event, name="users.user_registered", version=1, key="user_id"):
    """Someone has an account."""

    user_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class AccessChanged(Event, name="users.access_changed", version=1, key="user_id"):
    """Whose tokens count: those of this epoch and later, none while disabled. Full state; can be said again."""

    user_id: str
    epoch: int
    disabled: bool
    version: int
    revision: int = 0  # raised where a field is added: copies then take the same version once more


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event, name="users.session_ended", version=1, key="session_id"):
    """A sign-in is over; its tokens no longer count. Reason: logout, revoked, reused."""

    session_id: str
    user_id: str
    reason: str
    version: int


@dataclass(frozen=True, kw_only=True)
class SigningKeyPublished(Event, name="users.signing_key_published", version=1, key="kid"):
    """A public key that verifies access tokens, until it is retired. Full state; can be said again.

    It counts only where `signature`, of all the other fields, is a root key's (app/web/root_keys.py).
    """

    kid: str
    algorithm: str  # EdDSA
    public_key: str  # PEM
    retired: bool
    version: int
    revision: int = 0  # raised where a field is added: copies then take the same version once more
    signature: str = ""  # base64
