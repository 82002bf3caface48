"""Bodies are capped while they are read, chunked ones too: Werkzeug would cut those and go on with the half.

And JSON is read strictly: webargs would take the last of two equal names, and fail on what is nested too deeply.
"""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

from flask import Flask, Request, request
from flask_smorest import Blueprint
from marshmallow import Schema, missing
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.config import Settings
from app.web.auth import lets_in
from app.web.bounds import look_at_sizes, look_at_text
from app.web.handlers import handler

V = TypeVar("V", bound=Callable[..., object])
LARGE = 1024 * 1024  # bytes; 65,000 characters take up to 780,000 of them where JSON escapes each


def install(app: Flask, settings: Settings) -> None:
    """Refuse what declares itself too long at once, and read a chunked body in full before it is looked at.

    Nobody may have asked for the body or its length by then: what Flask found it remembers.
    """
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    Blueprint.ARGUMENTS_PARSER.location_loader("json")(_read_json)
    app.before_request(_measure)
    app.before_request(_json_only)


def large_body(view: V) -> V:
    """Takes up to LARGE bytes, from whom its guard lets in."""
    view.__dict__["large_body"] = True
    return view


def _measure() -> None:
    asked = handler()
    cap = request.max_content_length or 0
    if getattr(asked, "large_body", False) and asked and lets_in(asked):
        request.max_content_length = cap = max(cap, LARGE)
    environ = request.environ
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        body = environ["wsgi.input"].read(cap + 1)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))  # one byte over the cap: Flask answers 413 by itself,
        del environ["HTTP_TRANSFER_ENCODING"]  # but looks at no length where this still stands


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
        data = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_refuse)
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


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
