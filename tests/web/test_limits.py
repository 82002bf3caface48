"""Rate limits: every response has the remaining hits, and only the caller that exceeds a limit is refused."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.config.reading import SettingsError
from app.modules.users.module import users
from app.web import windows
from app.web.windows import Turn
from tests.shop import ALICE, BOB, Caller, Shop
from tests.web.steps import assert_problem

Make = Callable[..., Shop]


def writes(caller: Caller, **headers: str) -> Any:
    """Send one write that needs no body."""
    return caller.delete("/cart", headers={"X-Cart-Token": "t", **headers})


def test_over_the_limit_is_429_and_says_when_to_come_back(shop_with: Make) -> None:
    alice = shop_with(LIMIT_WRITES="3/day").as_customer(ALICE)

    answers = [writes(alice) for _ in range(4)]

    assert all(each.status_code < 400 for each in answers[:3])
    problem = assert_problem(answers[3], 429, "rate_limited")
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 86400
    assert problem["retry_after"] == int(answers[3].headers["Retry-After"])


def test_every_answer_has_the_remaining_hits(shop_with: Make) -> None:
    alice = shop_with(LIMIT_WRITES="3/day").as_customer(ALICE)

    answers = [writes(alice) for _ in range(4)]

    assert {each.headers["RateLimit-Policy"] for each in answers} == {'"write";q=3;w=86400'}
    reported = [re.fullmatch(r'"write";r=(\d+);t=(\d+)', each.headers["RateLimit"]) for each in answers]
    assert [each and int(each[1]) for each in reported] == [2, 1, 0, 0]
    assert all(each and 0 <= int(each[2]) <= 86400 for each in reported)


class SlowCounters(dict[str, int]):
    """Counters that are read slowly, so that other threads can run between that and the write."""

    def get(self, key: str, default: Any = None) -> Any:
        found = super().get(key, default)
        time.sleep(0.02)
        return found


class SlowTurn(Turn):
    def __init__(self, number: float, previous: dict[str, int]) -> None:
        super().__init__(number, previous)
        self.current = SlowCounters()


def test_requests_at_once_are_all_counted(shop_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "Turn", SlowTurn)
    alice = shop_with(LIMIT_WRITES="12/day").as_customer(ALICE)

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: writes(alice).status_code, range(16)))

    assert sorted(statuses) == [204] * 12 + [429] * 4


def test_reads_and_writes_are_counted_apart(shop_with: Make) -> None:
    alice = shop_with(LIMIT_WRITES="1/day", LIMIT_READS="2/day").as_customer(ALICE)

    statuses = [writes(alice).status_code, writes(alice).status_code]
    statuses += [alice.get("/orders").status_code for _ in range(3)]

    assert statuses == [204, 429, 200, 200, 429]


def test_one_customers_limit_is_not_anothers(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRITES="1/day")
    alice, bob, guest = shop.as_customer(ALICE), shop.as_customer(BOB), shop.as_guest()

    assert [writes(alice).status_code, writes(alice).status_code] == [204, 429]
    assert writes(bob).status_code == 204
    assert writes(guest).status_code == 204


def test_a_second_token_is_no_second_allowance(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRITES="1/day")

    statuses = [writes(shop.as_customer(ALICE)).status_code for _ in range(2)]

    assert statuses == [204, 429]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Cart-Token"])
def test_a_guest_is_counted_by_the_address_and_not_by_what_it_says(shop_with: Make, header: str) -> None:
    guest = shop_with(LIMIT_WRITES="2/day").as_guest()

    statuses = [writes(guest, **{header: f"10.0.0.{n}"}).status_code for n in range(3)]

    assert statuses == [204, 204, 429]


def test_a_proxy_of_ours_is_believed_and_only_its_own_last_word(shop_with: Make) -> None:
    guest = shop_with(LIMIT_WRITES="1/day", TRUSTED_PROXIES="127.0.0.1").as_guest()

    def through(forwarded: str) -> int:
        return int(writes(guest, **{"X-Forwarded-For": forwarded}).status_code)

    assert through("10.0.0.1") == 204
    assert through("10.0.0.2") == 204
    assert through("10.0.0.99, 10.0.0.1") == 429, "the client may write anything before what the proxy has seen"


@pytest.mark.parametrize("peer", ["127.0.0.1", "::ffff:127.0.0.1", "::1"])
def test_behind_several_proxies_each_customer_is_one(shop_with: Make, peer: str) -> None:
    """A TLS terminator before the gateway, in a network whose addresses change."""
    networks = "127.0.0.1,::1,10.20.0.0/16,fd00:20::/32"
    guest = shop_with(LIMIT_WRITES="1/day", TRUSTED_PROXIES=networks).as_guest()

    def through(forwarded: str) -> int:
        headers = {"X-Cart-Token": "t", "X-Forwarded-For": forwarded}
        return guest.delete("/cart", headers=headers, environ_base={"REMOTE_ADDR": peer}).status_code

    assert through("192.0.2.1, 10.20.0.7") == 204
    assert through("192.0.2.2, fd00:20::9, 10.20.3.4") == 204
    assert through("192.0.2.2, 10.20.0.8") == 429
    assert through("192.0.2.9, 192.0.2.1, 10.20.0.8") == 429, "a network that is not ours is a customer's"
    assert through("192.0.2.3, 10.21.0.1") == 204
    assert through("192.0.2.4, 10.21.0.1") == 429


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1:49152", "192.0.2.1:49153", True),  # as some proxies write it, with the port of the connection
        ("192.0.2.1:49152", "192.0.2.2:49152", False),
        ("192.0.2.1:49152", "192.0.2.1", True),
        ("[2001:db8:1:2::1]:49152", "[2001:db8:1:2::9]:49153", True),
        ("unknown", "unknown", True),
        ("unknown:1", "unknown:2", False),
    ],
)
def test_all_addresses_that_one_household_has_are_one(shop_with: Make, one: str, other: str, same: bool) -> None:
    guest = shop_with(LIMIT_WRITES="1/day", TRUSTED_PROXIES="127.0.0.1").as_guest()

    statuses = [writes(guest, **{"X-Forwarded-For": address}).status_code for address in (one, one, other)]

    assert statuses[1] == 429 != statuses[0]
    assert (statuses[2] == 429) is same


@pytest.mark.parametrize("token", ["Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 5000])
def test_a_bad_token_counts_for_the_address(shop_with: Make, token: str) -> None:
    guest = shop_with(LIMIT_WRITES="2/day").as_guest()

    statuses = [writes(guest, Authorization=token).status_code for _ in range(3)]

    assert statuses == [401, 401, 429]


def test_probes_and_the_document_are_not_limited(shop_with: Make) -> None:
    guest = shop_with(LIMIT_READS="1/day").as_guest()

    for path in ("/livez", "/readyz", "/metrics", "/openapi.json"):
        answers = [guest.get(path) for _ in range(3)]

        assert {each.status_code for each in answers} == {200}
        assert "RateLimit" not in answers[0].headers


def test_what_is_not_there_costs_the_same_as_what_is_not_limited(shop_with: Make) -> None:
    guest = shop_with(LIMIT_READS="1/day").as_guest()

    assert {guest.get(f"/nothing/{n}").status_code for n in range(3)} == {404}
    assert guest.get("/cart").status_code == 200


def test_registrations_are_limited_by_address(tmp_path: Any) -> None:
    shop = Shop(tmp_path, users, LIMIT_REGISTRATION="2/hour")
    body = {"email": "no address", "password": "x", "name": "y"}

    answers = [shop.as_guest().post("/users", body) for _ in range(3)]
    shop.close()

    assert [each.status_code for each in answers] == [422, 422, 429]
    assert answers[2].headers["RateLimit-Policy"] == '"registration";q=2;w=3600'


@pytest.mark.parametrize("limit", ["many", "3", "/minute", "three per minute", "0/minute", "10/minute;100/hour"])
def test_a_limit_that_is_none_stops_the_start(shop_with: Make, limit: str) -> None:
    with pytest.raises(SettingsError, match="LIMIT_WRITES"):
        shop_with(LIMIT_WRITES=limit)
