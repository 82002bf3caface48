"""Bodies are capped while they are read, chunked ones too: Werkzeug would cut those and go on with the half.

And JSON is read strictly: webargs would take the last of two equal names, and fail on what is nested too deeply.
"""

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from flask import Flask, Request
from flask_smorest import Blueprint
from marshmallow import Schema, missing
from werkzeug.exceptions import BadRequest

from app.config import Settings

Environ = dict[str, Any]


def install(app: Flask, settings: Settings) -> None:
    """Refuse what declares itself too long at once, and read a chunked body in full before it is looked at."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    Blueprint.ARGUMENTS_PARSER.location_loader("json")(_read_json)
    inner = app.wsgi_app

    def wsgi_app(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            body = environ["wsgi.input"].read(settings.max_body_bytes + 1)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))  # one byte over the cap: Flask answers 413 by itself,
            del environ["HTTP_TRANSFER_ENCODING"]  # but looks at no length where this still stands
        return inner(environ, start_response)

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]


def _read_json(request: Request, _schema: Schema) -> Any:
    body = request.get_data()
    if not body or not request.is_json:
        return missing
    try:
        return json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadRequest from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; what others would read out of a name given twice, nobody knows."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
