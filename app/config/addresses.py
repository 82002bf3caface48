"""Parsers of settings that hold addresses of servers. They raise ValueError for a wrong value."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import parse_qs, urlsplit

from app.config.parsers import names, whole

Networks = tuple[IPv4Network | IPv6Network, ...]


def address(raw: str) -> str:
    """An IP address."""
    try:
        return str(ip_address(raw.strip()))
    except ValueError:
        raise ValueError("give an IP address, such as 127.0.0.1, or 0.0.0.0 for all") from None


def networks(raw: str) -> Networks:
    """IP addresses, or networks as 10.0.0.0/8, separated by commas."""
    try:
        return tuple(ip_network(part) for part in names(raw))
    except ValueError:
        raise ValueError("give IP addresses, or networks such as 10.0.0.0/8, separated by commas") from None


def port(raw: str) -> int:
    """A TCP port."""
    if not 1 <= whole(raw) <= 65535:
        raise ValueError("give a port from 1 to 65535")
    return int(raw)


def port_or_none(raw: str) -> int:
    """A TCP port, or 0 for none."""
    return port(raw) if whole(raw) else 0


def servers(raw: str) -> str:
    """host:port, separated by commas; may be empty."""
    for server in names(raw):
        if not _is_host_and_port(server):
            raise ValueError("give host:port, separated by commas")
    return ",".join(names(raw))


def http_url(raw: str) -> str:
    """An http:// or https:// URL, with user and password if the server requires them."""
    return _url(raw, "http", "https")


def origins(raw: str) -> tuple[str, ...]:
    """Origins such as https://shop.example.com or http://localhost:3000, separated by commas."""
    parsed = tuple(part.lower() for part in names(raw))
    for origin in parsed:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", origin, re.ASCII) or not _has_host(origin):
            raise ValueError("give origins such as https://shop.example.com, without a path, separated by commas")
    return parsed


def redis_url(raw: str) -> str:
    """redis://host:port/database, or rediss:// for TLS."""
    return _url(raw, "redis", "rediss")


def _url(raw: str, *schemes: str) -> str:
    url = raw.strip()
    if url and (urlsplit(url).scheme not in schemes or not _has_host(url)):
        raise ValueError(f"give {schemes[0]}://host:port")
    return url


def _is_host_and_port(server: str) -> bool:
    return (
        "/" not in server
        and "@" not in server
        and _has_host(f"//{server}")
        and urlsplit(f"//{server}").port is not None
    )


def _has_host(url: str) -> bool:
    """Whether the URL has a possible host name and, if it has a port, a possible port."""
    try:
        parts = urlsplit(url)
        host, number = parts.hostname or "", parts.port
    except ValueError:  # the port or the IPv6 address is malformed
        return False
    return bool(re.fullmatch(r"[A-Za-z0-9._-]+|[0-9a-f:.%]+", host)) and number != 0


def database(raw: str) -> str:
    """sqlite:///path or postgresql+psycopg2://user:password@host:port/database."""
    if raw.startswith(("postgresql://", "postgres://")):  # SQLAlchemy 2.1 selects another driver for these
        raw = "postgresql+psycopg2://" + raw.split("://", 1)[1]
    in_memory = raw in {"sqlite:///", "sqlite:///:memory:"}  # each connection would have its own database
    is_file = raw.startswith("sqlite:///") and not in_memory
    if not is_file and not (raw.startswith("postgresql+psycopg2://") and _names_database(raw)):
        raise ValueError("give sqlite:///path or postgresql+psycopg2://user:password@host:port/database")
    thresholds = parse_qs(urlsplit(raw).query, keep_blank_values=True).get("prepare_threshold", [])
    if not is_file and not all(re.fullmatch(r"[0-9]{1,6}", each) for each in thresholds):
        raise ValueError("give a whole number as its prepare_threshold; 0 to prepare no statements")
    return raw


def _names_database(url: str) -> bool:
    """Whether the URL has a host and a database. The host may also be in the query: a socket's folder, or several."""
    named = url if urlsplit(url).netloc.rpartition("@")[2] else url.replace("://", "://in-the-query", 1)
    return _has_host(named) and len(urlsplit(url).path) > 1


def place(url: str) -> str:
    """host:port of a URL, without user and password."""
    return urlsplit(url).netloc.rpartition("@")[2]
