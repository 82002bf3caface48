"""The settings of payments: which Stripe is used, and whether real money moves."""

import pytest

from app.config.production import UNSAFE
from app.modules.payments.settings import PaymentsSettings, payments_settings
from tests.production import PRODUCTION
from tests.settings import (
    SECRET,
    assert_a_database_of_its_own,
    assert_named_with_advice,
    assert_refused_in_production,
    refusal,
    shared,
)

KEY = PRODUCTION["STRIPE_API_KEY"]


def read(variables: dict[str, str]) -> PaymentsSettings:
    return payments_settings(shared(variables))


def test_its_database_is_its_own() -> None:
    assert_a_database_of_its_own("payments", read, PRODUCTION)


@pytest.mark.parametrize(
    ("name", "wrong", "advice"),
    [
        ("STRIPE_TIMEOUT_SECONDS", "0", "give a number of seconds from 1 to 25"),
        ("STRIPE_TIMEOUT_SECONDS", "26", "give a number of seconds from 1 to 25"),
        ("SANDBOX_PORT", "x", "give a whole number"),
        ("SANDBOX_PORT", "70000", "give a port from 1 to 65535"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(name: str, wrong: str, advice: str) -> None:
    assert_named_with_advice(read, name, wrong, advice)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("STRIPE_API_BASE", "stripe"),
        ("STRIPE_API_BASE", "https://"),
        ("STRIPE_API_BASE", "https://a b"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(name: str, wrong: str) -> None:
    assert refusal(read, {name: wrong}).startswith(f"{name} is ")


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"STRIPE_API_KEY": ""}, "STRIPE_API_KEY is missing"),
        ({"STRIPE_API_KEY": "  "}, "STRIPE_API_KEY is missing"),
        ({"STRIPE_API_KEY": "sk_live_51"}, "STRIPE_API_KEY is shorter"),
        ({"STRIPE_API_KEY": KEY.replace("live", "test")}, "STRIPE_API_KEY is a key of test mode"),
        ({"STRIPE_API_KEY": KEY.replace("sk_live", "rk_test")}, "STRIPE_API_KEY is a key of test mode"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:12121"}, "STRIPE_API_BASE is not https"),
        ({"STRIPE_WEBHOOK_SECRETS": ""}, "STRIPE_WEBHOOK_SECRETS is missing"),
        ({"STRIPE_WEBHOOK_SECRETS": UNSAFE}, "STRIPE_WEBHOOK_SECRETS is missing"),
        ({"STRIPE_WEBHOOK_SECRETS": "whsec_1"}, "STRIPE_WEBHOOK_SECRETS is shorter"),
        (
            {"STRIPE_WEBHOOK_SECRETS": f"{PRODUCTION['STRIPE_WEBHOOK_SECRETS']},{UNSAFE}"},
            "STRIPE_WEBHOOK_SECRETS is missing",
        ),
        ({"STRIPE_WEBHOOK_SECRETS": " , "}, "STRIPE_WEBHOOK_SECRETS is (hidden)"),
        (
            {"STRIPE_API_KEY": "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "STRIPE_TEST_MODE": "allowed"},
            "STRIPE_API_KEY appears in published examples",
        ),
    ],
)
def test_production_refuses_what_would_open_it_up(changes: dict[str, str], begins: str) -> None:
    assert_refused_in_production(read, PRODUCTION, changes, begins)


def test_secrets_that_are_only_commas_are_none() -> None:
    published = refusal(read, {"STRIPE_WEBHOOK_SECRETS": " , "})

    assert published.startswith("STRIPE_WEBHOOK_SECRETS is (hidden): give one secret")


def test_without_any_variable_it_has_a_sandbox() -> None:
    settings = read({})

    assert settings.sandboxed
    assert settings.sandbox_port == 5001
    assert settings.stripe_base == "http://127.0.0.1:5001"


def test_an_empty_variable_counts_as_missing() -> None:
    assert read({"STRIPE_API_KEY": ""}) == read({})


def test_the_last_port_leaves_the_sandbox_another() -> None:
    assert read({"PORT": "65535"}).sandbox_port == 1


def test_production_goes_to_stripe() -> None:
    settings = read(PRODUCTION)

    assert not settings.sandboxed
    assert settings.stripe_base is None


def test_production_may_be_allowed_to_move_no_money() -> None:
    settings = read(PRODUCTION | {"STRIPE_API_KEY": KEY.replace("live", "test"), "STRIPE_TEST_MODE": "allowed"})

    assert not settings.stripe_livemode


@pytest.mark.parametrize("kind", ["sk", "rk"])
def test_the_prefix_of_a_key_decides_its_mode(kind: str) -> None:
    assert read(PRODUCTION | {"STRIPE_API_KEY": KEY.replace("sk_", f"{kind}_")}).stripe_livemode
    assert not read({"STRIPE_API_KEY": f"{kind}_test_x"}).stripe_livemode


@pytest.mark.parametrize("key", ["pk_test_x", "pk_live_x", "whsec_x", "sk_x", "sk_prod_x", "SK_LIVE_x", "x sk_live_x"])
def test_what_is_no_secret_key_of_stripes_is_refused_everywhere(key: str) -> None:
    published = refusal(read, {"STRIPE_API_KEY": key})

    assert published.startswith("STRIPE_API_KEY is (hidden): give a secret key, which begins with")


@pytest.mark.parametrize("kind", ["sk", "rk"])
def test_real_money_moves_in_production_only(kind: str) -> None:
    published = refusal(read, {"STRIPE_API_KEY": f"{kind}_live_51Qv8RkWnZtYb2mF3xPcJd9HsGa4EuT"})

    assert published == "STRIPE_API_KEY is a key of live mode without QUARTET_ENV=production: set a key of test mode."


def test_a_secret_is_never_shown() -> None:
    settings = read({"STRIPE_API_KEY": SECRET, "STRIPE_WEBHOOK_SECRETS": SECRET})

    assert settings.stripe_api_key == SECRET
    assert SECRET not in repr(settings)
    assert "sandbox_port=5001" in repr(settings), "all else is"
