"""Bodies are read in full before anyone looks at them, up to a cap and for so long; and JSON is read strictly.

A body has a length (decision 32). webargs would take the last of two equal names, and fail on what is nested deeply.
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
from app.web.paths import asked_path

MAX_NUMBER_LENGTH = 50  # characters
V = TypeVar("V", bound=Callable[..., object])
READING = "quartet.reading"  # in the environ: what a server wants to know while a body is read, if anything
LARGE = 1024 * 1024  # bytes; 65,000 characters take up to 780,000 of them where JSON escapes each


def install(app: Flask, settings: Settings) -> None:
    """Refuse what declares itself too long at once, and read the rest."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    Blueprint.ARGUMENTS_PARSER.location_loader("json")(_read_json)
    app.before_request(_read)
    app.before_request(_json_only)


def large_body(view: V) -> V:
    """Takes up to LARGE bytes, from whom its guard lets in."""
    view.__dict__["large_body"] = True
    return view


def _read() -> None:
    """For whoever is let in. What is too long is left: Flask answers 413 to who would read it."""
    environ = request.environ
    if coding := environ.get("HTTP_TRANSFER_ENCODING"):
        raise LengthRequired if coding.lower() == "chunked" else NotImplemented
    asked = handler()
    if asked is None or not lets_in(asked):
        return
    cap, length = request.max_content_length or 0, request.content_length or 0
    if getattr(asked, "large_body", False):
        request.max_content_length = cap = max(cap, LARGE)
    if 0 < length <= cap:
        try:
            with environ.get(READING, _unwatched)(environ, asked_path()):
                body = environ["wsgi.input"].read(length)
        except TimeoutError:
            raise RequestTimeout from None
        if len(body) < length:
            raise BadRequest
        environ["wsgi.input"] = BytesIO(body)


def _unwatched(_environ: dict[str, Any], _path: str) -> AbstractContextManager[None]:
    return nullcontext()


def _json_only() -> None:
    """A body of another kind is 415; flask-smorest would read it as no body and answer 422."""
    brings_a_body = request.method in {"POST", "PUT", "PATCH"} and request.content_length
    if brings_a_body and not request.is_json and request.path.startswith("/api/"):
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
    """An object; what others would read out of a name given twice, nobody knows."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found


def _whole(digits: str) -> int:
    """A number; to read one takes time by the square of its length."""
    return int(digits) if len(digits) <= MAX_NUMBER_LENGTH else _refuse("so long a number")


def _broken(digits: str) -> float:
    return float(digits) if len(digits) <= MAX_NUMBER_LENGTH else _refuse("so long a number")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
