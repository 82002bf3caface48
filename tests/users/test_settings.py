"""Settings of users alone."""

import pytest

from app.config.production import UNSAFE
from app.modules.users.settings import UsersSettings
from tests.production import PRODUCTION
from tests.settings import (
    SECRET,
    assert_a_database_of_its_own,
    assert_named_with_advice,
    assert_refused_in_production,
    refusal,
    shared,
)

KEY = PRODUCTION["SIGNING_KEY_SECRET"]


def read(variables: dict[str, str]) -> UsersSettings:
    return shared(variables).own(UsersSettings)


def test_its_database_is_its_own() -> None:
    assert_a_database_of_its_own("users", read, PRODUCTION)


@pytest.mark.parametrize(
    ("name", "wrong", "advice"),
    [
        ("REFRESH_TOKEN_DAYS", "3651", "give a number of days from 1 to 3650"),
        ("SIGNING_KEY_SPREAD_SECONDS", str(2**31), "give a whole number up to"),
        ("REFRESH_TOKEN_DAYS", "-30", "give a whole number"),
        ("SIGNING_KEY_SPREAD_SECONDS", "soon", "give a whole number"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(name: str, wrong: str, advice: str) -> None:
    assert_named_with_advice(read, name, wrong, advice)


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
        ({"SIGNING_KEY_SECRET": "0123456789abcdef" * 2}, "SIGNING_KEY_SECRET appears in published examples"),
        (
            {"SIGNING_KEY_SECRET": "please-CHANGE-ME-before-production"},
            "SIGNING_KEY_SECRET appears in published examples",
        ),
    ],
)
def test_production_refuses_what_would_open_it_up(changes: dict[str, str], begins: str) -> None:
    assert_refused_in_production(read, PRODUCTION, changes, begins)


def test_a_wrong_secret_is_named_and_not_shown() -> None:
    sentence = refusal(read, {"ROOT_PRIVATE_KEY": PRODUCTION["ROOT_PRIVATE_KEY"][:-4]})

    assert sentence.startswith("ROOT_PRIVATE_KEY is (hidden): give the base64 of 32 bytes")


def test_a_secret_is_never_shown() -> None:
    settings = read({"SIGNING_KEY_SECRET": SECRET})

    assert settings.key_secret == SECRET
    assert SECRET not in repr(settings)
    assert "key_spread_seconds=60" in repr(settings), "all else is"
