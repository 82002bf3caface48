"""Opening an account."""

from typing import Any

import pytest

from app.bus.contracts.users import AccessChanged, UserRegistered
from tests.shop import Shop
from tests.users.people import ALICES, BOBS, PASSWORD, registers, signs_in


def test_who_registers_is_a_customer_and_events_have_no_address(shop: Shop) -> None:
    answer: Any = registers(shop, ALICES).json

    assert answer["email"] == ALICES and answer["role"] == "customer"
    assert [event.user_id for event in shop.published(UserRegistered)] == [answer["id"]]
    assert [event.epoch for event in shop.published(AccessChanged)] == [0]
    assert "password" not in answer and "password_hash" not in answer


def test_an_address_has_one_account_however_it_is_written(shop: Shop) -> None:
    registers(shop, ALICES)

    again = registers(shop, ALICES.upper())

    assert again.status_code == 409 and again.json["code"] == "email_taken"
    assert signs_in(shop, ALICES.title()).get("/users/me").json["email"] == ALICES


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "............",
        ALICES,
        ALICES.upper(),
        "passwordpassword",
        "Password1234",
        "qwertyuiop123",
        "123456789012",
        "iloveyouiloveyou",
        "correcthorsebatterystaple",
        "Password12345!!",
        "Summer2024!!!",
        "liverpool2020!",
        "P@$$w0rd.P@$$w0rd",
        "michael19871987",
        "1qaz2wsx3edc4rfv",
        "zaq12wsxcde34rfv",
        "poiuytrewq123",
        "asdfghjkl;'zxcv",
        "aabbccddeeff",
        "11112222333344",
        "Quartet2024!!!",
        "alice1234567",
        "passwordpasswordpasswordpassword1",
    ],
)
def test_a_password_that_is_tried_first_is_refused(one_shop: Shop, password: str) -> None:
    answer = registers(one_shop, ALICES, password=password)

    assert answer.status_code == 422 and answer.json["code"] == "weak_password"


@pytest.mark.parametrize("password", ["", "short", "x" * 201, 123456789012, None, "\x00" * 12, "\ud800" * 12, ["a"]])
def test_a_password_that_cannot_be_one_is_refused(one_shop: Shop, password: Any) -> None:
    assert registers(one_shop, ALICES, password=password).status_code == 422


@pytest.mark.parametrize(
    "password", ["twelve words?", "ünïcödé ist gut", "密码密码密码一二三四五六", "   spaced out   ", "x8!kQ#1mZ@4pL"]
)
def test_a_long_password_of_any_script_is_good(shop: Shop, password: str) -> None:
    assert registers(shop, ALICES, password=password).status_code == 201

    signs_in(shop, ALICES, password)


def test_one_password_typed_on_two_keyboards_is_one(shop: Shop) -> None:
    registers(shop, ALICES, password="caf\u00e9 zither lune")

    signs_in(shop, ALICES, "cafe\u0301 zither lune")


@pytest.mark.parametrize("field", ["role", "id", "epoch", "disabled", "version", "password_hash", "created_at"])
def test_nobody_gives_themselves_more_than_an_account_has(one_shop: Shop, field: str) -> None:
    assert registers(one_shop, ALICES, **{field: "admin"}).status_code == 422


@pytest.mark.parametrize("email", ["", "alice", "@", "a@b", "a b@c.example", "a@b.example\x00", "' OR 1=1--", 7, None])
def test_an_address_that_is_none_is_refused(one_shop: Shop, email: Any) -> None:
    assert registers(one_shop, email).status_code == 422


def test_no_idempotency_key_is_asked_for_or_kept(shop: Shop) -> None:
    body = {"email": BOBS, "password": PASSWORD, "name": "Bob"}

    first = shop.as_guest().post("/users", body, key="same")
    second = shop.as_guest().post("/users", body, key="same")

    assert (first.status_code, second.status_code) == (201, 409)
