"""Making, rotating, retiring and republishing signing keys; verifying tokens with the published keys."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from app.bus.contracts.users import AccessChanged, SigningKeyPublished
from app.config.reading import SettingsError
from app.config.settings import Settings
from app.factory import create_app
from app.modules.users.infrastructure.tokens import JwtTokens
from app.modules.users.module import users
from app.modules.users.schedules import retire_keys
from tests.production import production_in
from tests.shop import Shop
from tests.users.people import ALICES, BOBS, joins, registers, signs_in, time_passes, two_seconds_pass

SPREAD, LIFETIME = timedelta(seconds=60), timedelta(seconds=600)


def runs(shop: Shop, *command: str, types: str | None = None) -> Any:
    return shop.app.test_cli_runner().invoke(args=["users", *command], input=types)


def retires(shop: Shop) -> int:
    """Run the schedule that retires keys. Returns the number of retired keys."""
    module = shop.modules["users"]
    return retire_keys(module.transaction, JwtTokens(shop.settings, shop.own["users"]), LIFETIME)


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def token_of(device: Any) -> str:
    return str(device.headers["Authorization"].removeprefix("Bearer "))


def jwks(shop: Shop) -> Any:
    return shop.app.test_client().get("/.well-known/jwks.json")


def test_an_outsider_verifies_a_token_with_the_published_keys(shop: Shop) -> None:
    token = token_of(joins(shop, ALICES))

    answer = jwks(shop)

    key = next(each for each in answer.json["keys"] if each["kid"] == kid_of(token))
    claims = jwt.decode(token, jwt.PyJWK(key), algorithms=["EdDSA"], audience="quartet", issuer="quartet")
    assert claims["type"] == "access"
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}  # no private key
    assert "max-age" in answer.headers["Cache-Control"]


def test_the_published_keys_are_read_so_often_and_no_more_as_the_document_says(tmp_path: Path) -> None:
    shop = Shop(tmp_path, users, LIMIT_READS="2/day")

    answers = [jwks(shop) for _ in range(3)]
    shop.close()

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert "RateLimit" in answers[0].headers and "Retry-After" in answers[2].headers


def test_a_new_key_signs_after_its_spread_and_nobody_is_signed_out(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    assert runs(shop, "keys", "rotate").exit_code == 0

    assert kid_of(token_of(signs_in(shop, ALICES))) == kid_of(token_of(alice))
    time_passes(shop, SPREAD)
    later = signs_in(shop, ALICES)
    assert kid_of(token_of(later)) != kid_of(token_of(alice))
    two_seconds_pass(shop)
    assert [alice.get("/users/me").status_code, later.get("/users/me").status_code] == [200, 200]
    assert len(jwks(shop).json["keys"]) == 2


def test_an_old_key_is_retired_when_what_it_signed_is_over(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    runs(shop, "keys", "rotate")
    time_passes(shop, SPREAD + LIFETIME)
    assert retires(shop) == 0  # kept a little longer, because clocks differ
    time_passes(shop, timedelta(minutes=2))

    assert [retires(shop), retires(shop)] == [1, 0]

    published = shop.published(SigningKeyPublished)[-1]
    assert (published.kid, published.retired, published.version) == (kid_of(token_of(alice)), True, 2)
    assert [key["kid"] for key in jwks(shop).json["keys"]] == [kid_of(token_of(signs_in(shop, ALICES)))]
    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 401


def test_the_only_key_is_never_retired(shop: Shop) -> None:
    time_passes(shop, timedelta(days=365))

    assert retires(shop) == 0


def test_keys_are_listed_with_what_they_do(shop: Shop) -> None:
    runs(shop, "keys", "rotate")
    states = [line.split()[-1] for line in runs(shop, "keys", "list").output.splitlines()]
    time_passes(shop, SPREAD)
    later = [line.split()[-1] for line in runs(shop, "keys", "list").output.splitlines()]

    assert states == ["signs", "spreading"]
    assert later == ["verifies", "signs"]


def test_keys_and_revoked_access_are_published_again(shop: Shop) -> None:
    joins(shop, ALICES).post("/auth/logout-all")
    registers(shop, BOBS)
    before = len(shop.published(AccessChanged))

    result = runs(shop, "announce")

    assert result.exit_code == 0
    assert result.output.endswith("Published again: 1 key, and the access of 1 account.\n")
    assert [event.epoch for event in shop.published(AccessChanged)[before:]] == [1]
    keys = shop.published(SigningKeyPublished)
    assert len(keys) == 2 and keys[0] == keys[1]


def test_the_private_half_is_not_readable_in_the_database(shop: Shop) -> None:
    with shop.modules["users"].reading() as uow:
        key = uow.signing_keys.all()[0]

    assert b"PRIVATE KEY" not in key.encrypted_private_key


def test_a_wrong_secret_is_reported_at_the_start(tmp_path: Path) -> None:
    Shop(tmp_path, users).close()

    with pytest.raises(SettingsError, match="SIGNING_KEY_SECRET is not the one"):
        Shop(tmp_path, users, SIGNING_KEY_SECRET="another secret of 32 characters or more")


def test_a_lost_secret_is_mended_by_a_new_key(tmp_path: Path, shop: Shop) -> None:
    secret = {"QUARTET_DATA": str(tmp_path), "SIGNING_KEY_SECRET": "another secret of 32 characters or more"}
    app = create_app(users, settings=Settings.from_environment(secret))

    app.test_cli_runner().invoke(args=["users", "keys", "rotate"])
    app.extensions["quartet_background"].stop(timeout=5)
    time_passes(shop, SPREAD)

    later = Shop(tmp_path, users, **secret)
    assert joins(later, ALICES).get("/users/me").status_code == 200
    later.close()


def test_demo_accounts_are_made_once(shop: Shop) -> None:
    demo: Any = shop.modules["users"].demo

    demo()
    demo()

    record = shop.modules["users"].demo_notes[0]
    password = record.rsplit("password: ", 1)[1]
    roles = [
        signs_in(shop, f"{name}@quartet.example", password).get("/auth/validate").json["role"]
        for name in ("demo", "staff", "admin")
    ]
    assert roles == ["customer", "staff", "admin"]


def test_the_demo_prints_its_accounts_each_time(shop: Shop) -> None:
    loads = [shop.app.test_cli_runner().invoke(args=["demo", "load"]).output for _ in range(2)]

    assert loads[0] == loads[1]
    assert "admin@quartet.example, password: four parts one tune" in loads[0]


def test_production_has_no_demo_accounts(tmp_path: Path) -> None:
    shop = Shop(tmp_path, users, **production_in(tmp_path))

    loaded = shop.app.test_cli_runner().invoke(args=["demo", "load"])

    assert loaded.exit_code == 1
    assert "published password" in loaded.output
    with shop.modules["users"].reading() as reading:
        assert reading.users.listed(None, None, None, 1) == []
    shop.close()
