"""Refresh tokens: each counts once, and what happens when one is presented again."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.bus.contracts.users import SessionEnded
from app.kernel import clock
from app.modules.users.domain.session import GRACE
from app.modules.users.infrastructure import tables
from app.modules.users.schedules import prune_sessions
from tests.shop import Shop
from tests.users.people import ALICES, joins, refreshes, signs_in, time_passes, two_seconds_pass


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


def test_a_lost_answer_is_forgiven_within_the_grace(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    first: Any = refreshes(shop, alice.refresh_token).json

    second: Any = refreshes(shop, alice.refresh_token).json

    assert second["session_id"] == first["session_id"] and second["refresh_token"] != first["refresh_token"]
    assert refreshes(shop, first["refresh_token"]).status_code == 200
    assert refreshes(shop, second["refresh_token"]).status_code == 200
    assert shop.said(SessionEnded) == []


def test_reuse_after_the_grace_ends_the_session_for_thief_and_owner(shop: Shop) -> None:
    alice, other = joins(shop, ALICES), signs_in(shop, ALICES)
    stolen = alice.refresh_token
    alice.takes(refreshes(shop, stolen).json)
    time_passes(shop, GRACE + timedelta(seconds=1))

    again = refreshes(shop, stolen)

    assert again.status_code == 401 and again.json["code"] == "refresh_refused"
    assert [(event.session_id, event.reason) for event in shop.said(SessionEnded)] == [(alice.session_id, "reused")]
    assert refreshes(shop, alice.refresh_token).status_code == 401
    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 401
    assert other.get("/users/me").status_code == 200


def test_a_reuse_is_said_once(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    refreshes(shop, alice.refresh_token)
    time_passes(shop, GRACE * 2)

    for _ in range(3):
        refreshes(shop, alice.refresh_token)

    assert len(shop.said(SessionEnded)) == 1


def test_the_grace_begins_with_the_first_use_and_is_not_renewed(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    refreshes(shop, alice.refresh_token)
    time_passes(shop, GRACE * 0.7)
    assert refreshes(shop, alice.refresh_token).status_code == 200
    time_passes(shop, GRACE * 0.7)

    assert refreshes(shop, alice.refresh_token).status_code == 401


def _at_once(shop: Shop, token: str, times: int) -> list[TestResponse]:
    barrier, answers = threading.Barrier(times), list[TestResponse]()

    def present() -> None:
        barrier.wait(5)
        answers.append(refreshes(shop, token))

    threads = [threading.Thread(target=present) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return answers


def test_two_tabs_that_refresh_at_once_both_stay_in(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    answers: list[Any] = _at_once(shop, alice.refresh_token, 2)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.json["session_id"] for answer in answers} == {alice.session_id}
    assert len({answer.json["refresh_token"] for answer in answers}) == 2


def test_a_token_reused_by_two_at_once_ends_the_session_once(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    refreshes(shop, alice.refresh_token)
    time_passes(shop, GRACE * 2)

    answers = _at_once(shop, alice.refresh_token, 4)

    assert {answer.status_code for answer in answers} == {401}
    assert len(shop.said(SessionEnded)) == 1


def test_no_refresh_moves_the_end_of_a_session(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    time_passes(shop, timedelta(days=shop.settings.refresh_token_days - 1))
    alice.takes(refreshes(shop, alice.refresh_token).json)

    time_passes(shop, timedelta(days=1))

    assert refreshes(shop, alice.refresh_token).status_code == 401
    assert shop.said(SessionEnded) == []


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 10_000, "' OR 1=1--", "\x00", "\ud800", 7, None, ["x"]])
def test_what_was_never_a_refresh_token_is_refused(shop: Shop, token: Any) -> None:
    assert refreshes(shop, token).status_code in {401, 422}


def test_an_access_token_is_no_refresh_token(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    assert refreshes(shop, alice.headers["Authorization"].removeprefix("Bearer ")).status_code in {401, 422}
    assert (
        shop.as_guest().get("/users/me", headers={"Authorization": f"Bearer {alice.refresh_token}"}).status_code == 401
    )


def test_sessions_long_over_are_forgotten_with_their_tokens(shop: Shop) -> None:
    alice, other = joins(shop, ALICES), signs_in(shop, ALICES)
    other.post("/auth/logout")
    module = shop.modules["users"]
    assert prune_sessions(module.transaction) == 0
    time_passes(shop, timedelta(days=2))

    assert prune_sessions(module.transaction) == 1

    with module.reading() as work:
        assert len(work.sessions.alive_of(work.users.with_email(ALICES), clock.now(), None, 10)) == 1
    assert refreshes(shop, other.refresh_token).status_code == 401
    assert refreshes(shop, alice.refresh_token).status_code == 200
