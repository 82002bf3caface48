"""Where the hits of rate limits are counted: in Redis for all processes; while that is away or hangs, here."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem
from limits.strategies import RateLimiter
from limits.util import WindowStats
from prometheus_client import Counter
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)

T = TypeVar("T")
STRATEGY = "sliding-window-counter"
PATIENCE = 0.25  # seconds for Redis to be reached, and to answer
PAUSE = 2.0  # seconds between tries while it does not

FALLBACKS = Counter("quartet_limits_fallback_total", "How often Redis was found away, and limits counted by process")


class Counts:
    """Counts in Redis, if there is one; never not at all."""

    def __init__(self, redis_url: str) -> None:
        self._here = _strategy("memory://")
        self._shared = _strategy(redis_url) if redis_url else None
        self._away = False
        self._ask_again_at = 0.0
        self._asking = threading.Lock()

    def hit(self, limit: RateLimitItem, *who: str) -> bool:
        """Count one; False where that is over the limit."""
        return self._where_it_can(lambda strategy: strategy.hit(limit, *who))

    def left(self, limit: RateLimitItem, *who: str) -> WindowStats:
        """What is left, and when the window is over (seconds since 1970)."""
        return self._where_it_can(lambda strategy: strategy.get_window_stats(limit, *who))

    def trouble(self) -> str | None:
        """A sentence while Redis is away."""
        return "Redis does not answer: each process limits by itself" if self._away else None

    def _where_it_can(self, ask: Callable[[RateLimiter], T]) -> T:
        if self._shared is None or not self._worth_asking():
            return ask(self._here)
        try:
            answer = ask(self._shared)
        except RedisError as error:
            self._is_away(error)
            return ask(self._here)
        if self._away:
            log.warning("Redis answers again: limits are shared")
            self._away = False
        return answer

    def _worth_asking(self) -> bool:
        """While it is away, one request in PAUSE seconds finds out whether it still is, and no other waits."""
        if not self._away:
            return True
        with self._asking:
            now = time.monotonic()
            if now < self._ask_again_at:
                return False
            self._ask_again_at = now + PAUSE
            return True

    def _is_away(self, error: RedisError) -> None:
        if not self._away:
            log.warning("Redis does not answer, and each process limits by itself: %s", error)
            FALLBACKS.inc()
        self._away, self._ask_again_at = True, time.monotonic() + PAUSE


def _strategy(uri: str) -> RateLimiter:
    """flask-limiter builds storage and strategy; its hooks stay off our requests. Nothing is connected yet."""
    options = {}
    if not uri.startswith("memory:"):
        again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))  # it was restarted; a hang is not repeated
        options = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": again}
    limiter = Limiter(lambda: "", storage_uri=uri, storage_options=options, strategy=STRATEGY)  # type: ignore[arg-type]
    limiter.init_app(Flask("limits"))
    return limiter.limiter
