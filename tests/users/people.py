"""Steps of users that many tests share: signing in, refreshing, letting time pass."""

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
    """A client with the token pair of a session."""

    refresh_token: str = ""
    session_id: str = ""

    def takes(self, pair: Any) -> None:
        """Use this token pair from now on."""
        self.headers = {"Authorization": f"Bearer {pair['access_token']}"}
        self.refresh_token, self.session_id = pair["refresh_token"], pair["session_id"]


def registers(shop: Shop, email: str, **more: Any) -> TestResponse:
    return shop.as_guest().post("/users", {"email": email, "password": PASSWORD, "name": "Someone", **more})


def signs_in(shop: Shop, email: str, password: str = PASSWORD) -> Device:
    """Sign in, as a new device."""
    answer = shop.as_guest().post("/auth/login", {"email": email, "password": password})
    assert answer.status_code == 200, answer.json
    device = Device(shop.app)
    device.takes(answer.json)
    return device


def joins(shop: Shop, email: str) -> Device:
    """Register a customer and sign in."""
    assert registers(shop, email).status_code == 201
    return signs_in(shop, email)


def refreshes(shop: Shop, refresh_token: str) -> TestResponse:
    return shop.as_guest().post("/auth/refresh", {"refresh_token": refresh_token})


def goes_on(shop: Shop, device: Device, times: int) -> None:
    """Refresh several times, each time with the latest refresh token."""
    for _ in range(times):
        device.takes(refreshes(shop, device.refresh_token).json)


def at_once(shop: Shop, refresh_token: str, tabs: int) -> list[TestResponse]:
    """Several tabs present the same token concurrently."""
    barrier = threading.Barrier(tabs)

    def present(_: int) -> TestResponse:
        barrier.wait(100)
        return refreshes(shop, refresh_token)

    with ThreadPoolExecutor(tabs) as pool:
        return list(pool.map(present, range(tabs)))


def works_here(shop: Shop, email: str, role: str) -> Device:
    """Register a user, give them a role, and sign in with it."""
    registers(shop, email)
    with shop.modules["users"].transaction() as uow:
        uow.users.with_email(email).role = role
    return signs_in(shop, email)


def id_of(device: Caller) -> UUID:
    body: Any = device.get("/auth/validate").json
    return UUID(body["user_id"])


def two_seconds_pass(shop: Shop) -> None:
    """Let the cache of valid tokens expire, which lasts for FRESH seconds."""
    for who in shop.app.extensions["quartet_identities"].values():
        who.checked -= FRESH


def time_passes(shop: Shop, by: timedelta) -> None:
    """Move all times of sessions, tokens and keys into the past."""
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
