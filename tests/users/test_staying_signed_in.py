"""Refresh tokens: each is valid once, and what happens when one is presented again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.bus.contracts.users import SessionEnded
from app.kernel import clock
from app.modules.users.domain.session import GRACE
from app.modules.users.infrastructure import tables
from app.modules.users.infrastructure.tokens import JwtTokens
from app.modules.users.schedules import prune_sessions
from tests.shop import Shop
from tests.users.people import ALICES, at_once, goes_on, joins, refreshes, signs_in, time_passes, two_seconds_pass


def test_a_refresh_gives_new_tokens_of_the_same_session(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    pair: Any = refreshes(shop, alice.refresh_token).json

    assert pair["session_id"] == alice.session_id and pair["refresh_token"] != alice.refresh_token
    alice.takes(pair)
    assert alice.get("/users/me").status_code == 200


def test_refresh_tokens_are_kept_as_hashes_only(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    with shop.modules["users"].database.read() as connection:
        rows = connection.execute(tables.refresh_tokens.select()).all()

    assert len(alice.refresh_token) == 43  # 256 bits
    assert all(len(row.fingerprint) == 32 and alice.refresh_token.encode() not in row.fingerprint for row in rows)


def test_a_lost_answer_is_given_again_however_late(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    first: Any = refreshes(shop, alice.refresh_token).json
    time_passes(shop, GRACE * 100)

    second: Any = refreshes(shop, alice.refresh_token).json

    assert (second["session_id"], second["refresh_token"]) == (first["session_id"], first["refresh_token"])
    assert refreshes(shop, first["refresh_token"]).status_code == 200
    assert shop.published(SessionEnded) == []


def test_reuse_after_the_grace_ends_the_session_for_thief_and_owner(shop: Shop) -> None:
    alice, other = joins(shop, ALICES), signs_in(shop, ALICES)
    stolen = alice.refresh_token
    goes_on(shop, alice, times=2)
    time_passes(shop, GRACE + timedelta(seconds=1))

    again = refreshes(shop, stolen)

    assert again.status_code == 401 and again.json["code"] == "refresh_refused"
    assert [(event.session_id, event.reason) for event in shop.published(SessionEnded)] == [
        (alice.session_id, "reused")
    ]
    assert refreshes(shop, alice.refresh_token).status_code == 401
    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 401
    assert other.get("/users/me").status_code == 200


def test_a_reuse_is_published_once(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    stolen = alice.refresh_token
    goes_on(shop, alice, times=2)
    time_passes(shop, GRACE * 2)

    for _ in range(3):
        refreshes(shop, stolen)

    assert len(shop.published(SessionEnded)) == 1


def test_the_grace_begins_with_the_first_use_of_the_successor_and_is_not_renewed(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    overtaken = alice.refresh_token
    goes_on(shop, alice, times=1)
    time_passes(shop, GRACE * 10)
    goes_on(shop, alice, times=1)
    time_passes(shop, GRACE * 0.7)
    assert refreshes(shop, overtaken).status_code == 200
    time_passes(shop, GRACE * 0.7)

    assert refreshes(shop, overtaken).status_code == 401


def test_a_token_that_was_overtaken_twice_leads_into_the_same_chain(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    overtaken = alice.refresh_token
    goes_on(shop, alice, times=3)

    late: Any = None
    for _ in range(3):
        late = refreshes(shop, overtaken).json
        overtaken = late["refresh_token"]

    assert overtaken == alice.refresh_token


def test_a_successor_cannot_be_computed_without_the_secret_of_the_shop(shop: Shop) -> None:
    here = JwtTokens(shop.settings, shop.own["users"])
    elsewhere = JwtTokens(shop.settings, replace(shop.own["users"], key_secret="another"))

    assert elsewhere.successor("a" * 43) != here.successor("a" * 43)


def test_a_token_used_under_an_earlier_version_of_the_shop_is_not_good_again(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    with shop.modules["users"].database.begin() as connection:
        connection.execute(tables.refresh_tokens.update().values(used_at=clock.now() - GRACE * 2))

    assert refreshes(shop, alice.refresh_token).status_code == 401


def test_a_token_reused_by_two_at_once_ends_the_session_once(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    stolen = alice.refresh_token
    goes_on(shop, alice, times=2)
    time_passes(shop, GRACE * 2)

    answers = at_once(shop, stolen, 4)

    assert {answer.status_code for answer in answers} == {401}
    assert len(shop.published(SessionEnded)) == 1


def test_no_refresh_moves_the_end_of_a_session(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    time_passes(shop, timedelta(days=shop.own["users"].refresh_token_days - 1))
    alice.takes(refreshes(shop, alice.refresh_token).json)

    time_passes(shop, timedelta(days=1))

    assert refreshes(shop, alice.refresh_token).status_code == 401
    assert shop.published(SessionEnded) == []


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 10_000, "' OR 1=1--", "\x00", "\ud800", 7, None, ["x"]])
def test_what_was_never_a_refresh_token_is_refused(shop: Shop, token: Any) -> None:
    assert refreshes(shop, token).status_code in {401, 422}


def test_an_access_token_is_no_refresh_token(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    assert refreshes(shop, alice.headers["Authorization"].removeprefix("Bearer ")).status_code in {401, 422}
    assert (
        shop.as_guest().get("/users/me", headers={"Authorization": f"Bearer {alice.refresh_token}"}).status_code == 401
    )


def test_sessions_that_ended_long_ago_are_deleted_with_their_tokens(shop: Shop) -> None:
    alice, other = joins(shop, ALICES), signs_in(shop, ALICES)
    other.post("/auth/logout")
    module = shop.modules["users"]
    assert prune_sessions(module.transaction) == 0
    time_passes(shop, timedelta(days=2))

    assert prune_sessions(module.transaction) == 1

    with module.reading() as uow:
        assert len(uow.sessions.alive_of(uow.users.with_email(ALICES), clock.now(), None, 10)) == 1
    assert refreshes(shop, other.refresh_token).status_code == 401
    assert refreshes(shop, alice.refresh_token).status_code == 200
