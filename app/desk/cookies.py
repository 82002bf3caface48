"""The cookies of the desk: the access token for all its pages, and the refresh token for the page that uses it."""

from flask import request
from werkzeug.wrappers import Response

TOKEN, REFRESH, AGAIN = "desk_token", "desk_refresh", "desk_again"
PATH, REFRESH_PATH = "/desk", "/desk/users/refresh"
LOOPBACK = ("localhost", "127.", "[::1]")
AGAIN_SECONDS = 5  # within which a token that was just renewed is refused: it is not renewed once more


def sign_in(response: Response, access: str, access_seconds: int, refresh: str, refresh_seconds: int) -> None:
    """Set both."""
    _set(response, TOKEN, access, access_seconds, PATH)
    _set(response, REFRESH, refresh, refresh_seconds, REFRESH_PATH)


def renewed(response: Response) -> None:
    """Remember for a moment that the token is a new one."""
    _set(response, AGAIN, "1", AGAIN_SECONDS, PATH)


def sign_out(response: Response) -> None:
    """Remove both."""
    _set(response, TOKEN, "", 0, PATH)
    _set(response, REFRESH, "", 0, REFRESH_PATH)


def _set(response: Response, name: str, value: str, seconds: int, path: str) -> None:
    secure = not request.host.startswith(LOOPBACK)
    response.set_cookie(name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="Strict")
