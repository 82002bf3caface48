"""The settings of users alone: its database, its keys, the lifetime of sessions, and limits of password attempts."""

from collections.abc import Iterator
from dataclasses import dataclass

from limits import RateLimitItem

from app.config import addresses
from app.config import parsers as kinds
from app.config.parsers import key, whole
from app.config.production import UNSAFE, guessable, weak
from app.config.reading import setting


def days(raw: str) -> int:
    """Days, from 1 to 3650."""
    if not 1 <= whole(raw) <= 3650:
        raise ValueError("give a number of days from 1 to 3650")
    return int(raw)


def key_or_none(raw: str) -> str:
    """The base64 of 32 bytes; may be empty."""
    return key(raw) if raw.strip() else ""


@dataclass(frozen=True, kw_only=True)
class UsersSettings:
    database: str | None = setting(
        "USERS_DATABASE_URL", addresses.database, None, "Database of users (default: SQLite).", True
    )
    key_secret: str = setting(
        "SIGNING_KEY_SECRET",
        kinds.text,
        UNSAFE,
        "Secret that encrypts the token signing keys at rest; at least 32 characters.",
        True,
    )
    key_spread_seconds: int = setting(
        "SIGNING_KEY_SPREAD_SECONDS",
        kinds.whole,
        "60",
        "Time for a new signing key to reach all modules before it signs.",
    )
    refresh_token_days: int = setting(
        "REFRESH_TOKEN_DAYS", days, "30", "Maximum lifetime of a session, however often refreshed."
    )
    root_private_key: str = setting(
        "ROOT_PRIVATE_KEY",
        key_or_none,
        "",
        "For users only: the private root key, made by `flask users make-root`.",
        True,
    )
    root_private_key_file: str = setting(
        "ROOT_PRIVATE_KEY_FILE", kinds.text, "", "For users only: a file with the private root key instead."
    )
    hashes_at_once: int = setting(
        "PASSWORD_HASHES_AT_ONCE",
        kinds.whole,
        "0",
        "Passwords that one process hashes at a time, 19 MiB and a core each, and up to twice as many while no core is "
        "idle; 0: its share of all cores but one, from 1 to 4.",
    )
    limit_login: RateLimitItem = setting(
        "LIMIT_LOGIN",
        kinds.limit,
        "10/minute",
        "Sign-ins per account and address; three times as many per address. A known device has its own limit.",
    )
    limit_wrong_passwords: RateLimitItem = setting(
        "LIMIT_WRONG_PASSWORDS",
        kinds.limit,
        "100/hour",
        "Wrong passwords per account; a third of them from one address. A known device has its own limit.",
    )
    limit_registration: RateLimitItem = setting(
        "LIMIT_REGISTRATION", kinds.limit, "20/hour", "Registrations per address."
    )

    def unsafe(self) -> Iterator[str]:
        """The reasons why these settings are refused in production."""
        yield from weak("SIGNING_KEY_SECRET", [self.key_secret])
        yield from guessable(self)
