"""Every setting of the shop: typed, read once from the environment, documented here and nowhere else."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import click

from app import config_kinds as kinds

UNSAFE = "quartet-development-only-not-a-secret"


class SettingsError(click.ClickException):
    """A setting is missing or wrong; the sentence names it and says what to do, and is all that a command prints."""


def setting(name: str, parse: Callable[[str], Any], default: str | None, doc: str, secret: bool = False) -> Any:
    """Declare one setting: its variable, how it is read, its default as it would be typed, and what it is for."""
    about = {"name": name, "parse": parse, "default": default, "doc": doc, "secret": secret}
    return field(metadata=about, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says. Every field has its variable, default and meaning beside it."""

    environment: str = setting(
        "QUARTET_ENV",
        kinds.environment,
        "development",
        "production refuses default secrets, missing secrets and debug.",
    )
    data: Path = setting("QUARTET_DATA", Path, "var", "Folder for SQLite files, the search index and the lock.")
    catalog_database: str = setting(
        "CATALOG_DATABASE_URL", kinds.database, None, "Database of catalog (default: SQLite).", True
    )
    orders_database: str = setting(
        "ORDERS_DATABASE_URL", kinds.database, None, "Database of orders (default: SQLite).", True
    )
    users_database: str = setting(
        "USERS_DATABASE_URL", kinds.database, None, "Database of users (default: SQLite).", True
    )
    payments_database: str = setting(
        "PAYMENTS_DATABASE_URL", kinds.database, None, "Database of payments (default: SQLite).", True
    )

    kafka_servers: str = setting(
        "KAFKA_BOOTSTRAP_SERVERS",
        kinds.servers,
        "",
        "Kafka, as host:port, separated by commas; empty: the bus stays inside the one process.",
    )
    kafka_options: Mapping[str, str] = setting(
        "KAFKA_OPTIONS",
        kinds.pairs,
        "",
        "More options of librdkafka: name=value, separated by semicolons (security.protocol=SSL;ssl.ca.location=…).",
        True,
    )
    topic_prefix: str = setting("KAFKA_TOPIC_PREFIX", kinds.topic_prefix, "", "Put before the name of every topic.")
    topic_partitions: int = setting(
        "KAFKA_PARTITIONS", kinds.positive, "6", "Partitions of a new topic; never changed afterwards."
    )
    topic_replicas: int = setting("KAFKA_REPLICAS", kinds.positive, "1", "Copies that the brokers keep of a new topic.")
    topic_days: int = setting(
        "KAFKA_RETENTION_DAYS", kinds.retention, "7", "Days a topic keeps events; shorter than the inbox's 30."
    )
    elasticsearch_url: str = setting(
        "ELASTICSEARCH_URL", kinds.http_url, "", "Elasticsearch; empty: search in SQLite's FTS5.", True
    )
    search_index: str = setting(
        "ELASTICSEARCH_INDEX", kinds.index_name, "quartet-products", "Alias of the products' search index."
    )
    redis_url: str = setting(
        "REDIS_URL",
        kinds.redis_url,
        "",
        "Redis, to count rate limits over all processes; empty: each process counts by itself.",
        True,
    )
    otlp_endpoint: str = setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        kinds.http_url,
        "",
        "Receiver of traces, by OTLP over HTTP (http://127.0.0.1:4318); empty: none are recorded. Needs the extra "
        "`tracing`.",
        True,
    )

    host: str = setting("HOST", kinds.address, "127.0.0.1", "Address to listen on.")
    port: int = setting("PORT", kinds.port, "5000", "Port to listen on.")
    threads: int = setting("THREADS", kinds.positive, "4", "Threads that answer requests, in each worker.")
    workers: int = setting(
        "WORKERS", kinds.positive, "2", "Processes that answer requests; without Kafka it is one, whatever is set."
    )
    metrics_port: int | None = setting(
        "METRICS_PORT",
        kinds.port_or_none,
        None,
        "Port with nothing but /metrics; 0: none. Unset: orders alone 9000, payments 6002, catalog 8000, users 6000; "
        "for several in one process none, as their /metrics is on PORT.",
    )
    grace_seconds: int = setting(
        "GRACE_SECONDS", kinds.whole, "0", "On SIGTERM: how long /readyz says no before connections are refused."
    )
    max_body_bytes: int = setting("MAX_BODY_BYTES", kinds.positive, "262144", "Largest request body, in bytes.")
    trusted_proxies: tuple[str, ...] = setting(
        "TRUSTED_PROXIES", kinds.names, "", "Addresses whose X-Forwarded-For is believed, separated by commas."
    )
    debug: bool = setting("QUARTET_DEBUG", kinds.flag, "false", "Flask's debugger; refused in production.")
    log_level: str = setting("LOG_LEVEL", kinds.log_level, "info", "debug, info, warning or error.")

    token_issuer: str = setting("TOKEN_ISSUER", kinds.text, "quartet", "Issuer (iss) of access tokens.")
    token_audience: str = setting("TOKEN_AUDIENCE", kinds.text, "quartet", "Audience (aud) of access tokens.")
    access_token_seconds: int = setting("ACCESS_TOKEN_SECONDS", kinds.token_life, "600", "Life of an access token.")
    refresh_token_days: int = setting("REFRESH_TOKEN_DAYS", kinds.days, "30", "Longest life of a sign-in, refreshed.")
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

    stripe_api_key: str = setting(
        "STRIPE_API_KEY", kinds.text, "", "Stripe's secret key; empty: `flask serve` starts our own sandbox.", True
    )
    stripe_webhook_secrets: tuple[str, ...] = setting(
        "STRIPE_WEBHOOK_SECRETS",
        kinds.secrets,
        UNSAFE,
        "Webhook signing secrets, separated by commas; two while rotating.",
        True,
    )
    stripe_api_base: str = setting(
        "STRIPE_API_BASE", kinds.text, "", "Another address for Stripe's API (default: Stripe, or the sandbox's port)."
    )
    sandbox_port: int = setting("SANDBOX_PORT", kinds.port_or_none, "0", "Port of the Stripe sandbox; 0: PORT + 1.")
    stripe_timeout_seconds: int = setting("STRIPE_TIMEOUT_SECONDS", kinds.timeout, "10", "Longest wait for Stripe.")

    shop_currency: str = setting(
        "SHOP_CURRENCY",
        kinds.currency,
        "",
        "The one currency of all prices, as EUR; empty: that of the prices that exist, EUR where there are none.",
    )
    order_deadline_seconds: int = setting(
        "ORDER_DEADLINE_SECONDS", kinds.positive, "1800", "Unpaid orders are cancelled after this; activity renews it."
    )
    order_deadline_cap_seconds: int = setting(
        "ORDER_DEADLINE_CAP_SECONDS", kinds.positive, "7200", "No activity renews an order's deadline beyond this age."
    )

    limit_login: str = setting(
        "LIMIT_LOGIN", kinds.text, "10/minute", "Sign-ins per account, and per address times three."
    )
    limit_registration: str = setting("LIMIT_REGISTRATION", kinds.text, "20/hour", "Registrations per address.")
    limit_writes: str = setting("LIMIT_WRITES", kinds.text, "300/minute", "Changes per caller.")
    limit_reads: str = setting("LIMIT_READS", kinds.text, "3000/minute", "Reads per caller.")

    crash_at: str = setting(
        "CRASH_AT", kinds.text, "", "point or point@marker-file: SIGKILL ourselves there, once. For tests."
    )

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> "Settings":
        """Read every setting, or raise SettingsError naming the first that is wrong."""
        values = {each.name: _read(each.metadata, variables) for each in fields(cls)}
        for module in ("catalog", "orders", "users", "payments"):
            values[f"{module}_database"] = (
                values[f"{module}_database"] or f"sqlite:///{(values['data'] / module).absolute()}.sqlite"
            )
        values["sandbox_port"] = values["sandbox_port"] or values["port"] % 65535 + 1
        settings = cls(**values)
        for why in unsafe(settings) if settings.production else ():
            raise SettingsError(why)
        return settings

    @property
    def production(self) -> bool:
        """Whether this is a shop that real customers use."""
        return self.environment == "production"

    @property
    def sandboxed(self) -> bool:
        """Whether payments go to our own Stripe sandbox."""
        return not self.stripe_api_key

    @property
    def stripe_base(self) -> str | None:
        """Where Stripe's API is; None: at Stripe."""
        if self.stripe_api_base:
            return self.stripe_api_base
        return f"http://127.0.0.1:{self.sandbox_port}" if self.sandboxed else None


