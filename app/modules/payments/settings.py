"""The settings of the payments module: its database, and how it reaches Stripe or the sandbox that replaces it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from limits import RateLimitItem

from app.config import addresses
from app.config import parsers as kinds
from app.config.parsers import text, whole
from app.config.production import UNSAFE, guessable, weak
from app.config.reading import SettingsError, setting
from app.config.settings import Settings


def stripe_key(raw: str) -> str:
    """A secret key of Stripe: sk_live_…, rk_live_…, sk_test_… or rk_test_…; may be empty."""
    key = text(raw)
    if key and not re.fullmatch(r"(sk|rk)_(live|test)_\w+", key, re.ASCII):
        raise ValueError("give a secret key, which begins with sk_live_, rk_live_, sk_test_ or rk_test_")
    return key


def timeout(raw: str) -> int:
    """Seconds, from 1 to 25: a call must end before the lease of its job, 30 seconds; else a second worker runs it."""
    if not 1 <= whole(raw) <= 25:
        raise ValueError("give a number of seconds from 1 to 25")
    return int(raw)


def allowed(raw: str) -> bool:
    """allowed; may be empty."""
    if raw not in {"", "allowed"}:
        raise ValueError("give 'allowed', or leave it empty")
    return raw == "allowed"


@dataclass(frozen=True, kw_only=True)
class PaymentsSettings:
    database: str | None = setting(
        "PAYMENTS_DATABASE_URL", addresses.database, None, "Database of payments (default: SQLite).", True
    )
    stripe_api_key: str = setting(
        "STRIPE_API_KEY",
        stripe_key,
        "",
        "Stripe's secret key; empty: `flask serve` starts the sandbox.",
        True,
    )
    stripe_test_mode: bool = setting(
        "STRIPE_TEST_MODE", allowed, "", "allowed: production accepts a key of test mode, and no real money moves."
    )
    stripe_webhook_secrets: tuple[str, ...] = setting(
        "STRIPE_WEBHOOK_SECRETS",
        kinds.secrets,
        UNSAFE,
        "Webhook signing secrets, separated by commas; two while rotating.",
        True,
    )
    stripe_api_base: str = setting(
        "STRIPE_API_BASE",
        addresses.http_url,
        "",
        "Base URL of Stripe's API (default: Stripe, or the sandbox).",
    )
    sandbox_port: int = setting("SANDBOX_PORT", addresses.port_or_none, "0", "Port of the Stripe sandbox; 0: PORT + 1.")
    stripe_timeout_seconds: int = setting(
        "STRIPE_TIMEOUT_SECONDS", timeout, "10", "Timeout of a call to Stripe, in seconds."
    )
    stripe_max_calls: int = setting(
        "STRIPE_MAX_CALLS",
        kinds.positive,
        "32",
        "Calls to Stripe that one process makes at a time: so many for jobs, and so many for requests.",
    )
    limit_confirm: RateLimitItem = setting(
        "LIMIT_CONFIRM",
        kinds.limit,
        "30/hour",
        "Attempts to pay, per customer and per payment; ten times as many per IP address.",
    )

    def unsafe(self) -> Iterator[str]:
        """Yield why these settings are unsafe in production: no money would move, or others could forge a payment."""
        yield from self._unsafe_at_stripe()
        yield from weak("STRIPE_WEBHOOK_SECRETS", self.stripe_webhook_secrets)
        yield from guessable(self)

    def _unsafe_at_stripe(self) -> Iterator[str]:
        if self.sandboxed:
            yield "STRIPE_API_KEY is missing: set Stripe's secret key; the sandbox is not for production."
            return
        if not self.stripe_livemode and not self.stripe_test_mode:
            yield (
                "STRIPE_API_KEY is a key of test mode: no real money would move; "
                "set a key of live mode, or STRIPE_TEST_MODE=allowed."
            )
        if self.stripe_api_base and not self.stripe_api_base.startswith("https://"):
            yield "STRIPE_API_BASE is not https: the secret key would be sent unencrypted; remove it."
        yield from weak("STRIPE_API_KEY", [self.stripe_api_key])

    @property
    def sandboxed(self) -> bool:
        """Whether payments go to the Stripe sandbox of this project."""
        return not self.stripe_api_key

    @property
    def stripe_livemode(self) -> bool:
        """Whether the key is of live mode, so that real money moves."""
        return "_live_" in self.stripe_api_key

    @property
    def stripe_base(self) -> str | None:
        """The base URL of Stripe's API; None for the default of Stripe's library."""
        if self.stripe_api_base:
            return self.stripe_api_base
        return f"http://127.0.0.1:{self.sandbox_port}" if self.sandboxed else None


def payments_settings(shared: Settings) -> PaymentsSettings:
    """Read the settings of payments. Raises SettingsError for the first invalid one, or for a live key outside
    production.
    """
    own = shared.own(PaymentsSettings)
    if own.stripe_livemode and not shared.production:
        raise SettingsError(
            "STRIPE_API_KEY is a key of live mode without QUARTET_ENV=production: set a key of test mode."
        )
    return replace(own, sandbox_port=own.sandbox_port or shared.port % 65535 + 1)
