"""Settings: a wrong one stops the start with a sentence that names it; production has no defaults for secrets."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.config.production import DEVELOPMENT_ROOT
from app.config.reading import SettingsError, declared
from app.config.settings import Settings
from app.runtime.background import SESSION_RETENTION
from tests.production import MODULES, PRODUCTION

SAFE = PRODUCTION
OWN_ROOT = SAFE["ROOT_PUBLIC_KEYS"]


def read(**variables: str) -> Settings:
    """The settings of an environment with only these variables."""
    return Settings.from_environment(variables)


def sentence(**variables: str) -> str:
    """The message with which these settings are refused."""
    with pytest.raises(SettingsError) as refused:
        read(**variables)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "wrong", "advice"),
    [
        ("QUARTET_ENV", "prod", "give development or production"),
        ("ROOT_PUBLIC_KEYS", "abc", "give the base64 of 32 bytes"),
        ("ROOT_PUBLIC_KEYS", f"{OWN_ROOT},{'é' * 44}", "give the base64 of 32 bytes"),
        ("ROOT_PUBLIC_KEYS", " , ", "give one key or more"),
        ("QUARTET_ENV", "Production", "give development or production"),
        ("PORT", "0", "give a port from 1 to 65535"),
        ("PORT", "65536", "give a port from 1 to 65535"),
        ("PORT", "http", "give a whole number"),
        ("PORT", "-1", "give a whole number"),
        ("PORT", "5000.0", "give a whole number"),
        ("PORT", "5²", "give a whole number"),
        ("THREADS", "0", "give a whole number above zero"),
        ("THREADS", "four", "give a whole number"),
        ("MAX_BODY_BYTES", "256k", "give a whole number"),
        ("QUARTET_DEBUG", "yes", "give true or false"),
        ("LOG_LEVEL", "loud", "give debug, info, warning or error"),
        ("HOST", "localhost", "give an IP address"),
        ("THREADS", "9" * 5000, "give a whole number up to"),
        ("ACCESS_TOKEN_SECONDS", "0", "give seconds, from 1 to 86400"),
        ("ACCESS_TOKEN_SECONDS", "86401", "give seconds, from 1 to 86400"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(name: str, wrong: str, advice: str) -> None:
    published = sentence(**{name: wrong})

    assert published.startswith(f"{name} is {wrong!r}: {advice}")
    assert published.endswith(".")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka:99999"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka:0"),
        ("KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:"),
        ("KAFKA_BOOTSTRAP_SERVERS", "http://kafka:9092"),
        ("KAFKA_BOOTSTRAP_SERVERS", "a b:9092"),
        ("REDIS_URL", "redis://redis:x/0"),
        ("REDIS_URL", "http://redis:6379"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1:4318"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "gateway"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(name: str, wrong: str) -> None:
    assert sentence(**{name: wrong}).startswith(f"{name} is ")


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka_1:9092,[::1]:9092,10.0.0.1:9092"),
        ("REDIS_URL", "rediss://:p%40ss@[::1]:6379/0"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8,::1"),
    ],
)
def test_an_address_that_can_be_one_is_taken(name: str, right: str) -> None:
    read(**{name: right})


def test_an_ended_session_is_stored_longer_than_the_longest_token_lives() -> None:
    max_life = read(ACCESS_TOKEN_SECONDS="86400").access_token_seconds

    assert timedelta(seconds=max_life) <= SESSION_RETENTION


def test_without_any_variable_it_is_a_shop_for_development() -> None:
    settings = read()

    assert not settings.production
    assert (settings.host, settings.port) == ("127.0.0.1", 5000)
    assert settings.database_of("orders", None) == f"sqlite:///{Path('var/orders').absolute()}.sqlite"


def test_every_module_has_a_database_of_its_own(tmp_path: Path) -> None:
    settings = read(QUARTET_DATA=str(tmp_path))

    urls = [settings.database_of(name, None) for name in MODULES]
    assert len(set(urls)) == 4
    assert settings.database_of("users", "postgresql+psycopg2://u:p@h:5/users").startswith("postgresql")
    assert settings.database_of("orders", None) == f"sqlite:///{tmp_path}/orders.sqlite"


def test_an_empty_variable_counts_as_missing() -> None:
    assert read(PORT="", LOG_LEVEL="") == read()


def test_values_are_typed() -> None:
    settings = read(PORT="5077", QUARTET_DEBUG="TRUE", LOG_LEVEL="warning", TRUSTED_PROXIES=" 10.0.0.1, 10.1.0.0/16,")

    assert settings.port == 5077
    assert settings.debug is True
    assert settings.log_level == "WARNING"
    assert [str(each) for each in settings.trusted_proxies] == ["10.0.0.1/32", "10.1.0.0/16"]


def test_production_starts_with_secrets_of_its_own() -> None:
    assert read(**SAFE).production


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"ROOT_PUBLIC_KEYS": ""}, "ROOT_PUBLIC_KEYS is missing"),
        ({"ROOT_PUBLIC_KEYS": DEVELOPMENT_ROOT}, "ROOT_PUBLIC_KEYS is missing"),
        ({"ROOT_PUBLIC_KEYS": f"{OWN_ROOT},{DEVELOPMENT_ROOT.rstrip('=')}"}, "ROOT_PUBLIC_KEYS is missing"),
        ({"QUARTET_DEBUG": "true"}, "QUARTET_DEBUG"),
        ({"CRASH_AT": "after_commit"}, "CRASH_AT"),
        ({"REDIS_URL": "redis://default:default@redis:6379/0"}, "REDIS_URL has a password"),
        ({"REDIS_URL": "rediss://:redis@redis:6379/0"}, "REDIS_URL has a password"),
        ({"KAFKA_OPTIONS": "sasl.username=orders;sasl.password=orders"}, "KAFKA_OPTIONS has a password"),
    ],
)
def test_production_refuses_what_would_open_it_up(changes: dict[str, str], begins: str) -> None:
    published = sentence(**SAFE | changes)

    assert published.startswith(begins)
    assert ":" in published
    assert not [value for value in changes.values() if len(value) > 15 and value in published]


@pytest.mark.parametrize("module", MODULES)
def test_production_makes_no_database_that_was_not_asked_for(module: str, tmp_path: Path) -> None:
    variable = f"{module.upper()}_DATABASE_URL"
    file = f"sqlite:///{tmp_path}/{module}.sqlite"

    with pytest.raises(SettingsError) as refused:
        read(**SAFE, QUARTET_DATA=str(tmp_path)).database_of(module, None)

    assert str(refused.value).startswith(f"{variable} is missing: set it")
    assert read(**SAFE, QUARTET_DATA=str(tmp_path)).database_of(module, file) == file


def test_development_does_not_mind() -> None:
    assert read(QUARTET_DEBUG="true", CRASH_AT="after_commit").debug


def test_every_setting_has_a_variable_and_a_meaning() -> None:
    names = [about["name"] for about in declared(Settings)]

    assert len(names) == len(set(names)) > 25
    for about in declared(Settings):
        assert about["name"] == about["name"].upper()
        assert about["doc"].endswith("."), about["name"]
