"""The settings that all modules share, each with its variable, default and description. Modules add their own."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from limits import RateLimitItem

from app.config import addresses
from app.config import parsers as kinds
from app.config.misspelt import misspelt
from app.config.production import DEVELOPMENT_ROOT, guessable
from app.config.reading import Declared, SettingsError, declared, read_all, setting

D = TypeVar("D", bound=Declared)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The shared settings. `own` reads those of one module."""

    environment: str = setting(
        "QUARTET_ENV",
        kinds.environment,
        "development",
        "production refuses default secrets, missing secrets and debug.",
    )
    data: Path = setting("QUARTET_DATA", Path, "var", "Folder for SQLite files, the search index and the lock.")

    kafka_servers: str = setting(
        "KAFKA_BOOTSTRAP_SERVERS",
        addresses.servers,
        "",
        "Kafka brokers, as host:port, separated by commas; empty: the bus is within one process.",
    )
    kafka_options: Mapping[str, str] = setting(
        "KAFKA_OPTIONS",
        kinds.pairs,
        "",
        "More options of librdkafka: name=value, separated by semicolons (security.protocol=SASL_SSL;…); "
        r"write \; for a semicolon in a value.",
        True,
    )
    topic_prefix: str = setting("KAFKA_TOPIC_PREFIX", kinds.topic_prefix, "", "Prefix of the name of every topic.")
    topic_partitions: int = setting(
        "KAFKA_PARTITIONS", kinds.positive, "6", "Partitions of a new topic; they never change afterwards."
    )
    topic_replicas: int = setting("KAFKA_REPLICAS", kinds.positive, "1", "Replicas of a new topic.")
    topic_days: int = setting(
        "KAFKA_RETENTION_DAYS",
        kinds.retention,
        "7",
        "Days for which a topic retains events; fewer than the 30 of the inbox.",
    )
    redis_url: str = setting(
        "REDIS_URL",
        addresses.redis_url,
        "",
        "Redis, which counts rate limits for all processes together (TLS: rediss://…?ssl_ca_certs=…); empty: each "
        "process counts for itself.",
        True,
    )
    otlp_endpoint: str = setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        addresses.http_url,
        "",
        "Receiver of traces, by OTLP over HTTP (http://127.0.0.1:4318); empty: no traces are recorded. Requires the "
        "extra `tracing`.",
        True,
    )

    host: str = setting("HOST", addresses.address, "127.0.0.1", "Address to listen on.")
    port: int = setting("PORT", addresses.port, "5000", "Port to listen on.")
    threads: int = setting(
        "THREADS",
        kinds.positive,
        "1",
        "Requests that run at a time in each worker, and up to three more while they are slow; 4 where the databases "
        "are far away.",
    )
    workers: int = setting(
        "WORKERS", kinds.positive, "2", "Worker processes that answer requests; without Kafka always one."
    )
    metrics_port: int | None = setting(
        "METRICS_PORT",
        addresses.port_or_none,
        None,
        "Port that serves only /metrics; 0: none. Default where a process hosts one module: orders 9000, payments "
        "6002, catalog 8000, users 6000. Default where it hosts several: none, as /metrics is on PORT.",
    )
    grace_seconds: int = setting(
        "GRACE_SECONDS",
        kinds.whole,
        "0",
        "Seconds after SIGTERM during which /readyz fails but requests are still accepted.",
    )
    max_body_bytes: int = setting("MAX_BODY_BYTES", kinds.positive, "262144", "Largest request body, in bytes.")
    body_seconds: int = setting("BODY_SECONDS", kinds.positive, "20", "Seconds that a request body may take to arrive.")
    trusted_proxies: addresses.Networks = setting(
        "TRUSTED_PROXIES",
        addresses.networks,
        "",
        "Proxies whose X-Forwarded-For is trusted: addresses and networks, separated by commas "
        "(10.0.0.7,172.16.0.0/12).",
    )
    cors_origins: tuple[str, ...] = setting(
        "CORS_ORIGINS",
        addresses.origins,
        "",
        "Other origins whose pages may read our responses, separated by commas (https://shop.example.com); empty: "
        "none.",
    )
    desk: bool | None = setting(
        "DESK", kinds.switch, None, "The pages for staff at /desk (default: on in development, off in production)."
    )
    storefront: bool | None = setting(
        "STOREFRONT", kinds.switch, None, "The shop window at / (default: on in development, off in production)."
    )
    stripe_publishable_key: str = setting(
        "STRIPE_PUBLISHABLE_KEY",
        kinds.publishable_key,
        "",
        "Stripe's publishable key, with which the shop window shows Stripe's fields; empty: buttons of test cards, in "
        "development only.",
    )
    media_origins: tuple[str, ...] = setting(
        "MEDIA_ORIGINS",
        addresses.origins,
        "",
        "Origins on which media of products must be, separated by commas; empty: any, but pages show no media.",
    )
    debug: bool = setting("QUARTET_DEBUG", kinds.flag, "false", "Flask's debugger; refused in production.")
    log_level: str = setting("LOG_LEVEL", kinds.log_level, "info", "debug, info, warning or error.")

    token_issuer: str = setting("TOKEN_ISSUER", kinds.text, "quartet", "Issuer (iss) of access tokens.")
    token_audience: str = setting("TOKEN_AUDIENCE", kinds.text, "quartet", "Audience (aud) of access tokens.")
    access_token_seconds: int = setting(
        "ACCESS_TOKEN_SECONDS", kinds.token_life, "600", "Lifetime of an access token, in seconds."
    )

    root_public_keys: tuple[str, ...] = setting(
        "ROOT_PUBLIC_KEYS",
        kinds.keys,
        DEVELOPMENT_ROOT,
        "Public root keys, separated by commas (two during a rotation): a signing key of tokens is trusted if one of "
        "them has signed it.",
    )
    limit_writes: RateLimitItem = setting("LIMIT_WRITES", kinds.limit, "300/minute", "Changes per caller.")
    limit_reads: RateLimitItem = setting("LIMIT_READS", kinds.limit, "3000/minute", "Reads per caller.")

    crash_at: str = setting(
        "CRASH_AT",
        kinds.text,
        "",
        "point or point@marker-file, separated by commas: the process kills itself at these crash points. It does not "
        "while the marker file exists, which it creates when it dies. For tests.",
    )

    variables: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> "Settings":
        """Read all. Raises SettingsError, which names the first that is wrong or that production refuses."""
        settings = replace(read_all(cls, variables), variables=variables)
        for why in settings.unsafe() if settings.production else ():
            raise SettingsError(why)
        return settings

    @property
    def has_desk(self) -> bool:
        """Whether the pages for staff are served."""
        return not self.production if self.desk is None else self.desk

    def own(self, kind: type[D]) -> D:
        """Read those of a module. Raises SettingsError, which names the first that is wrong or refused."""
        own = read_all(kind, self.variables)
        for why in own.unsafe() if self.production else ():
            raise SettingsError(why)
        return own

    def database_of(self, module: str, named: str | None) -> str:
        """The URL of a module's database: `named`, or an SQLite file in `data`.

        Raises SettingsError in production where it is not named.
        """
        if not named and self.production:
            name = f"{module.upper()}_DATABASE_URL"
            raise SettingsError(f"{name} is missing: set it; production uses an SQLite file only if this names it.")
        return named or f"sqlite:///{(self.data / module).absolute()}.sqlite"

    def misspelt(self, own: Iterable[Declared]) -> dict[str, str]:
        """Misspelt variables, each with the setting that was probably meant. `own`: settings of the modules."""
        names = {about["name"] for each in (self, *own) for about in declared(type(each))}
        return dict(misspelt(self.variables, names))

    def unsafe(self) -> Iterator[str]:
        if self.debug:
            yield "QUARTET_DEBUG is true in production: unset it."
        if self.crash_at:
            yield "CRASH_AT is set in production: unset it."
        if DEVELOPMENT_ROOT in self.root_public_keys:
            yield (
                "ROOT_PUBLIC_KEYS is missing, or has the published key of development: make a key pair with "
                "`QUARTET_ENV=development flask --app wsgi users make-root`."
            )
        yield from guessable(self)

    @property
    def has_storefront(self) -> bool:
        """Whether this process serves the shop window."""
        return not self.production if self.storefront is None else self.storefront

    @property
    def production(self) -> bool:
        return self.environment == "production"
