"""Pages of other origins that browsers let read our answers: those of CORS_ORIGINS, and none by default.

No credentials are ever allowed: who asks says so in a header that no browser sends by itself, and in no cookie.
"""

from flask import Flask, Response, request
from flask_cors import CORS

from app.config.settings import Settings

UNDER = "/api/"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ASKED = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Prefer",
    "X-Cart-Token",
    "X-Request-Id",
    "traceparent",
)
EXPOSED = ("ETag", "X-Cart-Token", "Link", "Location", "Retry-After", "RateLimit", "Idempotency-Replayed")
KEPT = 600  # seconds that a browser need not ask again whether it may


def install(app: Flask, settings: Settings) -> None:
    """On every answer under /api/, refusals too, where CORS_ORIGINS names any."""
    if not settings.cors_origins:
        return
    CORS(
        app,
        resources={rf"{UNDER}.*": {"origins": list(settings.cors_origins)}},
        methods=list(METHODS),
        allow_headers=list(ASKED),
        expose_headers=list(EXPOSED),
        supports_credentials=False,
        max_age=KEPT,
        always_send=False,
        vary_header=False,
        intercept_exceptions=False,  # ours answer errors, and their answers pass here like all others
    )
    app.after_request(_vary)


def _vary(response: Response) -> Response:
    """Also on answers that nobody from elsewhere asked for: a cache must not give them to one who does."""
    if request.path.startswith(UNDER):
        response.headers.add("Vary", "Origin")
    return response
