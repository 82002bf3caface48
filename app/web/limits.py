"""Rate limits: flask-limiter's storage and strategy, hit directly: its hooks cost 74 to 187 µs a request, this 13."""

import time
from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeVar

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItem, parse_many
from prometheus_client import Counter

from app.config import Settings, SettingsError
from app.config_kinds import Networks
from app.kernel.errors import Refused
from app.web.counts import Counts

V = TypeVar("V", bound=Callable[..., object])
CLASSES = {"login": "limit_login", "registration": "limit_registration", "write": "limit_writes", "read": "limit_reads"}
ADDRESS_SHARE = 3  # sign-ins an address may try, for each that an account may: offices share one address
LIMITED = Counter("quartet_limits_total", "What was held against a limit, by its class", ["limit", "outcome"])
COUNTED = {(name, ok): LIMITED.labels(name, "allowed" if ok else "refused") for name in CLASSES for ok in (True, False)}


class TooMany(Refused):
    """Over the limit; answered 429."""


def install(app: Flask, settings: Settings) -> None:
    """Hold every route of the API to the limit of its class. Raises SettingsError for a limit that is none."""
    app.extensions["quartet_limits"] = {name: _limit(settings, field) for name, field in CLASSES.items()}
    app.extensions["quartet_proxies"] = settings.trusted_proxies
    app.extensions["quartet_counts"] = Counts(settings.redis_url)
    app.before_request(_check)
    app.after_request(_tell)


def limited(name: str) -> Callable[[V], V]:
    """Put a view under another class than its method's: login, registration; or none."""

    def mark(view: V) -> V:
        view.__dict__["limit"] = name
        return view

    return mark


def check_account(account: str) -> None:
    """Count a sign-in to this account, wherever it comes from. Raises TooMany."""
    _hit("login", f"account:{account}", 1)


def _check() -> None:
    if request.url_rule is None or not request.path.startswith("/api/"):
        return
    name = _class_of(current_app.view_functions[request.endpoint or ""], request.method)
    if name == "none":
        return
    by_address = name in {"login", "registration"}
    share = ADDRESS_SHARE if name == "login" else 1
    _hit(name, _address() if by_address else g.setdefault("caller", _address()), share)


@cache
def _class_of(view: Callable[..., object], method: str) -> str:
    handler = getattr(getattr(view, "view_class", None), method.lower(), view)
    default = "read" if method in {"GET", "HEAD", "OPTIONS"} else "write"
    return str(getattr(handler, "limit", default))


def _hit(name: str, caller: str, share: int) -> None:
    limit: RateLimitItem = current_app.extensions["quartet_limits"][name]
    if share > 1:
        limit = type(limit)(limit.amount * share, limit.multiples)
    counts: Counts = current_app.extensions["quartet_counts"]
    allowed = counts.hit(limit, name, caller)
    COUNTED[name, allowed].inc()
    g.limit = (name, limit, caller)
    if not allowed:
        wait = max(1, round(counts.left(limit, name, caller).reset_time - time.time()))
        raise TooMany("rate_limited", f"too many requests: wait {wait} s", {"retry_after": wait})


def _tell(response: Response) -> Response:
    if told := g.get("limit"):
        name, limit, caller = told
        left = current_app.extensions["quartet_counts"].left(limit, name, caller)
        reset = max(0, round(left.reset_time - time.time()))
        response.headers["RateLimit-Policy"] = f'"{name}";q={limit.amount};w={limit.get_expiry()}'
        response.headers["RateLimit"] = f'"{name}";r={max(0, left.remaining)};t={reset}'
    return response


def _limit(settings: Settings, field: str) -> RateLimitItem:
    text = getattr(settings, field)
    try:
        limits = parse_many(text)
    except ValueError:
        limits = []
    if len(limits) != 1 or limits[0].amount < 1:
        raise SettingsError(f"{field.upper()} is {text!r}: give one limit, of 1 or more, such as 100/minute.")
    return limits[0]


def _address() -> str:
    """The peer's address; what proxies say of it counts only where the peer is a proxy of ours."""
    address = request.remote_addr or ""
    proxies: Networks = current_app.extensions["quartet_proxies"]
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    while hops and hops[-1] and _is_in(proxies, address):
        address = hops.pop()
    return f"address:{_network(address)}"


def _is_in(networks: Networks, address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in networks)


def _network(address: str) -> str:
    """Whose an address is: of IPv6 everyone has a /64, and would have as many allowances."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(ip, IPv4Address):
        return address
    return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
