"""Races of the operations routes for parked events, which every module has."""

from collections.abc import Callable
from functools import partial
from typing import Any

from werkzeug.test import TestResponse

from app.bus.contracts.users import SigningKeyPublished
from app.kernel.ids import new_id
from tests.ops.steps import BECAUSE, consumes
from tests.races.rivals import Check, Race, race, refused, statuses
from tests.shop import Shop

SINCE = {**BECAUSE, "since": "2026-01-01T00:00:00Z"}


def parked(shop: Shop, module: str) -> int:
    """Park an event that cannot be decoded. Returns its position."""
    kid = str(new_id())
    event = SigningKeyPublished(kid=kid, algorithm="EdDSA", public_key="", retired=False, version=1)
    consumes(shop, module, event, body=b"{")
    found: Any = shop.as_staff().get(f"/ops/{module}/parked?key={kid}").json
    return int(found["items"][0]["id"])


def both_are(status: int) -> Check:
    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [status, status], (first.text, second.text)

    return check


def discarded_twice(module: str, shop: Shop, n: int) -> Race:
    path = f"/ops/{module}/parked/{parked(shop, module)}/discard"
    return twice(shop, path, BECAUSE, refused("not_parked"))


def retried_and_discarded(module: str, shop: Shop, n: int) -> Race:
    path = f"/ops/{module}/parked/{parked(shop, module)}"

    def check(first: TestResponse, second: TestResponse) -> None:
        assert (first.status_code in {200, 404}, second.status_code) == (True, 204)

    staff = shop.as_staff()
    return Race(lambda: staff.post(f"{path}/retry", BECAUSE), lambda: staff.post(f"{path}/discard", BECAUSE), check)


def all_retried_twice(module: str, shop: Shop, n: int) -> Race:
    parked(shop, module)
    return twice(shop, f"/ops/{module}/parked/retry", BECAUSE, both_are(200))


def replayed_twice(module: str, shop: Shop, n: int) -> Race:
    return twice(shop, f"/ops/{module}/replay", SINCE, both_are(202))


def republished_twice(module: str, shop: Shop, n: int) -> Race:
    return twice(shop, f"/ops/{module}/republish", SINCE, both_are(200))


def twice(shop: Shop, path: str, body: Any, check: Check) -> Race:
    staff = shop.as_staff()
    return Race(lambda: staff.post(path, body), lambda: staff.post(path, body), check)


MEETINGS: dict[str, Callable[[str, Shop, int], Race]] = {
    "parked/<parked_id>/discard": discarded_twice,
    "parked/<parked_id>/retry": retried_and_discarded,
    "parked/retry": all_retried_twice,
    "replay": replayed_twice,
    "republish": republished_twice,
}
for module in ("catalog", "orders", "payments", "users"):
    for route, meeting in MEETINGS.items():
        race(f"POST /api/v1/ops/{module}/{route}", module=module)(partial(meeting, module))
