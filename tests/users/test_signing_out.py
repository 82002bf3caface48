"""Ending one session, or all sessions of an account."""

from typing import Any

import pytest

from app.bus.contracts.users import AccessChanged, SessionEnded
from app.kernel.ids import new_id
from tests.shop import Shop
from tests.users.people import ALICES, BOBS, PASSWORD, id_of, joins, refreshes, signs_in, two_seconds_pass

NEW = "another set of words"


def test_signing_out_ends_this_device_only(shop: Shop) -> None:
    phone, laptop = joins(shop, ALICES), signs_in(shop, ALICES)

    assert phone.post("/auth/logout").status_code == 204

    two_seconds_pass(shop)
    assert phone.get("/users/me").status_code == 401
    assert refreshes(shop, phone.refresh_token).status_code == 401
    assert laptop.get("/users/me").status_code == 200
    assert [(event.session_id, event.reason) for event in shop.published(SessionEnded)] == [
        (phone.session_id, "logout")
    ]


def test_a_token_never_shown_since_the_sign_out_is_refused_at_once(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    unseen = signs_in(shop, ALICES)

    alice.delete(f"/users/me/sessions/{unseen.session_id}")

    answer = unseen.get("/users/me")
    assert answer.status_code == 401 and answer.json["code"] == "token_revoked"


def test_a_token_just_seen_is_refused_two_seconds_later_at_the_latest(shop: Shop) -> None:
    alice, other = joins(shop, ALICES), signs_in(shop, ALICES)
    other.get("/users/me")

    alice.delete(f"/users/me/sessions/{other.session_id}")
    two_seconds_pass(shop)

    assert other.get("/users/me").status_code == 401


def test_signing_out_everywhere_ends_every_device_and_publishes_one_event(shop: Shop) -> None:
    phone, laptop = joins(shop, ALICES), signs_in(shop, ALICES)

    assert phone.post("/auth/logout-all").status_code == 204

    assert laptop.get("/users/me").status_code == 401  # not in the cache, so refused at once
    two_seconds_pass(shop)
    assert phone.get("/users/me").status_code == 401
    assert {refreshes(shop, each.refresh_token).status_code for each in (phone, laptop)} == {401}
    assert [event.epoch for event in shop.published(AccessChanged)] == [0, 1]
    assert signs_in(shop, ALICES).get("/users/me").status_code == 200


def test_signing_out_everywhere_leaves_others_in(shop: Shop) -> None:
    alice, bob = joins(shop, ALICES), joins(shop, BOBS)

    alice.post("/auth/logout-all")

    two_seconds_pass(shop)
    assert bob.get("/users/me").status_code == 200


def test_signing_out_twice_publishes_one_event(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    assert [alice.post("/auth/logout").status_code for _ in range(2)] == [204, 204]  # the second within two seconds

    assert len(shop.published(SessionEnded)) == 1


def test_another_device_is_signed_out_from_the_list(shop: Shop) -> None:
    phone, laptop = joins(shop, ALICES), signs_in(shop, ALICES)

    assert phone.delete(f"/users/me/sessions/{laptop.session_id}").status_code == 204

    listed: Any = phone.get("/users/me/sessions").json
    assert [each["id"] for each in listed["items"]] == [phone.session_id]
    assert [(event.session_id, event.reason) for event in shop.published(SessionEnded)] == [
        (laptop.session_id, "revoked")
    ]


def test_another_customers_sign_in_is_not_there(shop: Shop) -> None:
    alice, bob = joins(shop, ALICES), joins(shop, BOBS)

    for session_id in (alice.session_id, str(new_id())):
        answer = bob.delete(f"/users/me/sessions/{session_id}")
        assert answer.status_code == 404 and answer.json["code"] == "session_unknown"

    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 200


def test_a_new_password_keeps_this_device_in_and_puts_all_others_out(shop: Shop) -> None:
    here, there = joins(shop, ALICES), signs_in(shop, ALICES)
    old_refresh_token = here.refresh_token

    answer = here.post("/users/me/password", {"old_password": PASSWORD, "new_password": NEW})

    assert answer.status_code == 200 and answer.json["session_id"] == here.session_id
    here.takes(answer.json)
    assert here.get("/users/me").status_code == 200
    assert there.get("/users/me").status_code == 401
    assert refreshes(shop, there.refresh_token).status_code == 401
    assert refreshes(shop, old_refresh_token).status_code == 401  # deleted, so not a reuse: the session stays valid
    assert refreshes(shop, here.refresh_token).status_code == 200
    assert shop.published(AccessChanged)[-1].epoch == 1


def test_after_a_new_password_the_old_one_opens_nothing(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    alice.post("/users/me/password", {"old_password": PASSWORD, "new_password": NEW})

    assert shop.as_guest().post("/auth/login", {"email": ALICES, "password": PASSWORD}).status_code == 401
    signs_in(shop, ALICES, NEW)


@pytest.mark.parametrize(
    ("old", "new", "status", "code"),
    [
        ("wrong", NEW, 403, "wrong_password"),
        (PASSWORD, "passwordpassword", 422, "weak_password"),
        (PASSWORD, ALICES, 422, "weak_password"),
        (PASSWORD, "short", 422, "invalid_request"),
    ],
)
def test_a_new_password_needs_the_old_one_and_to_be_good(
    shop: Shop, old: str, new: str, status: int, code: str
) -> None:
    alice = joins(shop, ALICES)

    answer = alice.post("/users/me/password", {"old_password": old, "new_password": new})

    assert (answer.status_code, answer.json["code"]) == (status, code)
    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 200


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout-all", "/users/me/password"])
def test_guests_have_nothing_to_end(shop: Shop, path: str) -> None:
    assert shop.as_guest().post(path, {"old_password": PASSWORD, "new_password": NEW}).status_code == 401


def test_a_token_of_nobody_is_no_account(shop: Shop) -> None:
    ghost = shop.as_customer(new_id())

    answers = [ghost.get("/users/me"), ghost.get("/users/me/sessions"), ghost.post("/auth/logout-all")]

    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {(401, "account_gone")}
    assert ghost.post("/auth/logout").status_code == 204


def test_the_sign_ins_of_an_account_are_its_owners_to_see(shop: Shop) -> None:
    alice, bob = joins(shop, ALICES), joins(shop, BOBS)

    assert {each["id"] for each in alice.get("/users/me/sessions").json["items"]} == {alice.session_id}
    assert id_of(alice) != id_of(bob)
