"""Tabs of one browser share a session and its refresh token: all of them stay signed in, on one chain."""

from datetime import timedelta
from typing import Any

from app.bus.contracts.users import SessionEnded
from tests.shop import Shop
from tests.users.people import ALICES, at_once, joins, refreshes, time_passes

LATE = timedelta(seconds=12)


def test_eight_tabs_at_once_and_one_that_comes_late_go_on_through_three_refreshes(shop_on_each: Shop) -> None:
    shop = shop_on_each
    token = joins(shop, ALICES).refresh_token

    for _ in range(3):
        answers: list[Any] = at_once(shop, token, tabs=8)
        time_passes(shop, LATE)
        answers.append(refreshes(shop, token))
        assert {answer.status_code for answer in answers} == {200}
        following = {answer.json["refresh_token"] for answer in answers}
        assert len(following) == 1
        token = following.pop()

    assert shop.published(SessionEnded) == []


def test_two_tabs_that_wake_at_once_one_refresh_apart_both_stay_in(shop_on_each: Shop) -> None:
    shop = shop_on_each
    asleep = joins(shop, ALICES).refresh_token
    awake: Any = refreshes(shop, asleep).json
    time_passes(shop, timedelta(minutes=10))

    newer_than_code: Any = refreshes(shop, awake["refresh_token"]).json
    behind: Any = refreshes(shop, asleep).json

    assert refreshes(shop, behind["refresh_token"]).json["refresh_token"] == newer_than_code["refresh_token"]
