"""Headers that keep browsers from guessing."""

from flask import Flask, Response, request

from app.config import Settings

API = "default-src 'none'; frame-ancestors 'none'"
DOCS = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"


def install(app: Flask, settings: Settings) -> None:
    """On every answer."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Content-Security-Policy"] = DOCS if request.path.startswith("/docs") else API
    if "Authorization" in request.headers or request.path.startswith("/api/v1/auth"):
        headers["Cache-Control"] = "no-store"
    return response
