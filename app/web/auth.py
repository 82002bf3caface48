"""Authentication: access tokens are verified with the public keys and revocations that this module has consumed.

flask-jwt-extended decodes the tokens. This module also refuses what the library accepts by default (tokens without
exp, jti or type, or of another issuer or audience). A bounded memo avoids parsing the same token four times for each
request.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import jwt
from flask import Flask, current_app, g, request
from flask_jwt_extended import JWTManager, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from sqlalchemy import Connection, bindparam, select

from app.config.settings import Settings
from app.kernel.errors import Forbidden, Unauthorized
from app.web.root_keys import trusted_key
from app.web.tables import ended_sessions, epochs

P = ParamSpec("P")
R = TypeVar("R")

ALGORITHM = "EdDSA"
REQUIRED = frozenset({"sub", "sid", "exp", "iat", "jti", "type", "iss", "aud", "epoch", "role"})
ROLES = {"customer": 0, "staff": 1, "admin": 2}
MAX_TOKEN_LENGTH = 4096  # characters
MEMO = 10_000  # tokens
FRESH = 2.0  # seconds that a revocation may go unnoticed, in addition to its delivery over the bus

EPOCH = select(epochs.c.epoch, epochs.c.disabled).where(epochs.c.user_id == bindparam("user"))
ENDED = select(ended_sessions.c.session_id).where(ended_sessions.c.session_id == bindparam("session"))


@dataclass(slots=True)
class Identity:
    """A caller whose token has been checked."""

    user_id: UUID
    session_id: UUID
    role: str
    epoch: int
    kid: str
    expires: float  # seconds since 1970
    checked: float  # by the monotonic clock


def install(app: Flask, settings: Settings) -> None:
    """Configure the decoder, and check the token of every request that has one."""
    app.config.update(
        JWT_ALGORITHM=ALGORITHM,
        JWT_DECODE_ALGORITHMS=[ALGORITHM],
        JWT_DECODE_ISSUER=settings.token_issuer,
        JWT_DECODE_AUDIENCE=settings.token_audience,
        JWT_DECODE_LEEWAY=60,  # seconds that clocks may differ, for iat; expiry is compared with our clock exactly
        JWT_PUBLIC_KEY="looked up by kid",  # never used: see the loader below
    )
    app.extensions["quartet_identities"] = OrderedDict()
    app.extensions["quartet_max_token_life"] = settings.access_token_seconds
    app.extensions["quartet_root_keys"] = settings.root_public_keys
    JWTManager(app).decode_key_loader(_key_for)
    app.before_request(_identify)


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Guard a view: callers without a valid token get 401."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        identity()
        return view(*args, **kwargs)

    guarded.__dict__["access"] = "customer"
    return guarded


def staff_only(view: Callable[P, R]) -> Callable[P, R]:
    """Guard a view: callers that are neither staff nor admins get 403, or 401 without a valid token."""
    return _only("staff", view)


def admin_only(view: Callable[P, R]) -> Callable[P, R]:
    """Guard a view: callers that are not admins get 403, or 401 without a valid token."""
    return _only("admin", view)


def identity() -> Identity:
    """The signed-in caller. Raises Unauthorized."""
    who: Identity | None = g.get("identity")
    if who is None:
        raise g.get("token_refused") or Unauthorized("not_signed_in", "sign in, and send the token as Bearer")
    return who


def identity_if_any() -> Identity | None:
    """The signed-in caller, or None for a guest. Raises Unauthorized for an invalid token."""
    return identity() if request.authorization or "Authorization" in request.headers else None


def customer_id() -> UUID:
    """The signed-in caller's user id. Raises Unauthorized."""
    return identity().user_id


def lets_in(handler: Callable[..., object]) -> bool:
    """Whether this caller may call the handler. A handler without a guard lets everyone in."""
    role = getattr(handler, "access", None)
    who: Identity | None = g.get("identity")
    return role is None or (who is not None and ROLES[who.role] >= ROLES[role])


