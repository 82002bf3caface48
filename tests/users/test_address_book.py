"""Customers save addresses: whose they are, how many, which are used by default, and where they are stored."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import MetaData, inspect, text

from app.kernel.ids import new_id
from app.modules.users.domain.address_book import MAX_ADDRESSES
from app.web.logs import JsonLines
from tests.shop import ALICE, Shop
from tests.users.people import ALICES, BOBS, Device, id_of, joins
from tests.web.steps import assert_problem

BOOK = "/users/me/addresses"
HOME = {"name": "Ada", "line1": "Plein 2", "city": "Den Haag", "postal_code": "2511cr", "country": "NL"}
WORK = {
    "company": "Ada & Co.",
    "line1": "12 Main St",
    "city": "Austin",
    "region": "tx",
    "postal_code": "78701",
    "country": "US",
}


@pytest.fixture
def alice(shop: Shop) -> Device:
    return joins(shop, ALICES)


def saves(who: Device, address: dict[str, Any], **more: Any) -> Any:
    answer = who.post(BOOK, address | more)
    assert answer.status_code == 201, answer.text
    return answer.json


def replaces(who: Device, id: str, address: dict[str, Any], version: int, **more: Any) -> Any:
    return who.put(f"{BOOK}/{id}", address | more, headers={"If-Match": f'"v{version}"'})


def defaults(who: Device) -> list[tuple[bool, bool, int]]:
    """Of each address: whether it is the default for shipping and for billing, and its version."""
    found: Any = who.get(BOOK).json
    return [(each["default_shipping"], each["default_billing"], each["version"]) for each in found["items"]]


def test_a_saved_address_is_normalised_and_shown_as_a_whole(alice: Device) -> None:
    answer = alice.post(BOOK, HOME | {"phone": "+31 70 318 22 11"})

    saved: Any = answer.json
    assert answer.headers["Location"] == f"/api/v1{BOOK}/{saved['id']}"
    assert answer.headers["ETag"] == '"v1"'
    assert saved == {
        "id": saved["id"],
        "name": "Ada",
        "company": "",
        "line1": "Plein 2",
        "line2": "",
        "city": "Den Haag",
        "region": "",
        "postal_code": "2511 CR",
        "country": "NL",
        "phone": "+31 70 318 22 11",
        "default_shipping": False,
        "default_billing": False,
        "version": 1,
        "created_at": saved["created_at"],
    }
    assert alice.get(f"{BOOK}/{saved['id']}").json == saved
    assert alice.get(BOOK).json == {"items": [saved], "next": None}


def test_a_new_account_has_none(alice: Device) -> None:
    assert alice.get(BOOK).json == {"items": [], "next": None}


def test_addresses_are_listed_in_the_order_in_which_they_were_saved(alice: Device) -> None:
    ids = [saves(alice, each)["id"] for each in (HOME, WORK, HOME)]

    found: Any = alice.get(BOOK).json
    assert [each["id"] for each in found["items"]] == ids


def test_an_address_is_replaced_as_a_whole(alice: Device) -> None:
    id = saves(alice, HOME, line2="2nd floor", default_shipping=True)["id"]

    answer = replaces(alice, id, WORK, 1)

    assert answer.status_code == 200 and answer.headers["ETag"] == '"v2"'
    changed = answer.json
    assert (changed["name"], changed["line2"], changed["region"], changed["version"]) == ("", "", "TX", 2)
    assert changed["default_shipping"] is False
    assert alice.get(f"{BOOK}/{id}").json == changed


def test_the_same_address_again_is_no_change(alice: Device) -> None:
    id = saves(alice, HOME)["id"]

    assert replaces(alice, id, HOME, 1).json["version"] == 1


def test_a_change_names_the_version_that_was_read(alice: Device) -> None:
    id = saves(alice, HOME)["id"]
    replaces(alice, id, WORK, 1)

    assert_problem(replaces(alice, id, HOME, 1), 412, "stale_version")
    assert_problem(alice.put(f"{BOOK}/{id}", HOME), 428, "precondition_required")
    assert alice.get(f"{BOOK}/{id}").json["country"] == "US"


def test_an_unchanged_address_is_not_sent_again(alice: Device) -> None:
    id = saves(alice, HOME)["id"]

    assert alice.get(f"{BOOK}/{id}", headers={"If-None-Match": '"v1"'}).status_code == 304
    saves(alice, WORK, default_shipping=True)
    assert alice.get(f"{BOOK}/{id}", headers={"If-None-Match": '"v1"'}).status_code == 304


def test_a_deleted_address_is_gone(alice: Device) -> None:
    id = saves(alice, HOME)["id"]

    assert alice.delete(f"{BOOK}/{id}").status_code == 204
    assert_problem(alice.delete(f"{BOOK}/{id}"), 404, "no_such_address")
    assert_problem(alice.get(f"{BOOK}/{id}"), 404, "no_such_address")
    assert_problem(replaces(alice, id, HOME, 1), 404, "no_such_address")


def test_one_address_is_the_default_for_shipping_and_one_for_billing(alice: Device) -> None:
    saves(alice, HOME, default_shipping=True, default_billing=True)
    saves(alice, WORK, default_billing=True)

    assert defaults(alice) == [(True, False, 2), (False, True, 1)]


def test_an_address_that_is_the_default_no_longer_has_another_version(alice: Device) -> None:
    """Otherwise a client that had read it before would make it the default again without knowing."""
    first, second = saves(alice, HOME, default_shipping=True), saves(alice, WORK)

    replaces(alice, second["id"], WORK, 1, default_shipping=True)

    assert defaults(alice) == [(False, False, 2), (True, False, 2)]
    assert_problem(replaces(alice, first["id"], HOME, 1, default_shipping=True), 412, "stale_version")


def test_a_change_of_an_address_and_its_default_is_one_version(alice: Device) -> None:
    id = saves(alice, HOME)["id"]

    assert replaces(alice, id, WORK, 1, default_billing=True).json["version"] == 2


def test_without_its_default_address_an_account_has_none(shop: Shop, alice: Device) -> None:
    id = saves(alice, HOME, default_shipping=True, default_billing=True)["id"]
    saves(alice, WORK)

    alice.delete(f"{BOOK}/{id}")

    assert defaults(alice) == [(False, False, 1)]
    with shop.modules["users"].reading() as uow:
        book = uow.address_books.find(id_of(alice))
        assert (book.default_shipping_id, book.default_billing_id) == (None, None)


def test_the_address_of_another_does_not_exist(shop: Shop, alice: Device) -> None:
    id, bob = saves(alice, HOME, default_shipping=True)["id"], joins(shop, BOBS)

    for answer in (bob.get(f"{BOOK}/{id}"), replaces(bob, id, WORK, 1), bob.delete(f"{BOOK}/{id}")):
        assert_problem(answer, 404, "no_such_address")
    assert bob.get(BOOK).json["items"] == []
    assert defaults(alice) == [(True, False, 1)]


def test_an_account_has_at_most_twenty(alice: Device) -> None:
    ids = [saves(alice, HOME)["id"] for _ in range(MAX_ADDRESSES)]

    problem = assert_problem(alice.post(BOOK, HOME), 409, "too_many_addresses")

    assert problem["limit"] == MAX_ADDRESSES == 20
    alice.delete(f"{BOOK}/{ids[3]}")
    saves(alice, WORK)


def test_at_once_they_are_no_more(shop_on_each: Shop) -> None:
    alice = joins(shop_on_each, ALICES)
    for _ in range(MAX_ADDRESSES - 3):
        saves(alice, HOME)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: alice.post(BOOK, HOME | {"default_shipping": True}), range(8)))

    assert sorted(each.status_code for each in answers) == [201] * 3 + [409] * 5
    assert [each[0] for each in defaults(alice)].count(True) == 1
    assert len(defaults(alice)) == MAX_ADDRESSES


def test_a_repeated_request_saves_one(alice: Device) -> None:
    first, again = (alice.post(BOOK, HOME, key="once") for _ in range(2))

    assert first.json == again.json and again.headers["Idempotency-Replayed"] == "true"
    assert {name: again.headers[name] for name in ("ETag", "Location")} == {
        name: first.headers[name] for name in ("ETag", "Location")
    }
    assert len(defaults(alice)) == 1
    assert_problem(alice.post(BOOK, WORK, key="once"), 422, "idempotency_key_reused")


def test_a_repeated_request_gets_the_address_as_it_is_now(alice: Device) -> None:
    saved = alice.post(BOOK, HOME, key="once").json
    assert saved is not None
    replaces(alice, saved["id"], WORK, 1)

    assert alice.post(BOOK, HOME, key="once").json["country"] == "US"  # type: ignore[index]
    alice.delete(f"{BOOK}/{saved['id']}")
    assert_problem(alice.post(BOOK, HOME, key="once"), 404, "no_such_address")
    assert defaults(alice) == []


def test_a_request_without_a_key_saves_nothing(alice: Device) -> None:
    assert_problem(alice.post(BOOK, HOME, headers={"Idempotency-Key": ""}), 400, "idempotency_key_missing")
    assert defaults(alice) == []


@pytest.fixture(scope="module")
def at_home(one_shop: Shop) -> Device:
    """A customer with one address, which no test changes."""
    alice = joins(one_shop, ALICES)
    saves(alice, HOME)
    return alice


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"country": "XX"}, "country"),
        ({"country": None}, "country"),
        ({"postal_code": "2511"}, "postal_code"),
        ({"postal_code": 2511}, "postal_code"),
        ({"postal_code": "2" * 21}, "postal_code"),
        ({"city": "", "name": ""}, "city name"),
        ({"line1": ""}, "line1"),
        ({"line1": "a" * 201}, "line1"),
        ({"line1": "\u200b\u2060"}, "line1"),
        ({"name": "Ada\x07"}, "name"),
        ({"name": "Ada\u202e"}, "name"),
        ({"name": "A" + "\u0301" * 31}, "name"),
        ({"phone": "none"}, "phone"),
        ({"phone": "1" * 31}, "phone"),
        ({"region": "TX", "country": "CA", "postal_code": "K1A 0A2"}, "region"),
        ({"default_shipping": "yes"}, "default_shipping"),
        ({"default_billing": 1}, "default_billing"),
        ({"id": str(ALICE)}, "id"),
        ({"user_id": str(ALICE)}, "user_id"),
        ({"version": 7}, "version"),
    ],
    ids=str,
)
def test_a_wrong_address_is_refused_with_the_field(at_home: Device, change: dict[str, Any], fields: str) -> None:
    (saved,) = at_home.get(BOOK).json["items"]

    for answer in (at_home.post(BOOK, HOME | change), replaces(at_home, saved["id"], HOME | change, 1)):
        problem = assert_problem(answer, 422, "invalid_request")
        assert problem["errors"].keys() == set(fields.split())
        assert all(isinstance(message, str) for messages in problem["errors"].values() for message in messages)
    assert at_home.get(BOOK).json == {"items": [saved], "next": None}


def test_guests_have_no_addresses(shop: Shop) -> None:
    guest, path = shop.as_guest(), f"{BOOK}/{new_id()}"

    for answer in (guest.get(BOOK), guest.post(BOOK, HOME), guest.get(path), guest.put(path, HOME), guest.delete(path)):
        assert_problem(answer, 401, "not_signed_in")


def test_a_token_may_outlive_its_account(shop: Shop) -> None:
    gone, path = shop.as_customer(ALICE), f"{BOOK}/{new_id()}"
    change = {"If-Match": '"v1"'}

    answers = [gone.get(BOOK), gone.post(BOOK, HOME), gone.get(path), gone.put(path, HOME, headers=change)]
    for answer in [*answers, gone.delete(path)]:
        assert_problem(answer, 401, "account_gone")


def test_a_new_name_of_the_account_changes_no_default(alice: Device) -> None:
    saves(alice, HOME, default_shipping=True)

    assert alice.patch("/users/me", {"name": "Ada"}, headers={"If-Match": '"v1"'}).status_code == 200
    assert defaults(alice) == [(True, False, 1)]
    assert alice.get("/users/me").headers["ETag"] == '"v2"', "which addresses do not change"


PLANTED = {"name": "Zebedee Quill", "company": "Xanthic Ltd", "line1": "77 Umbrella Passage", "phone": "+99 12345678"}


@pytest.fixture
def log() -> Iterator[StringIO]:
    """All that is logged, whatever its level."""
    written = StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    handler.setFormatter(JsonLines())
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(before)
    root.removeHandler(handler)


def copies(shop: Shop, wanted: str) -> set[str]:
    """The tables of users that have this text anywhere."""
    found = set()
    with shop.modules["users"].database.begin() as connection:
        names = inspect(connection).get_table_names()
        stored = MetaData()
        stored.reflect(connection)
        for name in names:
            rows = connection.execute(stored.tables[name].select()).all()
            if any(wanted.encode() in _bytes(value) for row in rows for value in row):
                found.add(name)
    return found


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


@pytest.mark.slow
def test_an_address_is_stored_in_one_table_and_written_nowhere_else(shop_on_each: Shop, log: StringIO) -> None:
    shop, planted = shop_on_each, HOME | PLANTED
    alice = joins(shop, ALICES)
    saved = alice.post(BOOK, planted, key="once").json
    assert saved is not None
    alice.post(BOOK, planted, key="once")
    replaces(alice, saved["id"], planted, 1, default_shipping=True)
    replaces(alice, saved["id"], planted, 1)
    alice.post(BOOK, planted | {"country": "XX"})
    alice.post(BOOK, planted | {"more": planted["line1"]})
    alice.post(BOOK, planted, key="once more")
    shop.settle()

    for each in PLANTED.values():
        assert copies(shop, each) == {"addresses"}
        assert each not in log.getvalue()
    assert BOOK in log.getvalue()
    assert {"users", "outbox", "idempotency"} <= copies(shop, "") - {"inbox"}


def test_what_is_logged_of_an_error_has_no_address(shop: Shop, alice: Device, log: StringIO) -> None:
    with shop.modules["users"].database.begin() as connection:
        connection.execute(text("ALTER TABLE addresses RENAME COLUMN city TO mislaid"))

    answer = alice.post(BOOK, HOME | PLANTED)

    assert answer.status_code == 500 and "Traceback" in log.getvalue()
    for planted in PLANTED.values():
        assert planted not in log.getvalue()
        assert planted not in answer.text
