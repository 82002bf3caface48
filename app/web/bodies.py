"""Request bodies: read in full before the view runs, with limits of size and time; and strict parsing of JSON.

A body must declare its length (decision 32). webargs alone would accept the last of two equal names, and would fail on
deeply nested JSON.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from typing import Any, TypeVar

from flask import Flask, Request, request
from flask_smorest import Blueprint
from marshmallow import Schema, missing
from werkzeug.exceptions import BadRequest, LengthRequired, NotImplemented, RequestTimeout, UnsupportedMediaType

from app.config.settings import Settings
from app.web.auth import lets_in
from app.web.bounds import look_at_sizes, look_at_text
from app.web.handlers import handler
from app.web.paths import requested_path

MAX_NUMBER_LENGTH = 50  # characters
V = TypeVar("V", bound=Callable[..., object])
READING = "quartet.reading"  # in the environ: a context manager of the server that is entered while a body is read
LARGE = 1024 * 1024  # bytes; 65,000 characters take up to 780,000 bytes if JSON escapes each


def install(app: Flask, settings: Settings) -> None:
    """Read the body of every request before its view runs, and refuse one whose declared length is too large."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    Blueprint.ARGUMENTS_PARSER.location_loader("json")(_read_json)
    app.before_request(_read)
    app.before_request(_json_only)


def large_body(view: V) -> V:
    """Let a view accept bodies of up to LARGE bytes from callers that its guard lets in."""
    view.__dict__["large_body"] = True
    return view


def _read() -> None:
    """Read the body if the caller may call the route. A body that is too long is not read: Flask answers 413."""
    environ = request.environ
    if coding := environ.get("HTTP_TRANSFER_ENCODING"):
        raise LengthRequired if coding.lower() == "chunked" else NotImplemented
    length = request.content_length
    view = handler() if length else None
    if not length or view is None or not lets_in(view):
        return
    cap = request.max_content_length or 0
    if getattr(view, "large_body", False):
        request.max_content_length = request.max_form_memory_size = cap = max(cap, LARGE)
    if length <= cap:
        try:
            with environ.get(READING, _unwatched)(environ, requested_path()):
                body = environ["wsgi.input"].read(length)
        except TimeoutError:
            raise RequestTimeout from None
        if len(body) < length:
            raise BadRequest
        environ["wsgi.input"] = BytesIO(body)


def _unwatched(_environ: dict[str, Any], _path: str) -> AbstractContextManager[None]:
    return nullcontext()


def _json_only() -> None:
    """Answer 415 to a body that is not JSON; flask-smorest would treat it as no body and answer 422."""
    has_body = request.method in {"POST", "PUT", "PATCH"} and request.content_length
    if has_body and not request.is_json and request.path.startswith("/api/"):
        raise UnsupportedMediaType


def _read_json(request: Request, schema: Schema) -> Any:
    body = request.get_data()
    if not body or not request.is_json:
        return missing
    look_at_text(body, schema)
    try:
        data = json.loads(
            body.decode(), object_pairs_hook=_once, parse_constant=_refuse, parse_int=_whole, parse_float=_broken
        )
    except (ValueError, RecursionError):
        raise BadRequest from None
    look_at_sizes(data, schema)
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object. A repeated name is refused, because parsers differ in which of the values they take."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a name is given twice")
    return content


def _whole(digits: str) -> int:
    """A whole number of limited length: parsing takes time quadratic in the length."""
    return int(digits) if len(digits) <= MAX_NUMBER_LENGTH else _refuse("a number of that length")


def _broken(digits: str) -> float:
    return float(digits) if len(digits) <= MAX_NUMBER_LENGTH else _refuse("a number of that length")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not accepted in JSON")
