"""Security headers: browsers must not guess content types, and caches must not share personal responses."""

from flask import Flask, Response, request

from app.config.settings import Settings

PERSONAL = ("/api/v1/auth", "/api/v1/cart")
WHO = ("Authorization", "X-Cart-Token")
API = "default-src 'none'; frame-ancestors 'none'"
DOCS = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"


def install(app: Flask, settings: Settings) -> None:
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Content-Security-Policy"] = DOCS if request.path.startswith("/docs") else API
    if request.path.startswith("/api/"):
        headers.add("Vary", "Authorization")
        if request.path.startswith(PERSONAL) or any(name in request.headers for name in WHO):
            headers["Cache-Control"] = "no-store"
            headers.add("Vary", "X-Cart-Token")
    return response
