"""Counts the hits of rate limits: in Redis for all processes, or in this process while Redis does not answer."""

from collections.abc import Sequence
from typing import cast

from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem
from prometheus_client import Counter

from app.kernel.breaker import Breaker
from app.web.exchange import Exchange
from app.web.windows import Attempt, HereStorage, Hits, SharedStorage, Taken, Window

STRATEGY = "sliding-window-counter"
TIMEOUT = 0.25  # seconds to connect to Redis, and for it to answer
PAUSE = 2.0  # seconds between attempts while it does not answer
FEW = 20  # a limit of so few hits is exact: those between two exchanges could be many times as many

FALLBACKS = Counter(
    "quartet_limits_fallback_total", "Attempts that Redis did not answer: their hits are counted in the process"
)


class Counts:
    """Counts in Redis if it is configured and answers, otherwise in memory: a hit is always counted somewhere."""

    def __init__(self, redis_url: str) -> None:
        self._here = cast(HereStorage, _storage("here://"))
        self._shared = cast(SharedStorage, _storage(redis_url)) if redis_url else None
        self._redis = Breaker("Redis", PAUSE)
        self._exchange = Exchange(self._send)

    def take(self, limit: RateLimitItem, *who: str, cost: int = 1, exact: bool = True) -> Taken:
        """Count `cost` hits unless that would exceed the limit.

        With Redis, an exact hit is a round trip. Another one is none: it is let through by the totals that Redis
        returned last, and so may exceed the limit by what comes within one interval of the exchange.
        """
        key, length = limit.key_for(*who), limit.get_expiry()
        if exact or limit.amount <= FEW:
            (taken,) = self.take_all([Attempt(key, limit.amount, length, cost)])
            return taken
        if self._shared is None or not self._redis.allows():
            return self._here.take(key, limit.amount, length, cost)
        return self._exchange.take(key, limit.amount, length, cost)

    def take_all(self, attempts: Sequence[Attempt]) -> Sequence[Taken]:
        """Count exact hits against several limits, in one round trip; each is counted unless it would exceed its own.

        A limit that is exceeded does not keep the others from being counted.
        """
        if self._shared is not None and self._redis.allows():
            try:
                taken = self._shared.take_all(attempts)
            except self._shared.base_exceptions as error:
                self._failed(error)
            else:
                self._redis.worked()
                return taken
        return [self._here.take(*each) for each in attempts]

    def trouble(self) -> str | None:
        """A sentence while Redis does not answer. It is pinged, because there may be no traffic that would notice."""
        if self._shared is not None and self._redis.allows():
            if self._shared.check():
                self._redis.worked()
            else:
                self._redis.failed(ConnectionError("no answer to a ping"))
        return "Redis does not answer: each process counts rate limits for itself" if self._redis.is_open else None

    def _send(self, hits: Sequence[Hits]) -> Sequence[Window]:
        """Count hits that were let through, and return what the storage now has of these callers."""
        assert self._shared is not None
        try:
            windows = self._shared.add(hits)
        except self._shared.base_exceptions as error:
            here = [self._here.take(each.key, 0, each.length, cost=0, owed=each.number).window for each in hits]
            self._failed(error)
            return here
        self._redis.worked()
        return windows

    def _failed(self, error: Exception) -> None:
        FALLBACKS.inc()
        self._redis.failed(error)


def _storage(uri: str) -> object:
    """Let flask-limiter build the storage, without its request hooks. It does not connect yet."""
    options = {}
    if uri.startswith("redis"):  # and only then imported
        from redis.backoff import NoBackoff
        from redis.exceptions import ConnectionError
        from redis.retry import Retry

        again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))  # it has restarted; timeouts are not retried
        options = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "retry": again}
    limiter = Limiter(lambda: "", storage_uri=uri, storage_options=options, strategy=STRATEGY)  # type: ignore[arg-type]
    limiter.init_app(Flask("limits"))
    return limiter.storage
