"""Signing in with a password."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from app.modules.users.infrastructure.passwords import Argon2Passwords
from app.modules.users.module import users
from tests.shop import Shop
from tests.users.conftest import CHEAP
from tests.users.people import ALICES, BOBS, PASSWORD, id_of, joins, refreshes, registers, signs_in, works_here


@dataclass
class Counting:
    """Cheap password hashing that counts its calls."""

    verified: list[bool] = field(default_factory=list)
    hashed: int = 0

    def hash(self, password: str) -> str:
        self.hashed += 1
        return CHEAP.hash(password)

    def matches(self, hashed: str | None, password: str) -> bool:
        self.verified.append(hashed is not None)
        return CHEAP.matches(hashed, password)

    def outdated(self, hashed: str) -> bool:
        return False


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(shop: Shop) -> None:
    registers(shop, ALICES)
    works_here(shop, BOBS, "customer")
    with shop.modules["users"].transaction() as uow:
        uow.users.with_email(BOBS).disabled = True

    answers = [
        shop.as_guest().post("/auth/login", {"email": email, "password": password})
        for email, password in [(ALICES, "wrong"), ("nobody@shop.example.com", PASSWORD), (BOBS, PASSWORD)]
    ]

    assert {answer.status_code for answer in answers} == {401}
    problems = [{name: value for name, value in answer.json.items() if name != "request_id"} for answer in answers]
    assert problems[0] == problems[1] == problems[2]


def test_a_wrong_password_and_an_unknown_address_cost_one_verification_each(tmp_path: Path) -> None:
    counting = Counting()
    shop = Shop(tmp_path, partial(users, passwords=counting))
    registers(shop, ALICES)
    counting.hashed = 0

    for email in (ALICES, "nobody@shop.example.com"):
        shop.as_guest().post("/auth/login", {"email": email, "password": "wrong"})

    assert counting.verified == [True, False] and counting.hashed == 0
    shop.close()


def test_the_dummy_password_opens_nothing() -> None:
    assert not CHEAP.matches(None, "the password of no account")
    assert not CHEAP.matches("not a hash", PASSWORD)


def test_a_password_hashed_at_another_cost_is_hashed_anew_and_nobody_is_signed_out(shop: Shop, tmp_path: Path) -> None:
    before = joins(shop, ALICES)
    dearer = Argon2Passwords(1, PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    later = Shop(tmp_path, partial(users, passwords=dearer))

    signs_in(later, ALICES)

    with later.modules["users"].reading() as uow:
        assert not dearer.outdated(uow.users.with_email(ALICES).password_hash)
    assert before.get("/users/me").status_code == 200
    assert signs_in(later, ALICES).get("/users/me").status_code == 200
    later.close()


def test_each_device_has_a_session_of_its_own(shop: Shop) -> None:
    phone, laptop = joins(shop, ALICES), signs_in(shop, ALICES)

    listed: Any = phone.get("/users/me/sessions?limit=1").json
    rest: Any = phone.get(f"/users/me/sessions?limit=1&cursor={listed['next']}").json

    assert [each["id"] for each in (*listed["items"], *rest["items"])] == [laptop.session_id, phone.session_id]
    assert [each["current"] for each in (*listed["items"], *rest["items"])] == [False, True]
    assert rest["next"] is None


def test_a_token_has_its_user_and_its_expiry(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    answer: Any = alice.get("/auth/validate").json

    assert answer["role"] == "customer" and answer["session_id"] == alice.session_id
    assert answer["expires_at"].endswith("Z") and answer["user_id"] == str(id_of(alice))


def test_the_same_account_is_not_tried_for_ever(tmp_path: Path) -> None:
    shop = Shop(tmp_path, partial(users, passwords=CHEAP), LIMIT_LOGIN="3/day")
    registers(shop, ALICES)

    statuses = [
        shop.as_guest().post("/auth/login", {"email": ALICES, "password": "wrong"}).status_code for _ in range(5)
    ]

    assert statuses == [401, 401, 401, 429, 429]
    shop.close()


@pytest.mark.parametrize("body", [{}, [], {"email": ALICES}, {"email": ALICES, "password": PASSWORD, "role": "admin"}])
def test_an_invalid_sign_in_is_refused(shop: Shop, body: Any) -> None:
    assert shop.as_guest().post("/auth/login", body).status_code == 422


def test_tokens_are_not_cached(shop: Shop) -> None:
    registers(shop, ALICES)

    answer = shop.as_guest().post("/auth/login", {"email": ALICES, "password": PASSWORD})

    assert answer.headers["Cache-Control"] == "no-store"


def test_a_sign_in_in_progress_while_the_password_changes_is_invalid(shop: Shop, tmp_path: Path) -> None:
    alice = joins(shop, ALICES)

    @dataclass
    class Slow(Counting):
        def matches(self, hashed: str | None, password: str) -> bool:
            body = {"old_password": PASSWORD, "new_password": "another set of words"}
            alice.takes(alice.post("/users/me/password", body).json)
            return CHEAP.matches(hashed, password)

    slow = Shop(tmp_path, partial(users, passwords=Slow()))

    late = signs_in(slow, ALICES)

    assert late.get("/users/me").status_code == 401
    assert refreshes(slow, late.refresh_token).status_code == 401
    assert alice.get("/users/me").status_code == 200
    slow.close()
