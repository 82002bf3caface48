"""Reads settings as a module does, from an environment that has nothing else in it."""

from collections.abc import Callable

import pytest

from app.config.reading import Declared, SettingsError
from app.config.settings import Settings


def shared(variables: dict[str, str]) -> Settings:
    """What all modules share."""
    return Settings.from_environment(variables)


def refusal(read: Callable[[dict[str, str]], Declared], variables: dict[str, str]) -> str:
    """Why these are refused."""
    with pytest.raises(SettingsError) as refused:
        read(variables)
    return str(refused.value)


def assert_named_with_advice(read: Callable[[dict[str, str]], Declared], name: str, wrong: str, advice: str) -> None:
    """The sentence begins with the variable and what it is, and says what to do."""
    published = refusal(read, {name: wrong})

    assert published.startswith(f"{name} is {wrong!r}: {advice}")
    assert published.endswith(".")


def assert_refused_in_production(
    read: Callable[[dict[str, str]], Declared], safe: dict[str, str], changes: dict[str, str], begins: str
) -> None:
    """And what is secret of it is not told."""
    published = refusal(read, safe | changes)

    assert published.startswith(begins)
    assert ":" in published
    assert not [value for value in changes.values() if len(value) > 15 and value in published]


WRONG_DATABASES = (
    "mysql://root@localhost/shop",
    "shop.sqlite",
    "postgresql+asyncpg://u@h/d",
    "sqlite://",
    "sqlite:///",
    "sqlite:///:memory:",
    "postgresql://u:p@h:99999/d",
    "postgresql://u:p@h:x/d",
    "postgresql://u:p@h",
    "postgresql://",
)
RIGHT_DATABASES = (
    "postgresql+psycopg2://u:p@h/d?sslmode=verify-full&sslrootcert=/ca.pem",
    "postgresql+psycopg2:///d?host=/run/postgresql&user=u",
    "postgresql+psycopg2://u:p@h/d?prepare_threshold=0",
)
GUESSED_DATABASES = (
    "postgresql+psycopg2://orders:orders@db/orders",
    "postgres://Users:users@db/users",
    "postgres:///u?host=/run&user=u&password=u",
    "postgres://shop:p%6Fstgres@db/users",
)
SECRET = "sk_test_do_not_show_me_0123456789abcdef"


def assert_a_database_of_its_own(module: str, read: Callable[[dict[str, str]], Declared], safe: dict[str, str]) -> None:
    """What can be one is taken, what cannot is refused without its password; production wants it named."""
    variable = f"{module.upper()}_DATABASE_URL"
    for wrong in WRONG_DATABASES:
        assert refusal(read, {variable: wrong}).startswith(f"{variable} is (hidden): give sqlite:///path or postgresql")
    for threshold in ("", "-1", "five", "1.5"):
        wrong = f"postgresql+psycopg2://u:p@h/d?prepare_threshold={threshold}"
        assert "give a whole number as its prepare_threshold" in refusal(read, {variable: wrong})
    for right in RIGHT_DATABASES:
        read({variable: right})
    for guessed in GUESSED_DATABASES:
        assert refusal(read, safe | {variable: guessed}).startswith(f"{variable} has a password")
    assert SECRET not in refusal(read, {variable: f"mysql://shop:{SECRET}@db/{module}"})
    assert SECRET not in repr(read({variable: f"postgresql+psycopg2://shop:{SECRET}@db:5432/{module}"}))
