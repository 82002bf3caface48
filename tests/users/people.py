"""What people do with their accounts, again and again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from werkzeug.test import TestResponse

from app.modules.users.infrastructure import tables
from app.web.auth import FRESH
from tests.shop import Caller, Shop

ALICES, BOBS = "alice@shop.example.com", "bob@shop.example.com"
PASSWORD = "correct horse battery staple"


@dataclass
class Device(Caller):
    """Something that someone is signed in on."""

    refresh_token: str = ""
    session_id: str = ""

    def takes(self, pair: Any) -> None:
        """Go on with these tokens."""
        self.headers = {"Authorization": f"Bearer {pair['access_token']}"}
        self.refresh_token, self.session_id = pair["refresh_token"], pair["session_id"]


def registers(shop: Shop, email: str, **more: Any) -> TestResponse:
    return shop.as_guest().post("/users", {"email": email, "password": PASSWORD, "name": "Someone", **more})


def signs_in(shop: Shop, email: str, password: str = PASSWORD) -> Device:
    """On one more device."""
    answer = shop.as_guest().post("/auth/login", {"email": email, "password": password})
    assert answer.status_code == 200, answer.json
    device = Device(shop.app)
    device.takes(answer.json)
    return device


def joins(shop: Shop, email: str) -> Device:
    """A new customer, signed in."""
    assert registers(shop, email).status_code == 201
    return signs_in(shop, email)


def refreshes(shop: Shop, refresh_token: str) -> TestResponse:
    return shop.as_guest().post("/auth/refresh", {"refresh_token": refresh_token})


def goes_on(shop: Shop, device: Device, times: int) -> None:
    """Refresh, each time with what the last one gave."""
    for _ in range(times):
        device.takes(refreshes(shop, device.refresh_token).json)


def at_once(shop: Shop, refresh_token: str, tabs: int) -> list[TestResponse]:
    """Several tabs present one token at the same moment."""
    barrier = threading.Barrier(tabs)

    def present(_: int) -> TestResponse:
        barrier.wait(20)
        return refreshes(shop, refresh_token)

    with ThreadPoolExecutor(tabs) as pool:
        return list(pool.map(present, range(tabs)))


def works_here(shop: Shop, email: str, role: str) -> Device:
    """Someone with a role, signed in with it."""
    registers(shop, email)
    with shop.modules["users"].transaction() as uow:
        uow.users.with_email(email).role = role
    return signs_in(shop, email)


def id_of(device: Caller) -> UUID:
    body: Any = device.get("/auth/validate").json
    return UUID(body["user_id"])


def two_seconds_pass(shop: Shop) -> None:
    """What was found good is looked up again: the memo holds for FRESH seconds, and no longer."""
    for who in shop.app.extensions["quartet_identities"].values():
        who.checked -= FRESH


def time_passes(shop: Shop, by: timedelta) -> None:
    """Everything that has happened to sessions, tokens and keys happened that much earlier."""
    moments = {
        tables.sessions: ("created_at", "expires_at", "ended_at"),
        tables.refresh_tokens: ("issued_at", "used_at"),
        tables.signing_keys: ("active_from",),
    }
    with shop.modules["users"].database.begin() as connection:
        for table, names in moments.items():
            key = next(iter(table.primary_key))
            for row in connection.execute(table.select()).mappings().all():
                earlier = {name: row[name] - by for name in names if row[name]}
                connection.execute(update(table).where(key == row[key.name]).values(**earlier))
