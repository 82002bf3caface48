"""A circuit breaker for a server that does not answer: while it is away, one caller at a time tries it again."""

import logging
import threading
import time

log = logging.getLogger(__name__)


class Breaker:
    """Whether a server answers, as this process has seen. `pause`: seconds between two tries while it does not."""

    def __init__(self, server: str, pause: float) -> None:
        self.is_open = False
        self._server, self._pause = server, pause
        self._try_again_at = 0.0
        self._trying = threading.Lock()

    def allows(self) -> bool:
        """Whether the caller may try the server. It then calls `worked` or `failed`."""
        if not self.is_open:
            return True
        with self._trying:
            now = time.monotonic()
            if now < self._try_again_at:
                return False
            self._try_again_at = now + self._pause
            return True

    def failed(self, error: Exception) -> None:
        """Record that the server did not answer, or not in time."""
        if not self.is_open:
            log.warning("%s does not answer: %s", self._server, error)
        self.is_open, self._try_again_at = True, time.monotonic() + self._pause

    def worked(self) -> None:
        if self.is_open:
            log.warning("%s answers again", self._server)
            self.is_open = False
