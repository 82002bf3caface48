"""Rate limits of every route, by storages that flask-limiter builds; its hooks cost several times as much as ours."""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, TypeVar

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItem
from prometheus_client import Counter

from app.config.addresses import Networks
from app.config.settings import Settings
from app.kernel.errors import Refused
from app.web.counts import Counts
from app.web.windows import Attempt, Taken

GENERAL = {"read", "write"}  # the limits that protect the shop's CPU; the others protect secrets, money and stock
LIMITED_PATHS = ("/api/", "/desk/", "/.well-known/")  # where routes read a database
V = TypeVar("V", bound=Callable[..., object])
LIMITED = Counter("quartet_limits_total", "Hits of rate limits, by class", ["limit", "outcome"])


class TooMany(Refused):
    """Over the limit; answered 429."""


class Share(NamedTuple):
    """Hits of `who` against a class whose limit is multiplied by `times`. With a `cost` of 0 nothing is counted, but at
    least one hit must be left.
    """

    name: str
    who: str
    times: float = 1
    cost: int = 1


def install(app: Flask, settings: Settings, of_modules: Iterable[Mapping[str, RateLimitItem]]) -> None:
    """Limit every route below LIMITED_PATHS by its class: read, write, or a class that a module defines."""
    limits = {"read": settings.limit_reads, "write": settings.limit_writes}
    for each in of_modules:
        limits.update(each)
    app.extensions["quartet_limits"] = limits
    app.extensions["quartet_limited"] = {
        (name, ok): LIMITED.labels(name, "allowed" if ok else "refused") for name in limits for ok in (True, False)
    }
    app.extensions["quartet_proxies"] = settings.trusted_proxies
    app.extensions["quartet_counts"] = Counts(settings.redis_url)
    app.before_request(_check)
    app.after_request(_add_headers)


def limited(name: str) -> Callable[[V], V]:
    """Limit a view by another class than that of its method, such as registration or confirm; or by "none"."""

    def mark(view: V) -> V:
        view.__dict__["limit"] = name
        return view

    return mark


def hit(name: str, who: str, times: float = 1, cost: int = 1) -> None:
    """Count one hit, or `cost` hits, of `who` against a class whose limit is multiplied by `times`. Raises TooMany."""
    limit, taken = _take(name, who, times, cost)
    _tally(name, limit, taken)
    if not taken.allowed:
        raise _too_many(taken)


def hit_all(*shares: Share) -> None:
    """Count hits against several exact limits, in one round trip to Redis. Raises TooMany for the first that is over
    its limit; the hits of the others count nevertheless.
    """
    limits = [_limit(each.name, each.times) for each in shares]
    attempts = [
        Attempt(limit.key_for(each.name, each.who), limit.amount, limit.get_expiry(), each.cost)
        for each, limit in zip(shares, limits, strict=True)
    ]
    for (name, _, _, cost), limit, taken in zip(shares, limits, _counts().take_all(attempts), strict=True):
        if not cost and taken.window.hits < limit.amount:
            continue
        settled = taken if cost else taken._replace(allowed=False)
        _tally(name, limit, settled)
        if not settled.allowed:
            raise _too_many(settled)


def count(name: str, who: str, times: float = 1) -> None:
    """Count one hit of `who` without refusing anything."""
    _tally(name, *_take(name, who, times))


def address() -> str:
    """The client's address, as a key to count by. X-Forwarded-For is trusted only from TRUSTED_PROXIES."""
    peer = request.remote_addr or ""
    proxies: Networks = current_app.extensions["quartet_proxies"]
    if proxies:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        while hops and hops[-1] and _is_in(proxies, peer):
            peer = hops.pop()
    return f"address:{_network(peer)}"


def _check() -> None:
    if request.url_rule is None or not request.path.startswith(LIMITED_PATHS):
        return
    name = _class_of(current_app.view_functions[request.endpoint or ""], request.method)
    if name == "none":
        return
    hit(name, address() if name == "registration" else g.setdefault("caller", address()))


@lru_cache(512)
def _class_of(view: Callable[..., object], method: str) -> str:
    handler = getattr(getattr(view, "view_class", None), method.lower(), view)
    default = "read" if method in {"GET", "HEAD", "OPTIONS"} else "write"
    return str(getattr(handler, "limit", default))


def _take(name: str, who: str, times: float, cost: int = 1) -> tuple[RateLimitItem, Taken]:
    limit = _limit(name, times)
    return limit, _counts().take(limit, name, who, cost=cost, exact=name not in GENERAL)


def _limit(name: str, times: float) -> RateLimitItem:
    limit: RateLimitItem = current_app.extensions["quartet_limits"][name]
    return limit if times == 1 else type(limit)(max(1, int(limit.amount * times)), limit.multiples)


def _counts() -> Counts:
    counts: Counts = current_app.extensions["quartet_counts"]
    return counts


def _tally(name: str, limit: RateLimitItem, taken: Taken) -> None:
    current_app.extensions["quartet_limited"][name, taken.allowed].inc()
    left = max(0, limit.amount - taken.window.hits)
    g.limit = (name, limit, left, time.monotonic() + taken.window.resets_in)


def _too_many(taken: Taken) -> TooMany:
    wait = max(1, round(taken.window.resets_in))
    return TooMany("rate_limited", f"too many requests: wait {wait} s", {"retry_after": wait})


def _add_headers(response: Response) -> Response:
    if applied := g.get("limit"):
        name, limit, left, resets_at = applied
        reset = max(0, round(resets_at - time.monotonic()))
        response.headers.add("RateLimit-Policy", f'"{name}";q={limit.amount};w={limit.get_expiry()}')
        response.headers.add("RateLimit", f'"{name}";r={left};t={reset}')
    return response


def _ip(address: str) -> IPv4Address | IPv6Address:
    """The address without a port, which some proxies append: 192.0.2.7:80, [2001:db8::7]:80. Raises ValueError."""
    try:
        return ip_address(address)
    except ValueError:
        host, _, port = address.rpartition(":")
        if not port.isdecimal():
            raise
        return ip_address(host.removeprefix("[").removesuffix("]"))


def _is_in(networks: Networks, address: str) -> bool:
    try:
        ip = _ip(address)
    except ValueError:
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in networks)


@lru_cache(10_000)
def _network(address: str) -> str:
    """The network that stands for one client: the /64 of an IPv6 address, since a client has that many addresses."""
    try:
        ip = _ip(address)
    except ValueError:
        return address[:64]
    if isinstance(ip, IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
