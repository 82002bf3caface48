"""The probes /livez and /readyz: whether the process is alive, and whether it can serve."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from flask import Flask, Response, jsonify

from app.kernel.database import is_away

log = logging.getLogger(__name__)
Check = Callable[[], str | None]
REUSED = 1.0  # seconds that the result of a check is reused
TIMEOUT = 2.0  # seconds for all checks together


class Asking:
    """Runs a check in its own thread, so that a server which hangs does not make the probe hang."""

    def __init__(self, name: str, check: Check) -> None:
        self._name, self._check = name, check
        self._answer: str | None = None
        self._answered_at = float("-inf")
        self._thread = threading.Thread()
        self._starting = threading.Lock()

    def begin(self) -> None:
        """Start the check, unless its result is recent or it still runs."""
        with self._starting:
            if time.monotonic() - self._answered_at > REUSED and not self._thread.is_alive():
                self._thread = threading.Thread(target=self._ask, name="check", daemon=True)
                self._thread.start()

    def outcome(self, until: float) -> str | None:
        """A sentence if something is wrong, else None. Waits until `until` (time.monotonic) at the latest."""
        thread = self._thread
        if thread.ident is not None:
            thread.join(max(0.0, until - time.monotonic()))
        return "does not answer" if thread.is_alive() else self._answer

    def _ask(self) -> None:
        try:
            self._answer = self._check()
        except Exception as error:
            log.warning("check %s failed: %s", self._name, error)
            self._answer = (
                "cannot be reached: see the log" if is_away(error) else f"{type(error).__name__}: see the log"
            )
        self._answered_at = time.monotonic()


def install(app: Flask, checks: Mapping[str, Check], degraded: Mapping[str, Check]) -> None:
    """Serve /livez and /readyz. A failing check makes the process not ready; a failing `degraded` one is reported."""
    asking = {name: Asking(name, check) for name, check in {**checks, **degraded}.items()}

    def livez() -> Response:
        return jsonify(status="alive")

    def readyz() -> tuple[Response, int]:
        until = time.monotonic() + TIMEOUT
        for each in asking.values():
            each.begin()
        outcome = {name: each.outcome(until) for name, each in asking.items()}
        leaving = app.extensions.get("quartet_leaving")
        if leaving is not None and leaving[0]:
            outcome["process"] = "is shutting down"
        wrong = {name for name, trouble in outcome.items() if trouble}
        status = "not ready" if wrong - set(degraded) else "degraded" if wrong else "ready"
        answer = {
            name: {"status": "failing" if trouble else "ok", "detail": trouble} for name, trouble in outcome.items()
        }
        return jsonify(status=status, checks=answer), 503 if status == "not ready" else 200

    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)
