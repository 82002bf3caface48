"""The cookie of a browser's session: it has the refresh token, which no script can then read."""

from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Response, request
from msgspec.structs import replace
from werkzeug.http import dump_cookie

from app.kernel.errors import Forbidden, Unauthorized
from app.modules.users.controllers.views import TokenPair
from app.web.blueprint import Answer

NAME = "quartet_refresh"
PATH = "/api/v1/auth"  # no other route gets it, so none can be called with it
MAX_LENGTH = 200  # characters, as in a body
SET_COOKIE = {"Set-Cookie": f"`{NAME}`, if the request asks for a cookie: HttpOnly, SameSite=Strict, Path={PATH}."}


def refuse_other_sites() -> None:
    """Raise Forbidden(other_site) unless a page of this shop sends the request.

    Browsers add Sec-Fetch-Site where the shop is reached by https or on this machine, and Origin to every POST. A
    page can change neither of them.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = origin is not None and origin.partition("://")[2].lower() == request.host.lower()
    if site != "same-origin" if site is not None else not ours:
        raise Forbidden("other_site", "cookies are for pages of this shop only: sign in without cookie, or from one")


def presented() -> str | None:
    """The refresh token in the cookie of this request, if there is one."""
    token = request.cookies.get(NAME)
    return token if token and len(token) <= MAX_LENGTH else None


def presented_here() -> str:
    """The refresh token in the cookie. Raises Forbidden(other_site), Unauthorized(refresh_refused)."""
    refuse_other_sites()
    token = presented()
    if token is None:
        raise Unauthorized("refresh_refused", "the refresh token is no longer valid: sign in again")
    return token


def in_cookie(answer: Answer[TokenPair]) -> Answer[TokenPair]:
    """The answer with its refresh token moved from the body into the cookie."""
    pair = answer.view
    assert pair is not None
    cookie = _cookie(pair.refresh_token, pair.refresh_expires_at)
    return Answer(replace(pair, refresh_token=""), {**answer.headers, "Set-Cookie": cookie})


def without_cookie(response: Response) -> Response:
    """The response, which deletes the cookie if the request has one."""
    if NAME in request.cookies:
        response.headers.add("Set-Cookie", _cookie("", datetime.fromtimestamp(0, UTC)))
    return response


def _cookie(token: str, expires: datetime) -> str:
    """Not Secure on this machine, where there is no https: elsewhere a browser ignores it without https."""
    return dump_cookie(
        NAME, token, path=PATH, expires=expires, secure=not _on_loopback(), httponly=True, samesite="Strict"
    )


def _on_loopback() -> bool:
    try:
        name = urlsplit(f"//{request.host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:  # another name, or none
        return False
