"""Redis by TLS, with a password."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.certificates import Authority
from tests.conftest import free_port, until
from tests.servers import program
from tests.shop import Caller, Shop

Make = Callable[..., Shop]
PASSWORD = "p@ss;w/rd"
AS_TYPED = "p%40ss%3Bw%2Frd"


@dataclass(frozen=True)
class Guarded:
    """The port of a Redis with TLS, and the CA of its certificate."""

    port: int
    authority: Path

    def url(self, password: str = AS_TYPED, query: str | None = None) -> str:
        """The value of REDIS_URL."""
        asked = f"?ssl_ca_certs={self.authority}" if query is None else query
        return f"rediss://:{password}@127.0.0.1:{self.port}/0{asked}"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Our own Redis, which accepts only TLS."""
    folder = tmp_path_factory.mktemp("redis")
    authority, port = Authority(folder), free_port()
    certificate, key = authority.certifies("redis")
    lines = [
        'port 0\nbind 127.0.0.1\ntls-auth-clients no\nsave ""',
        f"tls-port {port}\ntls-cert-file {certificate}\ntls-key-file {key}\ntls-ca-cert-file {authority.file}",
        f'dir {folder}\nrequirepass "{PASSWORD}"\n',
    ]
    configuration = folder / "redis.conf"
    configuration.write_text("\n".join(lines), encoding="utf-8")
    server = subprocess.Popen([program("redis-server"), str(configuration)], stdout=subprocess.DEVNULL)
    guarded = Guarded(port, authority.file)
    try:
        until(lambda: _answers(guarded.url()), "Redis answers")
        yield guarded
    finally:
        server.terminate()
        server.wait(timeout=60)


def _answers(url: str) -> bool:
    client = Redis.from_url(url)
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()


def writes(caller: Caller, times: int) -> list[int]:
    return [caller.delete("/cart", headers={"X-Cart-Token": "t"}).status_code for _ in range(times)]


def limits_of(shop: Shop) -> Any:
    return shop.as_guest().get("/readyz").json["checks"]["limits"]["status"]  # type: ignore[index]


def test_limits_are_counted_by_tls(shop_with: Make, redis: Guarded) -> None:
    one, other = (shop_with(LIMIT_WRITES="3/day", REDIS_URL=redis.url()) for _ in range(2))

    answers = writes(one.as_guest(), 2) + writes(other.as_guest(), 2)

    assert answers == [204, 204, 204, 429]
    assert limits_of(one) == "ok"


@pytest.mark.parametrize(
    ("password", "query"),
    [("wrong", None), ("", None), (AS_TYPED, "")],
    ids=["a wrong password", "no password", "an authority that nobody knows"],
)
def test_a_redis_that_is_not_to_be_trusted_or_does_not_trust_us_is_not_used(
    shop_with: Make, redis: Guarded, password: str, query: str | None
) -> None:
    shop = shop_with(REDIS_URL=redis.url(password, query))

    assert writes(shop.as_guest(), 1) == [204]
    assert limits_of(shop) == "failing"
