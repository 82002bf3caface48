"""The limits of password attempts, and that attempts of others do not lock out the owner."""

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest

from app.kernel import clock
from app.kernel.ids import new_id
from app.modules.users.infrastructure.tokens import JwtTokens
from app.modules.users.module import users
from tests.servers import address
from tests.shop import Shop
from tests.users.conftest import CHEAP
from tests.users.people import ALICES, BOBS, PASSWORD, Device, joins, registers, signs_in

Make = Callable[..., Shop]
NEW = "another set of words"


@pytest.fixture
def shop_with(tmp_path: Path) -> Iterator[Make]:
    """users with low limits, behind a proxy that sends the client's address."""
    opened: list[Shop] = []

    def make(**limits: str) -> Shop:
        opened.append(Shop(tmp_path, partial(users, passwords=CHEAP), TRUSTED_PROXIES="127.0.0.1", **limits))
        return opened[-1]

    yield make
    for shop in opened:
        shop.close()


def tries(shop: Shop, address: int, password: str = "wrong", email: str = ALICES, **more: Any) -> int:
    """Try to sign in from this address. Returns the status."""
    headers = {"X-Forwarded-For": f"192.0.2.{address}"}
    body = {"email": email, "password": password, **more}
    return int(shop.as_guest().post("/auth/login", body, headers=headers).status_code)


def token_of(device: Device) -> str:
    return device.headers["Authorization"].removeprefix("Bearer ")


def test_who_tries_passwords_at_one_address_shuts_nobody_out_at_another(shop_with: Make) -> None:
    shop = shop_with(LIMIT_LOGIN="3/day")
    registers(shop, ALICES)

    thief = [tries(shop, 1) for _ in range(5)]

    assert thief == [401, 401, 401, 429, 429]
    assert tries(shop, 2, PASSWORD) == 200
    assert tries(shop, 1, PASSWORD) == 429


@pytest.mark.parametrize("redis", ["shared", "away"])
def test_tries_at_two_processes_count_together_and_without_redis_in_each(shop_with: Make, redis: str) -> None:
    url = address("TEST_REDIS_URL") if redis == "shared" else "redis://127.0.0.1:9/0"
    limits = {"LIMIT_LOGIN": "4/day", "LIMIT_WRONG_PASSWORDS": "1000/day", "REDIS_URL": url}
    shops = [shop_with(**limits) for _ in range(2)]
    someone = {"email": f"{new_id()}@shop.example.com", "password": "wrong"}  # Redis has counted for other tests
    headers = {"X-Forwarded-For": str(IPv6Address(0x20010DB8 << 96 | secrets.randbits(32) << 64))}

    answers = [shop.as_guest().post("/auth/login", someone, headers=headers) for _ in range(3) for shop in shops]

    refused = 2 if redis == "shared" else 0
    assert [each.status_code for each in answers] == [401] * (6 - refused) + [429] * refused
    left = answers[3].headers.getlist("RateLimit")[-1].partition(";t=")[0]  # the last limit is that of wrong passwords
    assert left == ('"wrong_password";r=996' if redis == "shared" else '"wrong_password";r=998')


def test_one_address_tries_three_times_as_much_over_all_accounts(shop_with: Make) -> None:
    shop = shop_with(LIMIT_LOGIN="2/day")

    statuses = [tries(shop, 1, email=f"someone-{n}@shop.example.com") for n in range(8)]

    assert statuses == [401] * 6 + [429] * 2


def test_many_addresses_together_try_an_account_only_so_often(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRONG_PASSWORDS="9/day")
    registers(shop, ALICES)

    statuses = [tries(shop, n) for n in range(12)]

    assert statuses == [401] * 9 + [429] * 3
    assert tries(shop, 99, PASSWORD) == 429, "the response does not show whether the password was right"


def test_one_address_uses_up_a_third_of_an_accounts_wrong_passwords(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRONG_PASSWORDS="9/day")
    registers(shop, ALICES)

    assert [tries(shop, 1) for _ in range(20)] == [401] * 3 + [429] * 17
    assert tries(shop, 2, PASSWORD) == 200


def test_right_passwords_are_not_counted_as_wrong_ones(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRONG_PASSWORDS="3/day")
    registers(shop, ALICES)

    assert [tries(shop, n, PASSWORD) for n in range(6)] == [200] * 6


def test_a_device_that_was_signed_in_keeps_a_limit_of_its_own(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRONG_PASSWORDS="3/day", LIMIT_LOGIN="4/day")
    phone = joins(shop, ALICES)
    phone.post("/auth/logout")
    [tries(shop, n) for n in range(5)]
    [tries(shop, 7, email=f"someone-{n}@shop.example.com") for n in range(12)]
    assert tries(shop, 6, PASSWORD) == 429

    known = [tries(shop, 7, PASSWORD, earlier_token=token_of(phone)) for _ in range(5)]

    assert known == [200, 200, 200, 200, 429], "its own, and no more than that"


def test_a_device_tries_wrong_passwords_no_more_often_than_a_stranger(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRONG_PASSWORDS="3/day")
    phone = joins(shop, ALICES)

    statuses = [tries(shop, n, earlier_token=token_of(phone)) for n in range(5)]

    assert statuses == [401, 401, 401, 429, 429]
    assert tries(shop, 1, PASSWORD) == 200, "and takes nothing from the others"


def test_a_token_that_expired_long_ago_is_good_enough(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRONG_PASSWORDS="1/day")
    phone = joins(shop, ALICES)
    module = shop.modules["users"]
    with module.reading() as uow:
        user, [key] = uow.users.with_email(ALICES), uow.signing_keys.all()
    tokens = JwtTokens(shop.settings, shop.own["users"])
    old = tokens.access_token(key, user, UUID(phone.session_id), clock.now() - timedelta(days=300))
    tries(shop, 1)

    assert [tries(shop, 2, PASSWORD), tries(shop, 2, PASSWORD, earlier_token=old)] == [429, 200]


@pytest.mark.parametrize("which", ["anothers", "changed password", "signed out everywhere", "forged", "nonsense"])
def test_a_token_that_proves_nothing_gives_nothing(shop_with: Make, which: str) -> None:
    shop = shop_with(LIMIT_WRONG_PASSWORDS="1/day")
    alice, password = joins(shop, ALICES), PASSWORD
    token = token_of(alice)
    if which == "anothers":
        token = token_of(joins(shop, BOBS))
    elif which == "changed password":
        alice.post("/users/me/password", {"old_password": PASSWORD, "new_password": NEW})
        password = NEW
    elif which == "signed out everywhere":
        alice.post("/auth/logout-all")
    elif which == "forged":
        claims = jwt.decode(token, options={"verify_signature": False})
        token = jwt.encode(
            claims, "x" * 32, algorithm="HS256", headers={"kid": jwt.get_unverified_header(token)["kid"]}
        )
    else:
        token = "a.b.c"
    tries(shop, 1)

    assert tries(shop, 2, password, earlier_token=token) == 429


def test_the_old_password_is_guessed_only_so_often(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRONG_PASSWORDS="2/day")
    alice, body = joins(shop, ALICES), {"old_password": "wrong", "new_password": NEW}

    statuses = [alice.post("/users/me/password", body).status_code for _ in range(4)]

    assert statuses == [403, 403, 429, 429]
    laptop = signs_in(shop, ALICES)
    assert laptop.post("/users/me/password", {**body, "old_password": PASSWORD}).status_code == 200
