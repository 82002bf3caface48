"""Parsers of settings, one for each kind of value. They raise ValueError with a sentence that says what to give."""

import base64
import re

from limits import RateLimitItem, parse_many

MAX_INTEGER = 2**31 - 1
MAX_DAYS = 36_500
DAY = 86_400  # seconds
URL_SAFE = str.maketrans("+/", "-_")


def text(raw: str) -> str:
    """Any text; surrounding spaces are removed."""
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


def keys(raw: str) -> tuple[str, ...]:
    """One key or more, each the base64 of 32 bytes, separated by commas."""
    if not names(raw):
        raise ValueError("give one key or more, separated by commas")
    return tuple(key(each) for each in names(raw))


def whole(raw: str) -> int:
    """A whole number, zero or more."""
    if not raw.strip().isdecimal():
        raise ValueError("give a whole number, zero or more")
    if len(raw) > 100 or int(raw) > MAX_INTEGER:
        raise ValueError(f"give a whole number up to {MAX_INTEGER}")
    return int(raw)


def positive(raw: str) -> int:
    """A whole number, one or more."""
    if not whole(raw):
        raise ValueError("give a whole number above zero")
    return int(raw)


def token_life(raw: str) -> int:
    """Seconds, from 1 to 86400: ended sessions are deleted after a day, when their tokens must have expired."""
    if not 1 <= whole(raw) <= DAY:
        raise ValueError(f"give seconds, from 1 to {DAY}")
    return int(raw)


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


def switch(raw: str) -> bool:
    """on or off."""
    if raw.lower() not in {"on", "off"}:
        raise ValueError("give on or off")
    return raw.lower() == "on"


def publishable_key(raw: str) -> str:
    """A publishable key of Stripe: pk_live_… or pk_test_…; may be empty."""
    if raw.strip() and not re.fullmatch(r"pk_(live|test)_\w+", raw.strip(), re.ASCII):
        raise ValueError("give a publishable key, which begins with pk_live_ or pk_test_; never the secret one")
    return raw.strip()


def log_level(raw: str) -> str:
    """debug, info, warning or error."""
    if raw.lower() not in {"debug", "info", "warning", "error"}:
        raise ValueError("give debug, info, warning or error")
    return raw.upper()


def pairs(raw: str) -> dict[str, str]:
    r"""name=value, separated by semicolons; write \; for a semicolon in a value."""
    parts = [part.replace(r"\;", ";").partition("=") for part in re.split(r"(?<!\\);", raw) if part.strip()]
    if not all(name.strip() and equals for name, equals, _ in parts):
        raise ValueError("give name=value, separated by semicolons")
    return {name.strip(): value.strip() for name, _, value in parts}


def topic_prefix(raw: str) -> str:
    """Letters, digits, dots, dashes and underscores: the characters that Kafka allows in the name of a topic."""
    if not re.fullmatch("[A-Za-z0-9._-]{0,100}", raw):
        raise ValueError("use only letters, digits, dots, dashes and underscores")
    return raw


def days(raw: str) -> int:
    """A number of days up to a hundred years. 0: never."""
    if whole(raw) > MAX_DAYS:
        raise ValueError(f"give a whole number up to {MAX_DAYS}")
    return int(raw)


def retention(raw: str) -> int:
    """Days, from 1 to 29: an event that is delivered again must still be in the inbox, which has rows for 30 days."""
    if not 1 <= whole(raw) <= 29:
        raise ValueError("give days, from 1 to 29")
    return int(raw)


def limit(raw: str) -> RateLimitItem:
    """A number of requests per time, such as 100/minute."""
    try:
        limits = parse_many(raw)
    except ValueError:
        limits = []
    if len(limits) != 1 or limits[0].amount < 1:
        raise ValueError("give one limit, of 1 or more, such as 100/minute")
    return limits[0]
