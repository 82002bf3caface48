"""How the text of a variable is read: each kind of setting, and the sentence for what is none. Raises ValueError."""

import base64
import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Networks = tuple[IPv4Network | IPv6Network, ...]

LARGEST = 2**31 - 1
DAY = 86_400  # seconds
URL_SAFE = str.maketrans("+/", "-_")


def text(raw: str) -> str:
    """Any text, without the spaces around it."""
    return raw.strip()


def names(raw: str) -> tuple[str, ...]:
    """Names separated by commas."""
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def secrets(raw: str) -> tuple[str, ...]:
    """Secrets separated by commas, one or more."""
    if not names(raw):
        raise ValueError("give one secret or more, separated by commas")
    return names(raw)


def key(raw: str) -> str:
    """The base64 of 32 bytes."""
    try:
        content = base64.b64decode(raw.strip().translate(URL_SAFE).rstrip("=") + "=", altchars=b"-_", validate=True)
    except ValueError:
        content = b""
    if len(content) != 32:
        raise ValueError("give the base64 of 32 bytes, as `flask users make-root` prints it")
    return base64.urlsafe_b64encode(content).decode()


def key_or_none(raw: str) -> str:
    """The base64 of 32 bytes; or none."""
    return key(raw) if raw.strip() else ""


def keys(raw: str) -> tuple[str, ...]:
    """One or more, each the base64 of 32 bytes, separated by commas."""
    if not names(raw):
        raise ValueError("give one key or more, separated by commas")
    return tuple(key(each) for each in names(raw))


def whole(raw: str) -> int:
    """A whole number, zero or more."""
    if not raw.strip().isdecimal():
        raise ValueError("give a whole number, zero or more")
    if len(raw) > 100 or int(raw) > LARGEST:
        raise ValueError(f"give a whole number up to {LARGEST}")
    return int(raw)


def positive(raw: str) -> int:
    """A whole number, one or more."""
    if not whole(raw):
        raise ValueError("give a whole number above zero")
    return int(raw)


def token_life(raw: str) -> int:
    """Seconds, from 1 to 86400: a day after its end, a sign-in is forgotten, and its tokens must be over."""
    if not 1 <= whole(raw) <= DAY:
        raise ValueError(f"give seconds, from 1 to {DAY}")
    return int(raw)


def days(raw: str) -> int:
    """Days, from 1 to 3650."""
    if not 1 <= whole(raw) <= 3650:
        raise ValueError("give days, from 1 to 3650")
    return int(raw)


def timeout(raw: str) -> int:
    """Seconds, from 1 to 25: a call must end before another worker may take it for lost, which is after 30."""
    if not 1 <= whole(raw) <= 25:
        raise ValueError("give seconds, from 1 to 25")
    return int(raw)


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
    """A TCP port, or 0 for none in particular."""
    return port(raw) if whole(raw) else 0


def environment(raw: str) -> str:
    """development or production."""
    if raw not in {"development", "production"}:
        raise ValueError("give development or production")
    return raw


def flag(raw: str) -> bool:
    """true or false."""
    if raw.lower() not in {"true", "false", "1", "0"}:
        raise ValueError("give true or false")
    return raw.lower() in {"true", "1"}


def allowed(raw: str) -> bool:
    """allowed; or nothing."""
    if raw not in {"", "allowed"}:
        raise ValueError("give allowed, or nothing")
    return raw == "allowed"


def log_level(raw: str) -> str:
    """debug, info, warning or error."""
    if raw.lower() not in {"debug", "info", "warning", "error"}:
        raise ValueError("give debug, info, warning or error")
    return raw.upper()


def servers(raw: str) -> str:
    """host:port, separated by commas; or none."""
    for server in names(raw):
        if not _place(server):
            raise ValueError("give host:port, separated by commas")
    return ",".join(names(raw))


def pairs(raw: str) -> dict[str, str]:
    r"""name=value, separated by semicolons; in a value, \; is a semicolon."""
    parts = [part.replace(r"\;", ";").partition("=") for part in re.split(r"(?<!\\);", raw) if part.strip()]
    if not all(name.strip() and equals for name, equals, _ in parts):
        raise ValueError("give name=value, separated by semicolons")
    return {name.strip(): value.strip() for name, _, value in parts}


