"""The JSON that users returns, and how it is built."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from app.modules.users.domain.session import SeenSession
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.domain.user import User
from app.modules.users.use_cases.sessions import token_pair
from app.web.auth import Identity
from app.web.blueprint import Answer, Timestamp


class Account(Struct, frozen=True):
    """An account, as its owner sees it."""

    id: UUID
    email: str
    name: str
    role: str
    created_at: Timestamp


class StaffAccount(Account, frozen=True):
    """An account, as staff see it."""

    disabled: bool
    external_reference: str | None
    metadata: dict[str, str]


class AccountPage(Struct, frozen=True):
    items: list[StaffAccount]
    next: str | None


class TokenPair(Struct, frozen=True):
    """The result of a sign-in or refresh. A refresh token that is presented again returns the same next one.

    `refresh_token` is empty if it is in the cookie.
    """

    access_token: str
    token_type: str
    expires_in: Annotated[int, Meta(description="seconds")]
    refresh_token: str
    refresh_expires_at: Timestamp
    session_id: UUID


class TokenCheck(Struct, frozen=True):
    """The user, role, session and expiry of a valid access token."""

    user_id: UUID
    role: str
    session_id: UUID
    expires_at: Timestamp


class SignInSession(Struct, frozen=True):
    """A session on one device. `current` is true for the session of this request."""

    id: UUID
    device: str
    created_at: Timestamp
    last_used_at: Timestamp
    expires_at: Timestamp
    current: bool


class SignInSessionPage(Struct, frozen=True):
    items: list[SignInSession]
    next: str | None


class Jwk(Struct, frozen=True):
    """The public half of a key that signs access tokens (RFC 8037)."""

    alg: str
    crv: str
    kid: str
    kty: str
    use: str
    x: str


class JwkSet(Struct, frozen=True):
    """The keys that verify access tokens (RFC 7517)."""

    keys: list[Jwk]


def account_view(user: User) -> Account:
    return Account(user.id, user.email, user.name, user.role, user.created_at)


def staff_account_view(user: User) -> StaffAccount:
    return StaffAccount(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        created_at=user.created_at,
        disabled=user.disabled,
        external_reference=user.external_reference,
        metadata=user.metadata,
    )


def token_pair_answer(made: token_pair.TokenPair, seconds: int) -> Answer[TokenPair]:
    """`seconds` is the lifetime of the access token. The response must not be cached."""
    session = made.session
    view = TokenPair(made.access_token, "Bearer", seconds, made.refresh_token, session.expires_at, session.id)
    return Answer(view, {"Cache-Control": "no-store"})


def session_view(seen: SeenSession, current: UUID) -> SignInSession:
    """`current` is the id of the session of this request."""
    session = seen.session
    return SignInSession(
        id=session.id,
        device=session.device,
        created_at=session.created_at,
        last_used_at=seen.last_used_at,
        expires_at=session.expires_at,
        current=session.id == current,
    )


def token_check_view(who: Identity) -> TokenCheck:
    return TokenCheck(who.user_id, who.role, who.session_id, datetime.fromtimestamp(who.expires, UTC))


def jwk_view(key: SigningKey, public: dict[str, str]) -> Jwk:
    """`public` is the public key as a JWK: kty, crv, x."""
    return Jwk(alg="EdDSA", crv=public["crv"], kid=key.kid, kty=public["kty"], use="sig", x=public["x"])
