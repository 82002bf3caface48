"""Bodies are capped while they are read, chunked ones too: Werkzeug would cut those and go on with the half."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from flask import Flask

from app.config import Settings

Environ = dict[str, Any]


def install(app: Flask, settings: Settings) -> None:
    """Refuse what declares itself too long at once, and read a chunked body in full before it is looked at."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    inner = app.wsgi_app

    def wsgi_app(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked" and "CONTENT_LENGTH" not in environ:
            body = environ["wsgi.input"].read(settings.max_body_bytes + 1)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))  # one byte over the cap: Flask answers 413 by itself
        return inner(environ, start_response)

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]
