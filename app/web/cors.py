"""CORS: pages of the origins in CORS_ORIGINS, by default none, may read our responses.

Credentials are never allowed: callers authenticate with a header that no browser sends by itself, never with a cookie.
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
CACHED = 600  # seconds that a browser may cache the answer to a preflight request


def install(app: Flask, settings: Settings) -> None:
    """Add CORS headers to every response under /api/, refusals too, if CORS_ORIGINS is set."""
    if not settings.cors_origins:
        return
    CORS(
        app,
        resources={rf"{UNDER}.*": {"origins": list(settings.cors_origins)}},
        methods=list(METHODS),
        allow_headers=list(ASKED),
        expose_headers=list(EXPOSED),
        supports_credentials=False,
        max_age=CACHED,
        always_send=False,
        vary_header=False,
        intercept_exceptions=False,  # our own handlers answer errors, and their responses pass here like all others
    )
    app.after_request(_vary)


def _vary(response: Response) -> Response:
    """Add Vary also to responses without an Origin in the request: a cache must not reuse them for another origin."""
    if request.path.startswith(UNDER):
        response.headers.add("Vary", "Origin")
    return response
