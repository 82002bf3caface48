"""What users alone is set by: its database, its keys, how long a sign-in lives, and how often one is tried."""

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
        raise ValueError("give days, from 1 to 3650")
    return int(raw)


def key_or_none(raw: str) -> str:
    """The base64 of 32 bytes; or none."""
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
        "Encrypts the token signing keys at rest; 32 characters or more.",
        True,
    )
    key_spread_seconds: int = setting(
        "SIGNING_KEY_SPREAD_SECONDS", kinds.whole, "60", "How long a new signing key travels before it signs."
    )
    refresh_token_days: int = setting("REFRESH_TOKEN_DAYS", days, "30", "Longest life of a sign-in, refreshed.")
    root_private_key: str = setting(
        "ROOT_PRIVATE_KEY",
        key_or_none,
        "",
        "For users alone: the private half of a root key, by `flask users make-root`.",
        True,
    )
    root_private_key_file: str = setting(
        "ROOT_PRIVATE_KEY_FILE", kinds.text, "", "For users alone: a file with it instead."
    )
    limit_login: RateLimitItem = setting(
        "LIMIT_LOGIN",
        kinds.limit,
        "10/minute",
        "Sign-ins per account and address, per address times three; a device that was signed in has its own.",
    )
    limit_wrong_passwords: RateLimitItem = setting(
        "LIMIT_WRONG_PASSWORDS",
        kinds.limit,
        "100/hour",
        "Wrong passwords per account, from one address a third of it; a device that was signed in has its own.",
    )
    limit_registration: RateLimitItem = setting(
        "LIMIT_REGISTRATION", kinds.limit, "20/hour", "Registrations per address."
    )

    def unsafe(self) -> Iterator[str]:
        """Why these do not do for production."""
        yield from weak("SIGNING_KEY_SECRET", [self.key_secret])
        yield from guessable(self)
