"""Settings: a wrong one stops the start with a sentence that names it; production takes no defaults for secrets."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from app.background import SESSIONS_KEPT
from app.config import UNSAFE, Settings, SettingsError

SAFE = {
    "QUARTET_ENV": "production",
    "SIGNING_KEY_SECRET": "k" * 32,
    "STRIPE_API_KEY": "sk_live_51",
    "STRIPE_WEBHOOK_SECRETS": "whsec_1",
}


def read(**variables: str) -> Settings:
    """The settings of an environment with nothing else in it."""
    return Settings.from_environment(variables)


def sentence(**variables: str) -> str:
    """Why these are refused."""
    with pytest.raises(SettingsError) as refused:
        read(**variables)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "wrong", "advice"),
    [
        ("QUARTET_ENV", "prod", "give development or production"),
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
        ("REFRESH_TOKEN_DAYS", "3651", "give days, from 1 to 3650"),
        ("SIGNING_KEY_SPREAD_SECONDS", str(2**31), "give a whole number up to"),
        ("ORDER_DEADLINE_SECONDS", "99999999999999", "give a whole number up to"),
        ("REFRESH_TOKEN_DAYS", "-30", "give a whole number"),
        ("SIGNING_KEY_SPREAD_SECONDS", "soon", "give a whole number"),
        ("STRIPE_TIMEOUT_SECONDS", "0", "give seconds, from 1 to 25"),
        ("STRIPE_TIMEOUT_SECONDS", "26", "give seconds, from 1 to 25"),
        ("SANDBOX_PORT", "x", "give a whole number"),
        ("SANDBOX_PORT", "70000", "give a port from 1 to 65535"),
        ("ORDER_DEADLINE_SECONDS", "1e3", "give a whole number"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(name: str, wrong: str, advice: str) -> None:
    said = sentence(**{name: wrong})

    assert said.startswith(f"{name} is {wrong!r}: {advice}")
    assert said.endswith(".")


def test_secrets_that_are_only_commas_are_none() -> None:
    assert sentence(STRIPE_WEBHOOK_SECRETS=" , ").startswith("STRIPE_WEBHOOK_SECRETS is (hidden): give one secret")


def test_a_sign_in_is_remembered_as_over_longer_than_the_longest_token_lives() -> None:
    longest = read(ACCESS_TOKEN_SECONDS="86400").access_token_seconds

    assert timedelta(seconds=longest) <= SESSIONS_KEPT


@pytest.mark.parametrize("name", ["CATALOG", "ORDERS", "USERS", "PAYMENTS"])
@pytest.mark.parametrize(
    "wrong",
    [
        "mysql://root@localhost/shop",
        "shop.sqlite",
        "postgresql+asyncpg://u@h/d",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
    ],
)
def test_a_wrong_database_is_named_with_what_to_do(name: str, wrong: str) -> None:
    said = sentence(**{f"{name}_DATABASE_URL": wrong})

    assert said.startswith(f"{name}_DATABASE_URL is (hidden): give sqlite:///path or postgresql+psycopg2://")


def test_without_any_variable_it_is_a_shop_for_development() -> None:
    settings = read()

    assert not settings.production
    assert settings.sandboxed
    assert (settings.host, settings.port, settings.sandbox_port) == ("127.0.0.1", 5000, 5001)
    assert settings.orders_database == f"sqlite:///{Path('var/orders').absolute()}.sqlite"
    assert settings.stripe_base == "http://127.0.0.1:5001"


def test_every_module_has_a_database_of_its_own(tmp_path: Path) -> None:
    settings = read(QUARTET_DATA=str(tmp_path), USERS_DATABASE_URL="postgres://u:p@h:5/users")

    urls = [getattr(settings, f"{name}_database") for name in ("catalog", "orders", "users", "payments")]
    assert len(set(urls)) == 4
    assert settings.users_database == "postgresql+psycopg2://u:p@h:5/users"
    assert settings.orders_database == f"sqlite:///{tmp_path}/orders.sqlite"


def test_an_empty_variable_counts_as_missing() -> None:
    assert read(PORT="", LOG_LEVEL="", STRIPE_API_KEY="") == read()


def test_values_are_typed() -> None:
    settings = read(PORT="5077", QUARTET_DEBUG="TRUE", LOG_LEVEL="warning", TRUSTED_PROXIES=" 10.0.0.1, 10.0.0.2,")

    assert settings.port == 5077
    assert settings.debug is True
    assert settings.log_level == "WARNING"
    assert settings.trusted_proxies == ("10.0.0.1", "10.0.0.2")


def test_the_last_port_leaves_the_sandbox_another() -> None:
    assert read(PORT="65535").sandbox_port == 1


def test_production_starts_with_secrets_of_its_own() -> None:
    settings = read(**SAFE)

    assert settings.production
    assert not settings.sandboxed
    assert settings.stripe_base is None


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"SIGNING_KEY_SECRET": ""}, "SIGNING_KEY_SECRET"),
        ({"SIGNING_KEY_SECRET": UNSAFE}, "SIGNING_KEY_SECRET"),
        ({"SIGNING_KEY_SECRET": "k" * 31}, "SIGNING_KEY_SECRET"),
        ({"SIGNING_KEY_SECRET": " " * 40}, "SIGNING_KEY_SECRET"),
        ({"STRIPE_API_KEY": ""}, "STRIPE_API_KEY"),
        ({"STRIPE_API_KEY": "  "}, "STRIPE_API_KEY"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:12121"}, "STRIPE_API_BASE"),
        ({"STRIPE_WEBHOOK_SECRETS": ""}, "STRIPE_WEBHOOK_SECRETS"),
        ({"STRIPE_WEBHOOK_SECRETS": UNSAFE}, "STRIPE_WEBHOOK_SECRETS"),
        ({"STRIPE_WEBHOOK_SECRETS": f"whsec_1,{UNSAFE}"}, "STRIPE_WEBHOOK_SECRETS"),
        ({"STRIPE_WEBHOOK_SECRETS": " , "}, "STRIPE_WEBHOOK_SECRETS"),
        ({"QUARTET_DEBUG": "true"}, "QUARTET_DEBUG"),
        ({"CRASH_AT": "after_commit"}, "CRASH_AT"),
    ],
)
def test_production_refuses_what_would_open_it_up(changes: dict[str, str], name: str) -> None:
    said = sentence(**SAFE | changes)

    assert said.startswith(name)
    assert ":" in said
    assert "k" * 31 not in said


def test_development_does_not_mind() -> None:
    assert read(QUARTET_DEBUG="true", CRASH_AT="after_commit").debug


SECRET = "sk_live_do_not_show_me_0123456789abcdef"


def test_a_secret_is_never_shown() -> None:
    url = f"postgresql+psycopg2://shop:{SECRET}@db:5432/orders"
    secrets = {"SIGNING_KEY_SECRET": SECRET, "STRIPE_API_KEY": SECRET, "STRIPE_WEBHOOK_SECRETS": SECRET}

    settings = read(**secrets, ORDERS_DATABASE_URL=url)

    assert settings.stripe_api_key == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)
    assert SECRET not in f"{settings!r}"
    assert "port=5000" in repr(settings), "all else is"


def test_the_password_of_a_wrong_database_address_is_not_shown() -> None:
    said = sentence(ORDERS_DATABASE_URL=f"mysql://shop:{SECRET}@db/orders")

    assert said.startswith("ORDERS_DATABASE_URL is (hidden)")
    assert SECRET not in said


def test_every_setting_has_a_variable_and_a_meaning() -> None:
    names = [each.metadata["name"] for each in fields(Settings)]

    assert len(names) == len(set(names))
    for each in fields(Settings):
        assert each.metadata["name"] == each.metadata["name"].upper()
        assert each.metadata["doc"].endswith("."), each.name