def topic_prefix(raw: str) -> str:
    """Letters, digits, dots, dashes and underscores: what Kafka takes in the name of a topic."""
    if not re.fullmatch("[A-Za-z0-9._-]{0,100}", raw):
        raise ValueError("give letters, digits, dots, dashes and underscores")
    return raw


def retention(raw: str) -> int:
    """Days, from 1 to 29: an event that comes again must still be known to the inbox, which keeps 30."""
    if not 1 <= whole(raw) <= 29:
        raise ValueError("give days, from 1 to 29")
    return int(raw)


def index_name(raw: str) -> str:
    """Lower-case letters, digits and dashes: what Elasticsearch takes in the name of an alias."""
    if not re.fullmatch("[a-z][a-z0-9-]{0,99}", raw):
        raise ValueError("give lower-case letters, digits and dashes, beginning with a letter")
    return raw


def http_url(raw: str) -> str:
    """http:// or https://, with user and password where it asks for them."""
    return _url(raw, "http", "https")


def origins(raw: str) -> tuple[str, ...]:
    """Origins as https://shop.example.com or http://localhost:3000, separated by commas."""
    found = tuple(part.lower() for part in names(raw))
    for origin in found:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", origin, re.ASCII) or not _has_place(origin):
            raise ValueError("give origins as https://shop.example.com, without a path, separated by commas")
    return found


def redis_url(raw: str) -> str:
    """redis://host:port/number, or rediss:// for TLS."""
    return _url(raw, "redis", "rediss")


def _url(raw: str, *schemes: str) -> str:
    url = raw.strip()
    if url and (urlsplit(url).scheme not in schemes or not _has_place(url)):
        raise ValueError(f"give {schemes[0]}://host:port")
    return url


def _place(server: str) -> bool:
    """host:port, both there."""
    return (
        "/" not in server
        and "@" not in server
        and _has_place(f"//{server}")
        and urlsplit(f"//{server}").port is not None
    )


def _has_place(url: str) -> bool:
    """Whether it names a host that can be one, and a port that can be one where it names any."""
    try:
        parts = urlsplit(url)
        host, number = parts.hostname or "", parts.port
    except ValueError:  # a port or an IPv6 address that is none
        return False
    return bool(re.fullmatch(r"[A-Za-z0-9._-]+|[0-9a-f:.%]+", host)) and number != 0


def database(raw: str) -> str:
    """sqlite:///path or postgresql+psycopg2://user:password@host:port/database."""
    if raw.startswith(("postgresql://", "postgres://")):  # SQLAlchemy 2.1 would pick another driver for these
        raw = "postgresql+psycopg2://" + raw.split("://", 1)[1]
    in_memory = raw in {"sqlite:///", "sqlite:///:memory:"}  # each connection would have one of its own
    is_file = raw.startswith("sqlite:///") and not in_memory
    if not is_file and not (raw.startswith("postgresql+psycopg2://") and _names_database(raw)):
        raise ValueError("give sqlite:///path or postgresql+psycopg2://user:password@host:port/database")
    return raw


def _names_database(url: str) -> bool:
    """Its host may stand behind the ? as well, where a socket's folder, or several, can be named."""
    named = url if urlsplit(url).netloc.rpartition("@")[2] else url.replace("://", "://in-the-query", 1)
    return _has_place(named) and len(urlsplit(url).path) > 1


def stripe_key(raw: str) -> str:
    """A secret key of Stripe's: sk_live_…, rk_live_…, sk_test_… or rk_test_…; or none."""
    key = text(raw)
    if key and not re.fullmatch(r"(sk|rk)_(live|test)_\w+", key, re.ASCII):
        raise ValueError("give a secret key, which begins with sk_live_, rk_live_, sk_test_ or rk_test_")
    return key


def currency(raw: str) -> str:
    """Three capital letters; or none."""
    if raw and not re.fullmatch(r"[A-Z]{3}", raw):
        raise ValueError("it is no currency, as EUR")
    return raw
