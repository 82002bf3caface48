"""Logs are machine-readable, and have no personal data."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import pytest

from app.web.logs import JsonLines, hide
from tests.shop import ALICE, Shop

LogLines = Callable[[], list[Any]]
EMAIL, PASSWORD, TOKEN = "eve.adams@shop.example.com", "correct horse battery staple", "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0"


def test_a_request_is_one_line_of_json(shop: Shop, log_lines: LogLines) -> None:
    shop.as_guest().get("/products?q=mug")

    (line,) = log_lines()
    assert {
        "time",
        "level",
        "logger",
        "message",
        "request_id",
        "trace_id",
        "method",
        "route",
        "status",
        "ms",
    } == line.keys()
    assert line["level"] == "info"


def test_probes_are_asked_all_day_long_and_do_not_fill_the_log(shop: Shop, log_lines: LogLines) -> None:
    for probe in ("/livez", "/readyz", "/metrics"):
        shop.as_guest().get(probe)

    assert log_lines() == []


def test_a_line_break_from_outside_is_no_new_line(shop: Shop, log_lines: LogLines) -> None:
    logging.getLogger("quartet").warning("a customer wrote %s", 'x\n{"level": "error", "message": "forged"}')

    (line,) = log_lines()
    assert line["level"] == "warning" and "forged" in line["message"]


def test_who_a_customer_is_and_what_opens_the_door_are_never_written(shop: Shop, log_lines: LogLines) -> None:
    guest = shop.as_guest()
    new = guest.post("/users", {"email": EMAIL, "password": PASSWORD, "name": "Eve Adams"})
    again = guest.post("/users", {"email": EMAIL, "password": PASSWORD, "name": "Eve Adams"})
    wrong = guest.post("/auth/login", {"email": EMAIL, "password": "wrong password entirely"})
    pair: Any = guest.post("/auth/login", {"email": EMAIL, "password": PASSWORD}).json
    refreshed: Any = guest.post("/auth/refresh", {"refresh_token": pair["refresh_token"]}).json
    guest.get(f"/users?email={EMAIL}", headers={"Authorization": f"Bearer {pair['access_token']}"})
    guest.get(f"/nothing/{EMAIL}?token={pair['access_token']}")

    written = str(log_lines())
    assert (new.status_code, again.status_code, wrong.status_code) == (201, 409, 401)
    secrets = {EMAIL, PASSWORD, "wrong password", "Eve Adams"}
    secrets |= {each[name] for each in (pair, refreshed) for name in ("access_token", "refresh_token")}
    assert len(log_lines()) == 7
    assert [secret for secret in secrets if secret in written] == []


def test_nor_when_something_breaks_with_them_in_hand(shop: Shop, log_lines: LogLines) -> None:
    with shop.modules["users"].database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE users RENAME COLUMN name TO mislaid")
    body = {"email": "mallory@shop.example.com", "password": PASSWORD, "name": "Mallory Moss"}

    answer = shop.as_guest().post("/users", body, headers={"X-Request-Id": "the-broken-one"})
    with shop.modules["users"].database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE users RENAME COLUMN mislaid TO name")

    assert answer.status_code == 500
    (broken,) = [line for line in log_lines() if line["level"] == "error"]
    assert broken["request_id"] == "the-broken-one"
    assert "OperationalError" in broken["traceback"]
    for secret in ("mallory@", PASSWORD, "Mallory Moss", "$argon2"):
        assert secret not in str(broken), secret


@pytest.mark.parametrize(
    "text",
    [
        f"sent to {EMAIL}",
        f"Authorization: Bearer {TOKEN}",
        f"token was {TOKEN}",
        "password=hunter22 and more",
        '{"password": "hunter22"}',
        "{'refresh_token': 'hunter22'}",
        "key sk_live_hunter22 refused",
        "secret whsec_hunter22",
        "pi_3Nabc_secret_hunter22",
    ],
)
def test_what_looks_secret_is_hidden_wherever_it_stands(text: str) -> None:
    hidden = hide(text)

    assert "[hidden]" in hidden
    for secret in (EMAIL, TOKEN, "hunter22"):
        assert secret not in hidden


def test_a_long_word_does_not_hold_up_the_shop() -> None:
    long = "a" * 1_000_000  # a rule that goes back for each letter would not be done within the test's time

    assert hide(long) == long


def test_a_traceback_is_hidden_too() -> None:
    try:
        raise ValueError(f"no such user: {EMAIL}")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "broken", (), sys.exc_info())

    assert EMAIL not in JsonLines().format(record)


def test_a_customers_id_is_enough_to_find_them_and_stays(shop: Shop) -> None:
    assert hide(f"order of user:{ALICE}") == f"order of user:{ALICE}"
