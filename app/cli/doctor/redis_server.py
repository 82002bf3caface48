"""Checks of Redis, which counts rate limits for all processes together."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ConnectionError, RedisError, TimeoutError
from redis.retry import Retry

from app.config.settings import Settings
from app.kernel.check_result import HANGS, RESTART, CheckResult, ok, warn, wrong
from app.kernel.skew import compared
from app.web.counts import TIMEOUT
from app.web.logs import hide

QUICK = 3.0  # seconds for each request
PINGS = 10  # at most: on a busy machine some of them wait for the processor
MEANWHILE = "each process counts rate limits for itself"


def redis_check(settings: Settings) -> Iterator[CheckResult]:
    """Check that Redis is reachable, quick enough for the rate limits, writable, and has the right time."""
    if not settings.redis_url:
        many = settings.kafka_servers and settings.workers > 1
        if many:
            sentence = f"not set: {settings.workers} workers, and {MEANWHILE}"
            yield warn("redis", "", sentence, "set REDIS_URL, or WORKERS=1")
        else:
            yield ok("redis", "", f"not set: {MEANWHILE}")
        return
    url = urlsplit(settings.redis_url)
    where = f"{url.hostname}:{url.port or 6379}"
    limits = {"socket_timeout": QUICK, "socket_connect_timeout": QUICK, "retry": Retry(NoBackoff(), 0)}
    client = Redis.from_url(settings.redis_url, **limits)
    try:
        yield from _look(client, where)
    except RedisError as error:
        yield _refused(error, where)
    finally:
        client.close()


def _look(client: Any, where: str) -> Iterator[CheckResult]:
    about: dict[str, Any] = client.info()
    took = _seconds_of(client)
    full = about.get("maxmemory") and about.get("maxmemory_policy") == "noeviction"
    server = f"Redis {about.get('redis_version')} at {where}"
    if about.get("role") != "master":
        yield wrong("redis", "", f"{server} is a replica, which is read-only", "set REDIS_URL to its master")
    elif took > TIMEOUT:
        sentence = f"{server} takes {took * 1000:.0f} ms to answer; above {TIMEOUT * 1000:.0f} ms {MEANWHILE}"
        yield wrong("redis", "", sentence, "see what it is doing, or move it closer")
    elif full:
        sentence = f"{server} refuses writes once its memory is full: then {MEANWHILE}"
        yield warn("redis", "", sentence, "run `redis-cli config set maxmemory-policy volatile-ttl`")
    else:
        yield ok("redis", "", f"{server} answers in {took * 1000:.1f} ms")
    yield compared("Redis", lambda: _timestamp(*client.time()))


def _seconds_of(client: Any) -> float:
    """How long the server takes to answer: the quickest of some pings, up to the first that is quick enough."""
    quickest = QUICK
    for _ in range(PINGS):
        began = time.perf_counter()
        client.ping()
        quickest = min(quickest, time.perf_counter() - began)
        if quickest <= TIMEOUT:
            break
    return quickest


def _timestamp(seconds: int, microseconds: int) -> datetime:
    return datetime.fromtimestamp(seconds + microseconds / 1e6, UTC)


def _refused(error: RedisError, where: str) -> CheckResult:
    if isinstance(error, AuthenticationError) or "NOAUTH" in str(error):
        advice = "set REDIS_URL with the right password"
        return wrong("redis", "", f"{where} refuses our password: {MEANWHILE}", advice)
    if isinstance(error, TimeoutError):
        hangs = f"{where} {HANGS}: {MEANWHILE}"
        return wrong("redis", "", hangs, RESTART)
    if isinstance(error, ConnectionError):
        advice = "start it, or set REDIS_URL to where it is"
        return wrong("redis", "", f"{where} does not listen: {MEANWHILE}", advice)
    return wrong("redis", "", f"{where} cannot be used: {hide(str(error))}", "set REDIS_URL to a Redis that can")