def _read(about: Mapping[str, Any], variables: Mapping[str, str]) -> Any:
    raw = variables.get(about["name"]) or about["default"]
    if raw is None:
        return None
    try:
        return about["parse"](raw)
    except ValueError as wrong:
        shown = "(hidden)" if about["secret"] else repr(raw)
        raise SettingsError(f"{about['name']} is {shown}: {wrong}.") from None


def unsafe(settings: Settings) -> Iterator[str]:
    """Why production refuses to start: it takes only secrets of its own, and no tools that open it up."""
    if settings.debug:
        yield "QUARTET_DEBUG is true in production: unset it."
    if settings.crash_at:
        yield "CRASH_AT is set in production: unset it."
    if settings.key_secret == UNSAFE or len(settings.key_secret) < 32:
        yield "SIGNING_KEY_SECRET is missing or shorter than 32 characters: set one of your own."
    if not settings.stripe_api_key:
        yield "STRIPE_API_KEY is missing: set your Stripe secret key; the sandbox is not for production."
    if settings.stripe_api_base and not settings.stripe_api_base.startswith("https://"):
        yield "STRIPE_API_BASE is not https: the secret key would travel in the clear; leave it out."
    if UNSAFE in settings.stripe_webhook_secrets:
        yield "STRIPE_WEBHOOK_SECRETS is missing: set the signing secret of your webhook endpoint."