def is_staff() -> bool:
    """Whether the signed-in caller is staff or admin. Raises Unauthorized."""
    return ROLES[identity().role] >= ROLES["staff"]


def _only(role: str, view: Callable[P, R]) -> Callable[P, R]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if ROLES[identity().role] < ROLES[role]:
            raise Forbidden("role_missing", f"this needs the role {role}")
        return view(*args, **kwargs)

    guarded.__dict__["access"] = role
    return guarded


def _identify() -> None:
    header = request.headers.get("Authorization")
    if header is None:
        return
    try:
        g.identity = _identity_of(header)
        g.caller = f"user:{g.identity.user_id}"
    except Unauthorized as refused:
        g.token_refused = refused


def _identity_of(header: str) -> Identity:
    """Decode the token once; later requests with it check its expiry, and every FRESH seconds its revocation."""
    memo: OrderedDict[tuple[str, str], Identity] = current_app.extensions["quartet_identities"]
    module = current_app.extensions["quartet_module_of"].get(request.blueprint)
    if module is None:
        raise Unauthorized("not_signed_in", "this address accepts no access token")
    who = memo.get((module.name, header))
    now = time.monotonic()
    if who is None:
        who = _decode(header)
        who.checked = -FRESH
        memo[module.name, header] = who
        while len(memo) > MEMO:
            memo.popitem(last=False)
    if time.time() >= who.expires:
        memo.pop((module.name, header), None)
        raise Unauthorized("token_expired", "the token has expired: refresh it, or sign in again")
    if now - who.checked >= FRESH:
        with module.database.read() as connection:
            _refuse_revoked(connection, who)
        who.checked = now
    return who


def _refuse_revoked(connection: Connection, who: Identity) -> None:
    known = connection.execute(EPOCH, {"user": who.user_id}).first()
    ended = connection.execute(ENDED, {"session": who.session_id}).first()
    key = trusted_key(connection, who.kid, current_app.extensions["quartet_root_keys"])
    if ended or key is None or (known and (known.disabled or who.epoch < known.epoch)):
        raise Unauthorized("token_revoked", "this sign-in is over: sign in again")


def _decode(header: str) -> Identity:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_LENGTH:
        raise Unauthorized("bad_token", "send the access token as: Authorization: Bearer …")
    try:
        claims = decode_token(token)
        kid = jwt.get_unverified_header(token)["kid"]
        return Identity(
            UUID(claims["sub"]), UUID(claims["sid"]), claims["role"], claims["epoch"], kid, claims["exp"], 0.0
        )
    except jwt.ExpiredSignatureError:
        raise Unauthorized("token_expired", "the token has expired: refresh it, or sign in again") from None
    except (jwt.PyJWTError, JWTExtendedException, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Unauthorized("bad_token", "the access token is invalid: sign in again") from None


def _key_for(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """The key to verify a token with. Claims are not verified yet here, so they are only used to refuse the token."""
    max_length = current_app.extensions["quartet_max_token_life"]
    if header.keys() - {"alg", "typ", "kid"} or not claims.keys() >= REQUIRED or claims["type"] != "access":
        raise jwt.InvalidTokenError("not an access token of ours")
    if claims["role"] not in ROLES or type(claims["epoch"]) is not int or type(claims["exp"]) is not int:
        raise jwt.InvalidTokenError("a claim has a wrong type or value")
    if type(claims["aud"]) is not str or not 0 < claims["exp"] - claims["iat"] <= max_length:
        raise jwt.InvalidTokenError("several audiences, or a lifetime that is too long")
    module = current_app.extensions["quartet_module_of"][request.blueprint]
    with module.database.read() as connection:
        key = trusted_key(connection, str(header["kid"]), current_app.extensions["quartet_root_keys"])
    if key is None:
        raise jwt.InvalidTokenError("signed with an unknown key")
    return key
