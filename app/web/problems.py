"""Answers every error as application/problem+json (RFC 9457)."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, NotFound, RequestURITooLarge

from app.config.settings import Settings
from app.kernel import errors
from app.kernel.context import request_id
from app.kernel.database import is_away
from app.web.bounds import MAX_ERRORS
from app.web.etags import PreconditionRequired
from app.web.idempotency import KeyMissing
from app.web.limits import TooMany
from app.web.metrics import count_refusal
from app.web.paths import requested_path

log = logging.getLogger(__name__)

MAX_ADDRESS_LENGTH = 16_384  # bytes of path and query together; the gateway accepts half as much
MAX_DETAIL_LENGTH = 1_000  # characters of `instance`, and of `detail`, which may repeat part of the path
MAX_NAME_LENGTH = 50  # characters of a field's name in a response; values are never repeated
Location = tuple[Any, ...]

STATUS: dict[type[errors.Refused], int] = {
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.Forbidden: 403,
    errors.Unauthorized: 401,
    errors.Unavailable: 503,
    errors.Declined: 402,
    KeyMissing: 400,
    errors.PreconditionFailed: 412,
    PreconditionRequired: 428,
    TooMany: 429,
}
CODES = {
    "bad_request": (400, "The request is not valid HTTP, or its body is not valid JSON."),
    "not_found": (404, "There is nothing at this address."),
    "method_not_allowed": (405, "This address does not allow the method: see the Allow header, if there is one."),
    "address_too_long": (414, "The path and the query together are too long: shorten them."),
    "body_too_large": (413, "The body is too large."),
    "unsupported_media_type": (415, "Send the body as JSON, with the Content-Type application/json."),
    "invalid_request": (422, "Fields or parameters are missing, unknown or wrong: see errors."),
    "body_too_slow": (408, "The body did not arrive in time: send the request again."),
    "length_required": (411, "Send the length of the body as Content-Length; only the gateway accepts chunked bodies."),
    "coding_unknown": (
        501,
        "This Transfer-Encoding or HTTP version is not supported: use HTTP/1.1 and no Transfer-Encoding.",
    ),
    "internal_error": (500, "An error of the server; its log has the cause under the request_id."),
    "busy": (503, "Other requests kept changing the same data: try again."),
    "database_unavailable": (503, "A database does not answer: try again."),
}
INTEGER = {"type": "integer"}
MONEY = {"$ref": "#/components/schemas/Money"}
RETRY = {"retry_after": {"type": "integer", "description": "seconds"}}
HOLD = {"type": "object", "properties": {"order_id": {"type": "string", "format": "uuid"}, "quantity": INTEGER}}
MORE: dict[str, dict[str, Any]] = {  # the additional members of a problem, by its code
    "rate_limited": RETRY,
    "offer_not_known_yet": RETRY,
    "payment_not_ready": RETRY,
    "payment_in_progress": RETRY,
    "price_changed": {"total": MONEY},
    "total_too_small": {"minimum": MONEY},
    "total_too_large": {"maximum": MONEY},
    "too_many_open_orders": {"limit": INTEGER},
    "too_many_addresses": {"limit": INTEGER},
    "too_many_units_held": {"limit": INTEGER, "held": INTEGER},
    "cart_locked": {"order_id": {"type": "string", "format": "uuid"}},
    "use_operations": {"operation": {"type": "string"}},
    "card_declined": {"decline_code": {"type": "string"}},
    "refund_too_large": {"refundable": MONEY},
    "not_enough_stock": {"available": INTEGER, "holds": {"type": "array", "items": HOLD}},
}
BY_STATUS = {status: code for code, (status, _) in CODES.items() if status < 500 or status == 501}


def install(app: Flask, settings: Settings) -> None:
    """Answer every exception as a problem."""
    app.register_error_handler(errors.Refused, _refused)
    app.register_error_handler(errors.Stale, _busy)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(_look_at_address)


def problem(status: int, code: str, detail: str, more: dict[str, Any] | None = None) -> Response:
    more = more or {}
    count_refusal(code)
    about = document(status, code, detail, requested_path(), request_id.get())
    response = Response(msgspec.json.encode(about | more), status, mimetype="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in more or status == 503:
        response.headers["Retry-After"] = str(more.get("retry_after", 1))
    return response


def status_of(refused: errors.Refused) -> int:
    """The HTTP status of a refusal."""
    return STATUS[next(each for each in type(refused).__mro__ if each in STATUS)]


def document(status: int, code: str, detail: str, instance: str, request: str | None) -> dict[str, Any]:
    """The members that every problem has."""
    return {
        "type": f"/docs/errors.html#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail[:MAX_DETAIL_LENGTH],
        "instance": instance[:MAX_DETAIL_LENGTH],
        "code": code,
        "request_id": request,
    }


def _look_at_address() -> None:
    """Refuse an address that is too long, or that has a NUL, over which PostgreSQL's driver raises an exception."""
    if len(request.path) + len(request.query_string) > MAX_ADDRESS_LENGTH:
        raise RequestURITooLarge
    if "\0" in request.path:
        raise NotFound


def _refused(error: errors.Refused) -> Response:
    return problem(status_of(error), error.code, error.sentence, error.more)


def _busy(_error: errors.Stale) -> Response:
    return problem(503, "busy", CODES["busy"][1])


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return Response(error.get_response().response, status, error.get_response().headers)
    if status >= 500 and status not in BY_STATUS:
        return _unexpected(error)
    code = BY_STATUS.get(status, "bad_request")
    more: dict[str, Any] = {}
    if status == 422:
        code, more = "invalid_request", {"errors": _fields(error)}
    detail = CODES[code][1] if status in BY_STATUS else str(error.description or "")
    response = problem(status, code, detail, more)
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    if status in {408, 411, 413, 501}:  # the rest of the body is not read
        response.headers["Connection"] = "close"
    return response


def _fields(error: HTTPException) -> dict[str, Any]:
    """Field → messages, at most MAX_ERRORS, whether the field is in the body, the query or elsewhere."""
    fields: dict[str, Any] = {}
    for location, message in islice(_messages(getattr(error, "data", {}).get("messages", {})), MAX_ERRORS):
        *outer, name = location[1:] or ("_schema",)
        inner = fields
        for each in outer:
            inner = inner.setdefault(each, {})
        inner.setdefault(name, []).append(message)
    return fields


def _messages(messages: Any, location: Location = ()) -> Iterator[tuple[Location, str]]:
    """Yield each message with its location: the part of the request (such as json), then the names of the fields."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _messages(inner, (*location, str(name)[:MAX_NAME_LENGTH]))
    elif isinstance(messages, list):
        for message in messages:
            yield location, str(message)


def _unexpected(error: Exception) -> Response:
    if is_away(error):
        log.warning("a database does not answer: %s", error)
        return problem(503, "database_unavailable", CODES["database_unavailable"][1])
    log.exception("unexpected error", exc_info=error)
    return problem(500, "internal_error", CODES["internal_error"][1])
