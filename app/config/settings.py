"""What all modules share: each setting with its variable, default and meaning. A module has its own beside these."""

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
    """What the environment says to each module; `own` reads what it says to one alone."""

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
    redis_url: str = setting(
        "REDIS_URL",
        addresses.redis_url,
        "",
        "Redis, to count rate limits over all processes (rediss://…?ssl_ca_certs=… by TLS); empty: each for itself.",
        True,
    )
    otlp_endpoint: str = setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        addresses.http_url,
        "",
        "Receiver of traces, by OTLP over HTTP (http://127.0.0.1:4318); empty: none are recorded. Needs the extra "
        "`tracing`.",
        True,
    )

    host: str = setting("HOST", addresses.address, "127.0.0.1", "Address to listen on.")
    port: int = setting("PORT", addresses.port, "5000", "Port to listen on.")
    threads: int = setting("THREADS", kinds.positive, "4", "Threads that answer requests, in each worker.")
    workers: int = setting(
        "WORKERS", kinds.positive, "2", "Processes that answer requests; without Kafka it is one, whatever is set."
    )
    metrics_port: int | None = setting(
        "METRICS_PORT",
        addresses.port_or_none,
        None,
        "Port with nothing but /metrics; 0: none. Unset: orders alone 9000, payments 6002, catalog 8000, users 6000; "
        "for several in one process none, as their /metrics is on PORT.",
    )
    grace_seconds: int = setting(
        "GRACE_SECONDS", kinds.whole, "0", "On SIGTERM: how long /readyz says no before connections are refused."
    )
    max_body_bytes: int = setting("MAX_BODY_BYTES", kinds.positive, "262144", "Largest request body, in bytes.")
    body_seconds: int = setting("BODY_SECONDS", kinds.positive, "20", "How long a request body may take to arrive.")
    trusted_proxies: addresses.Networks = setting(
        "TRUSTED_PROXIES",
        addresses.networks,
        "",
        "Whose X-Forwarded-For is believed: addresses and networks, separated by commas (10.0.0.7,172.16.0.0/12).",
    )
    cors_origins: tuple[str, ...] = setting(
        "CORS_ORIGINS",
        addresses.origins,
        "",
        "Other origins whose pages may read our answers, separated by commas (https://shop.example.com); empty: none.",
    )
    debug: bool = setting("QUARTET_DEBUG", kinds.flag, "false", "Flask's debugger; refused in production.")
    log_level: str = setting("LOG_LEVEL", kinds.log_level, "info", "debug, info, warning or error.")

    token_issuer: str = setting("TOKEN_ISSUER", kinds.text, "quartet", "Issuer (iss) of access tokens.")
    token_audience: str = setting("TOKEN_AUDIENCE", kinds.text, "quartet", "Audience (aud) of access tokens.")
    access_token_seconds: int = setting("ACCESS_TOKEN_SECONDS", kinds.token_life, "600", "Life of an access token.")

    root_public_keys: tuple[str, ...] = setting(
        "ROOT_PUBLIC_KEYS",
        kinds.keys,
        DEVELOPMENT_ROOT,
        "Root keys, separated by commas, two while rotating: keys count where one of them signed what is said.",
    )
    limit_writes: RateLimitItem = setting("LIMIT_WRITES", kinds.limit, "300/minute", "Changes per caller.")
    limit_reads: RateLimitItem = setting("LIMIT_READS", kinds.limit, "3000/minute", "Reads per caller.")

    crash_at: str = setting(
        "CRASH_AT", kinds.text, "", "point or point@marker-file: SIGKILL ourselves there, once. For tests."
    )

    variables: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> "Settings":
        """Read every one, or raise SettingsError naming the first that is wrong, or that production refuses."""
        settings = replace(read_all(cls, variables), variables=variables)
        for why in settings.unsafe() if settings.production else ():
            raise SettingsError(why)
        return settings

    def own(self, kind: type[D]) -> D:
        """A module's. Raises SettingsError naming the first that is wrong, or that production refuses."""
        own = read_all(kind, self.variables)
        for why in own.unsafe() if self.production else ():
            raise SettingsError(why)
        return own

    def database_of(self, module: str, named: str | None) -> str:
        """Where a module's database is. Raises SettingsError where production is not told."""
        if not named and self.production:
            name = f"{module.upper()}_DATABASE_URL"
            raise SettingsError(f"{name} is missing: set it; production uses an SQLite file only if it is named here.")
        return named or f"sqlite:///{(self.data / module).absolute()}.sqlite"

    def misspelt(self, own: Iterable[Declared]) -> dict[str, str]:
        """Variables that were probably meant to be settings, each with that setting. `own`: the modules'."""
        names = {about["name"] for each in (self, *own) for about in declared(type(each))}
        return dict(misspelt(self.variables, names))

    def unsafe(self) -> Iterator[str]:
        """Why these do not do for production; each sentence begins with the variable."""
        if self.debug:
            yield "QUARTET_DEBUG is true in production: unset it."
        if self.crash_at:
            yield "CRASH_AT is set in production: unset it."
        if DEVELOPMENT_ROOT in self.root_public_keys:
            yield (
                "ROOT_PUBLIC_KEYS is missing, or has development's key, which everyone knows: make a pair with "
                "`QUARTET_ENV=development flask --app wsgi users make-root`."
            )
        yield from guessable(self)

    @property
    def production(self) -> bool:
        """Whether this is a shop that real customers use."""
        return self.environment == "production"
