"""The files that all pages load: read once, compressed once, and cached for as long as their content is the same."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Response, current_app, request
from werkzeug.exceptions import NotFound

from app.web.limits import limited

FOLDER = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
YEAR = 31_536_000  # seconds


@dataclass(frozen=True)
class StaticFile:
    """`sum` is part of its address, so that another content has another address."""

    content: bytes
    compressed: bytes
    kind: str
    sum: str


def read_all() -> dict[str, StaticFile]:
    """All static files, by name."""
    return {path.name: _read(path) for path in sorted(FOLDER.iterdir()) if path.suffix in KINDS}


@limited("none")
def static_file(name: str) -> Response:
    """One of the files. Each module serves them, so that the pages of none wait for another."""
    found: StaticFile | None = current_app.extensions["quartet_desk_static"].get(name)
    if found is None:
        raise NotFound
    is_small = request.accept_encodings.quality("gzip") > 0
    response = Response(found.compressed if is_small else found.content, mimetype=found.kind)
    if is_small:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    compressed = gzip.compress(content, mtime=0)
    return StaticFile(content, compressed, KINDS[path.suffix], hashlib.sha256(content).hexdigest()[:12])
