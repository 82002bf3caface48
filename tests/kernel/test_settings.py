"""Settings: a wrong one stops the start with a sentence that names it; production takes no defaults for secrets."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from app.config.settings import DEVELOPMENT_ROOT, UNSAFE, Settings, SettingsError
from app.runtime.background import SESSIONS_KEPT
from tests.production import MODULES, PRODUCTION

SAFE = PRODUCTION
KEY, OWN_ROOT = SAFE["SIGNING_KEY_SECRET"], SAFE["ROOT_PUBLIC_KEYS"]


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


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka:99999"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka:0"),
        ("KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:"),
        ("KAFKA_BOOTSTRAP_SERVERS", "http://kafka:9092"),
        ("KAFKA_BOOTSTRAP_SERVERS", "a b:9092"),
        ("ELASTICSEARCH_URL", "http://search:port"),
        ("ELASTICSEARCH_URL", "http://search:99999"),
        ("ELASTICSEARCH_URL", "search:9200"),
        ("ELASTICSEARCH_URL", "http://:9200"),
        ("REDIS_URL", "redis://redis:x/0"),
        ("REDIS_URL", "http://redis:6379"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1:4318"),
        ("STRIPE_API_BASE", "stripe"),
        ("STRIPE_API_BASE", "https://"),
        ("STRIPE_API_BASE", "https://a b"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "gateway"),
        ("ORDERS_DATABASE_URL", "postgresql://u:p@h:99999/d"),
        ("ORDERS_DATABASE_URL", "postgresql://u:p@h:x/d"),
        ("ORDERS_DATABASE_URL", "postgresql://u:p@h"),
        ("ORDERS_DATABASE_URL", "postgresql://"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(name: str, wrong: str) -> None:
    assert sentence(**{name: wrong}).startswith(f"{name} is ")


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka_1:9092,[::1]:9092,10.0.0.1:9092"),
        ("ELASTICSEARCH_URL", "https://u:p@search.example.com/below"),
        ("REDIS_URL", "rediss://:p%40ss@[::1]:6379/0"),
        ("ORDERS_DATABASE_URL", "postgresql+psycopg2://u:p@h/d?sslmode=verify-full&sslrootcert=/ca.pem"),
        ("ORDERS_DATABASE_URL", "postgresql+psycopg2:///d?host=/run/postgresql&user=u"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8,::1"),
    ],
)
def test_an_address_that_can_be_one_is_taken(name: str, right: str) -> None:
    read(**{name: right})


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
    assert settings.database_of("orders") == f"sqlite:///{Path('var/orders').absolute()}.sqlite"
    assert settings.stripe_base == "http://127.0.0.1:5001"


def test_every_module_has_a_database_of_its_own(tmp_path: Path) -> None:
    settings = read(QUARTET_DATA=str(tmp_path), USERS_DATABASE_URL="postgres://u:p@h:5/users")

    urls = [settings.database_of(name) for name in ("catalog", "orders", "users", "payments")]
    assert len(set(urls)) == 4
    assert settings.database_of("users") == "postgresql+psycopg2://u:p@h:5/users"
    assert settings.database_of("orders") == f"sqlite:///{tmp_path}/orders.sqlite"


def test_an_empty_variable_counts_as_missing() -> None:
    assert read(PORT="", LOG_LEVEL="", STRIPE_API_KEY="") == read()


def test_values_are_typed() -> None:
    settings = read(PORT="5077", QUARTET_DEBUG="TRUE", LOG_LEVEL="warning", TRUSTED_PROXIES=" 10.0.0.1, 10.1.0.0/16,")

    assert settings.port == 5077
    assert settings.debug is True
    assert settings.log_level == "WARNING"
    assert [str(each) for each in settings.trusted_proxies] == ["10.0.0.1/32", "10.1.0.0/16"]


def test_the_last_port_leaves_the_sandbox_another() -> None:
    assert read(PORT="65535").sandbox_port == 1


def test_production_starts_with_secrets_of_its_own() -> None:
    settings = read(**SAFE)

    assert settings.production
    assert not settings.sandboxed
    assert settings.stripe_base is None


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"SIGNING_KEY_SECRET": ""}, "SIGNING_KEY_SECRET is missing"),
        ({"SIGNING_KEY_SECRET": UNSAFE}, "SIGNING_KEY_SECRET is missing"),
        ({"SIGNING_KEY_SECRET": KEY[:31]}, "SIGNING_KEY_SECRET is shorter than 32"),
        ({"SIGNING_KEY_SECRET": KEY[:31] + " "}, "SIGNING_KEY_SECRET is shorter than 32"),
        ({"SIGNING_KEY_SECRET": " " * 40}, "SIGNING_KEY_SECRET is missing"),
        ({"SIGNING_KEY_SECRET": "k" * 40}, "SIGNING_KEY_SECRET has fewer than 10 different"),
        ({"SIGNING_KEY_SECRET": "123456789" * 5}, "SIGNING_KEY_SECRET has fewer than 10 different"),
        ({"SIGNING_KEY_SECRET": "0123456789abcdef" * 2}, "SIGNING_KEY_SECRET is known"),
        ({"SIGNING_KEY_SECRET": "please-CHANGE-ME-before-production"}, "SIGNING_KEY_SECRET is known"),
        ({"STRIPE_API_KEY": ""}, "STRIPE_API_KEY is missing"),
        ({"STRIPE_API_KEY": "  "}, "STRIPE_API_KEY is missing"),
        ({"STRIPE_API_KEY": "sk_live_51"}, "STRIPE_API_KEY is shorter"),
        ({"STRIPE_API_KEY": SAFE["STRIPE_API_KEY"].replace("live", "test")}, "STRIPE_API_KEY is of test mode"),
        ({"STRIPE_API_KEY": SAFE["STRIPE_API_KEY"].replace("sk_live", "rk_test")}, "STRIPE_API_KEY is of test mode"),
        (
            {"STRIPE_API_KEY": "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "STRIPE_TEST_MODE": "allowed"},
            "STRIPE_API_KEY is kno",
        ),
        ({"STRIPE_API_BASE": "http://127.0.0.1:12121"}, "STRIPE_API_BASE is not https"),
        ({"STRIPE_WEBHOOK_SECRETS": ""}, "STRIPE_WEBHOOK_SECRETS is missing"),
        ({"STRIPE_WEBHOOK_SECRETS": UNSAFE}, "STRIPE_WEBHOOK_SECRETS is missing"),
        ({"STRIPE_WEBHOOK_SECRETS": "whsec_1"}, "STRIPE_WEBHOOK_SECRETS is shorter"),
        ({"STRIPE_WEBHOOK_SECRETS": f"{SAFE['STRIPE_WEBHOOK_SECRETS']},{UNSAFE}"}, "STRIPE_WEBHOOK_SECRETS is missing"),
        ({"STRIPE_WEBHOOK_SECRETS": " , "}, "STRIPE_WEBHOOK_SECRETS is (hidden)"),
        ({"ROOT_PUBLIC_KEYS": ""}, "ROOT_PUBLIC_KEYS is missing"),
        ({"ROOT_PUBLIC_KEYS": DEVELOPMENT_ROOT}, "ROOT_PUBLIC_KEYS is missing"),
        ({"ROOT_PUBLIC_KEYS": f"{OWN_ROOT},{DEVELOPMENT_ROOT.rstrip('=')}"}, "ROOT_PUBLIC_KEYS is missing"),
        ({"QUARTET_DEBUG": "true"}, "QUARTET_DEBUG"),
        ({"CRASH_AT": "after_commit"}, "CRASH_AT"),
        (
            {"ORDERS_DATABASE_URL": "postgresql+psycopg2://orders:orders@db/orders"},
            "ORDERS_DATABASE_URL has a password",
        ),
        ({"USERS_DATABASE_URL": "postgres://Users:users@db/users"}, "USERS_DATABASE_URL has a password"),
        ({"USERS_DATABASE_URL": "postgres:///u?host=/run&user=u&password=u"}, "USERS_DATABASE_URL has a password"),
        ({"CATALOG_DATABASE_URL": "postgres://shop:p%6Fstgres@db/users"}, "CATALOG_DATABASE_URL has a password"),
        ({"REDIS_URL": "redis://default:default@redis:6379/0"}, "REDIS_URL has a password"),
        ({"REDIS_URL": "rediss://:redis@redis:6379/0"}, "REDIS_URL has a password"),
        ({"ELASTICSEARCH_URL": "https://elastic:changeme@search:9200"}, "ELASTICSEARCH_URL has a password"),
        ({"KAFKA_OPTIONS": "sasl.username=orders;sasl.password=orders"}, "KAFKA_OPTIONS has a password"),
        (
            {"KAFKA_BOOTSTRAP": "kafka:9092"},
            "KAFKA_BOOTSTRAP is set, and is no setting: rename it to KAFKA_BOOTSTRAP_S",
        ),
    ],
)
def test_production_refuses_what_would_open_it_up(changes: dict[str, str], begins: str) -> None:
    said = sentence(**SAFE | changes)

    assert said.startswith(begins)
    assert ":" in said
    assert not [value for value in changes.values() if len(value) > 15 and value in said]


def test_production_may_be_allowed_to_move_no_money() -> None:
    key = SAFE["STRIPE_API_KEY"].replace("live", "test")

    settings = read(**SAFE | {"STRIPE_API_KEY": key, "STRIPE_TEST_MODE": "allowed"})

    assert not settings.stripe_livemode


@pytest.mark.parametrize("kind", ["sk", "rk"])
def test_which_mode_a_key_is_of_is_told_by_its_beginning(kind: str) -> None:
    key = SAFE["STRIPE_API_KEY"].replace("sk_", f"{kind}_")

    assert read(**SAFE | {"STRIPE_API_KEY": key}).stripe_livemode
    assert not read(STRIPE_API_KEY=f"{kind}_test_x").stripe_livemode


@pytest.mark.parametrize("key", ["pk_test_x", "pk_live_x", "whsec_x", "sk_x", "sk_prod_x", "SK_LIVE_x", "x sk_live_x"])
def test_what_is_no_secret_key_of_stripes_is_refused_everywhere(key: str) -> None:
    assert sentence(STRIPE_API_KEY=key).startswith("STRIPE_API_KEY is (hidden): give a secret key, which begins with")


@pytest.mark.parametrize("kind", ["sk", "rk"])
def test_real_money_moves_in_production_only(kind: str) -> None:
    said = sentence(STRIPE_API_KEY=f"{kind}_live_51Qv8RkWnZtYb2mF3xPcJd9HsGa4EuT")

    assert said == "STRIPE_API_KEY is of live mode without QUARTET_ENV=production: set a key of test mode."


@pytest.mark.parametrize("module", MODULES)
def test_production_makes_no_database_that_was_not_asked_for(module: str, tmp_path: Path) -> None:
    variable = f"{module.upper()}_DATABASE_URL"
    file = f"sqlite:///{tmp_path}/{module}.sqlite"

    with pytest.raises(SettingsError) as refused:
        read(**SAFE, QUARTET_DATA=str(tmp_path)).database_of(module)

    assert str(refused.value).startswith(f"{variable} is missing: set it")
    assert read(**SAFE, **{"QUARTET_DATA": str(tmp_path), variable: file}).database_of(module) == file


def test_development_does_not_mind() -> None:
    assert read(QUARTET_DEBUG="true", CRASH_AT="after_commit").debug


def test_a_wrong_secret_is_named_and_not_shown() -> None:
    said = sentence(ROOT_PRIVATE_KEY=OWN_ROOT[:-4])

    assert said.startswith("ROOT_PRIVATE_KEY is (hidden): give the base64 of 32 bytes")


SECRET = "sk_test_do_not_show_me_0123456789abcdef"


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
