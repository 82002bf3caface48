"""Every setting of the shop: typed, read once from the environment, documented here and nowhere else."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from app.config import parsers as kinds
from app.config import production as config_production
from app.config.production import DEVELOPMENT_ROOT as DEVELOPMENT_ROOT
from app.config.production import UNSAFE as UNSAFE
from app.config.reading import SettingsError as SettingsError
from app.config.reading import read, setting
from app.config.slips import slips


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
    catalog_database: str | None = setting(
        "CATALOG_DATABASE_URL", kinds.database, None, "Database of catalog (default: SQLite).", True
    )
    orders_database: str | None = setting(
        "ORDERS_DATABASE_URL", kinds.database, None, "Database of orders (default: SQLite).", True
    )
    users_database: str | None = setting(
        "USERS_DATABASE_URL", kinds.database, None, "Database of users (default: SQLite).", True
    )
    payments_database: str | None = setting(
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
        "More options of librdkafka: name=value, separated by semicolons (security.protocol=SASL_SSL;…); "
        r"in a value, \; is a semicolon.",
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
    elasticsearch_api_key: str = setting(
        "ELASTICSEARCH_API_KEY", kinds.text, "", "Encoded API key for Elasticsearch, in the place of a password.", True
    )
    elasticsearch_authority: str = setting(
        "ELASTICSEARCH_CA_FILE", kinds.text, "", "Certificates (PEM) that sign Elasticsearch's; empty: the system's."
    )
    search_index: str = setting(
        "ELASTICSEARCH_INDEX", kinds.index_name, "quartet-products", "Alias of the products' search index."
    )
    redis_url: str = setting(
        "REDIS_URL",
        kinds.redis_url,
        "",
        "Redis, to count rate limits over all processes (rediss://…?ssl_ca_certs=… by TLS); empty: each for itself.",
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
    body_seconds: int = setting("BODY_SECONDS", kinds.positive, "20", "How long a request body may take to arrive.")
    trusted_proxies: kinds.Networks = setting(
        "TRUSTED_PROXIES",
        kinds.networks,
        "",
        "Whose X-Forwarded-For is believed: addresses and networks, separated by commas (10.0.0.7,172.16.0.0/12).",
    )
    cors_origins: tuple[str, ...] = setting(
        "CORS_ORIGINS",
        kinds.origins,
        "",
        "Other origins whose pages may read our answers, separated by commas (https://shop.example.com); empty: none.",
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

    root_public_keys: tuple[str, ...] = setting(
        "ROOT_PUBLIC_KEYS",
        kinds.keys,
        DEVELOPMENT_ROOT,
        "Root keys, separated by commas, two while rotating: keys count where one of them signed what is said.",
    )
    root_private_key: str = setting(
        "ROOT_PRIVATE_KEY",
        kinds.key_or_none,
        "",
        "For users alone: the private half of a root key, by `flask users make-root`.",
        True,
    )
    root_private_key_file: str = setting(
        "ROOT_PRIVATE_KEY_FILE", kinds.text, "", "For users alone: a file with it instead."
    )

    stripe_api_key: str = setting(
        "STRIPE_API_KEY",
        kinds.stripe_key,
        "",
        "Stripe's secret key; empty: `flask serve` starts our own sandbox.",
        True,
    )
    stripe_test_mode: bool = setting(
        "STRIPE_TEST_MODE", kinds.allowed, "", "allowed: production takes a key of test mode, and no money moves."
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
        kinds.http_url,
        "",
        "Another address for Stripe's API (default: Stripe, or the sandbox's port).",
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

    max_open_orders: int = setting(
        "MAX_OPEN_ORDERS", kinds.positive, "10", "Unpaid orders that a customer may have at once."
    )
    max_held_units: int = setting(
        "MAX_HELD_UNITS", kinds.positive, "2000", "Units in the unpaid orders of a customer, all articles together."
    )

    limit_login: str = setting(
        "LIMIT_LOGIN",
        kinds.text,
        "10/minute",
        "Sign-ins per account and address, per address times three; a device that was signed in has its own.",
    )
    limit_wrong_passwords: str = setting(
        "LIMIT_WRONG_PASSWORDS",
        kinds.text,
        "100/hour",
        "Wrong passwords per account, from one address a third of it; a device that was signed in has its own.",
    )
    limit_registration: str = setting("LIMIT_REGISTRATION", kinds.text, "20/hour", "Registrations per address.")
    limit_confirm: str = setting(
        "LIMIT_CONFIRM", kinds.text, "30/hour", "Attempts to pay per customer and per payment, per address times ten."
    )
    limit_orders: str = setting("LIMIT_ORDERS", kinds.text, "200/hour", "Orders placed per address.")
    limit_units: str = setting(
        "LIMIT_UNITS", kinds.text, "5000/hour", "Units ordered per address; no order can have more."
    )
    limit_writes: str = setting("LIMIT_WRITES", kinds.text, "300/minute", "Changes per caller.")
    limit_reads: str = setting("LIMIT_READS", kinds.text, "3000/minute", "Reads per caller.")

    crash_at: str = setting(
        "CRASH_AT", kinds.text, "", "point or point@marker-file: SIGKILL ourselves there, once. For tests."
    )

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> "Settings":
        """Read every setting, or raise SettingsError naming the first that is wrong."""
        values = {each.name: read(each.metadata, variables) for each in fields(cls)}
        values["sandbox_port"] = values["sandbox_port"] or values["port"] % 65535 + 1
        settings = cls(**values)
        if settings.stripe_livemode and not settings.production:
            raise SettingsError(
                "STRIPE_API_KEY is of live mode without QUARTET_ENV=production: set a key of test mode."
            )
        for why in (*_misspelt(variables), *settings.unsafe()) if settings.production else ():
            raise SettingsError(why)
        return settings

    def database_of(self, module: str) -> str:
        """Where a module's database is. Raises SettingsError where production is not told."""
        name, asked = f"{module.upper()}_DATABASE_URL", str(getattr(self, f"{module}_database") or "")
        if not asked and self.production:
            raise SettingsError(f"{name} is missing: set it; production uses an SQLite file only if it is named here.")
        return asked or f"sqlite:///{(self.data / module).absolute()}.sqlite"

    def unsafe(self) -> Iterator[str]:
        """Why these do not do for production; each sentence begins with the variable."""
        return config_production.unsafe({each.metadata["name"]: getattr(self, each.name) for each in fields(self)})

    @property
    def production(self) -> bool:
        """Whether this is a shop that real customers use."""
        return self.environment == "production"

    @property
    def sandboxed(self) -> bool:
        """Whether payments go to our own Stripe sandbox."""
        return not self.stripe_api_key

    @property
    def stripe_livemode(self) -> bool:
        """Whether real money moves."""
        return "_live_" in self.stripe_api_key

    @property
    def stripe_base(self) -> str | None:
        """Where Stripe's API is; None: at Stripe."""
        if self.stripe_api_base:
            return self.stripe_api_base
        return f"http://127.0.0.1:{self.sandbox_port}" if self.sandboxed else None


NAMES = frozenset(each.metadata["name"] for each in fields(Settings))


def _misspelt(variables: Mapping[str, str]) -> Iterator[str]:
    for name, meant in slips(variables, NAMES):
        yield f"{name} is set, and is no setting: rename it to {meant}, or unset it."
