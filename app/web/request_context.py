"""The request id: taken from the client where it is harmless, made otherwise; returned, logged, carried in events."""

import re
import time

from flask import Flask, Response, g, request

from app.config import Settings
from app.kernel.context import request_id
from app.kernel.ids import new_id

HARMLESS = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")


def install(app: Flask, settings: Settings) -> None:
    """Give every request its id, before anything else sees it."""
    app.before_request(_begin)
    app.after_request(_answer)
    app.teardown_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.started = time.perf_counter()
    g.request_id_token = request_id.set(given if HARMLESS.match(given) else str(new_id()))


def _answer(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id.get() or ""
    return response


def _end(_error: BaseException | None) -> None:
    if token := g.pop("request_id_token", None):
        request_id.reset(token)
