"""Probes: is the process alive, and can it serve?"""

import logging
import time
from collections.abc import Callable, Mapping

from flask import Flask, Response, jsonify

log = logging.getLogger(__name__)
Check = Callable[[], str | None]
KEPT = 1.0  # seconds that a check's answer counts


def install(app: Flask, checks: Mapping[str, Check], degraded: Mapping[str, Check]) -> None:
    """GET /livez and /readyz. A failing check makes it not ready; a failing `degraded` one is only told."""
    kept: dict[str, tuple[float, str | None]] = {}

    def told(name: str, check: Check) -> str | None:
        if name not in kept or time.monotonic() - kept[name][0] > KEPT:
            kept[name] = (time.monotonic(), _run(name, check))
        return kept[name][1]

    def livez() -> Response:
        return jsonify(status="alive")

    def readyz() -> tuple[Response, int]:
        needed = {name: told(name, check) for name, check in checks.items()}
        wished = {name: told(name, check) for name, check in degraded.items()}
        status = "ready" if not any(wished.values()) else "degraded"
        leaving = app.extensions.get("quartet_leaving")
        if leaving is not None and leaving.is_set():
            needed["process"] = "it is about to end"
        if any(needed.values()):
            status = "not ready"
        answer = {
            name: {"status": "ok" if told is None else "failing", "detail": told}
            for name, told in {**needed, **wished}.items()
        }
        return jsonify(status=status, checks=answer), 200 if status in {"ready", "degraded"} else 503

    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)


def _run(name: str, check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        log.warning("check %s failed: %s", name, error)
        return f"{type(error).__name__}: see the log"
