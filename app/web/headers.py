"""Security headers: browsers must not guess content types, and caches must not share personal responses."""

from flask import Flask, Response, request

from app.config.settings import Settings

PERSONAL = ("/api/v1/auth", "/api/v1/cart")
WHO = ("HTTP_AUTHORIZATION", "HTTP_X_CART_TOKEN")
API = "default-src 'none'; frame-ancestors 'none'"
DOCS = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"


def install(app: Flask, settings: Settings) -> None:
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    add, path, environ = response.headers.add, request.path, request.environ
    add("X-Content-Type-Options", "nosniff")  # add() suffices: nothing else sets these two
    add("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Content-Security-Policy", DOCS if path.startswith("/docs") else API)
    if path.startswith("/api/"):
        add("Vary", "Authorization")
        if path.startswith(PERSONAL) or any(name in environ for name in WHO):
            response.headers["Cache-Control"] = "no-store"
            add("Vary", "X-Cart-Token")
    return response
