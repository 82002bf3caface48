"""What users answers, as plain dicts."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, current_app, request

from app.config.settings import Settings
from app.modules.users.domain.session import SeenSession
from app.modules.users.domain.user import User
from app.modules.users.use_cases.token_pair import TokenPair
from app.web.auth import Identity

LONGEST_DEVICE = 200


def answer(content: object, status: int = 200) -> Response:
    """As JSON."""
    return Response(msgspec.json.encode(content), status, mimetype="application/json")


def account(user: User) -> dict[str, Any]:
    """An account, as its owner sees it."""
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "created_at": user.created_at,
    }


def staff_account(user: User) -> dict[str, Any]:
    """An account, as staff see it."""
    return {**account(user), "disabled": user.disabled}


def pair(made: TokenPair) -> Response:
    """An access token and the refresh token for the next; for nobody's cache."""
    settings: Settings = current_app.extensions["quartet_settings"]
    content = {
        "access_token": made.access_token,
        "token_type": "Bearer",
        "expires_in": settings.access_token_seconds,
        "refresh_token": made.refresh_token,
        "refresh_expires_at": made.session.expires_at,
        "session_id": made.session.id,
    }
    response = answer(content)
    response.headers["Cache-Control"] = "no-store"
    return response


def sign_in(seen: SeenSession, current: UUID) -> dict[str, Any]:
    """A sign-in; whether it is the one that asks."""
    session = seen.session
    return {
        "id": session.id,
        "device": session.device,
        "created_at": session.created_at,
        "last_used_at": seen.last_used_at,
        "expires_at": session.expires_at,
        "current": session.id == current,
    }


def valid(who: Identity) -> Response:
    """Whose the presented token is, and how long."""
    content = {
        "user_id": who.user_id,
        "role": who.role,
        "session_id": who.session_id,
        "expires_at": datetime.fromtimestamp(who.expires, UTC),
    }
    return answer(content)


def device() -> str:
    """What the client calls itself, as far as it can be shown."""
    name = request.headers.get("User-Agent", "")[:LONGEST_DEVICE]
    return "".join(each if each.isprintable() else "?" for each in name) or "unknown"
