"""Two spellings of one mailbox are one account. Addresses stored earlier still work, and accounts are never merged."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.config.settings import Settings
from app.kernel import clock
from app.kernel.email import normalized
from app.kernel.errors import Invalid
from app.kernel.ids import new_id
from app.modules.users.infrastructure import tables
from app.modules.users.infrastructure.checkup import address_check
from app.modules.users.module import users
from app.runtime.migrate import config_of, upgrade
from app.wiring import Module
from tests.servers import fresh_databases
from tests.shop import Shop
from tests.users.conftest import CHEAP
from tests.users.people import PASSWORD, registers, signs_in

SAME = [
    ("user@münchen.de", "user@xn--mnchen-3ya.de"),
    ("user@MÜNCHEN.de", "user@mu\u0308nchen.de"),
    ("user@münchen。de", "user@xn--mnchen-3ya.de"),
    ("kate@example.com", "\u212aate@example.com"),
    ("kate@example.com", "ｋａｔｅ@example.com"),
    ("\u00e9@example.com", "E\u0301@example.com"),
    ("user@straße.de", "USER@xn--strae-oqa.de"),
]


@pytest.mark.parametrize(("address", "again"), SAME)
def test_a_mailbox_has_one_account_in_all_its_spellings(shop: Shop, address: str, again: str) -> None:
    first: Any = registers(shop, address).json

    second = registers(shop, again)

    assert first["email"].partition("@")[2].isascii()
    assert (second.status_code, second.json["code"]) == (409, "email_taken")  # type: ignore[index]
    assert signs_in(shop, again).get("/users/me").json == first


def test_mailboxes_that_differ_stay_apart(shop: Shop) -> None:
    for address in ("strasse@example.com", "straße@example.com", "a+b@example.com", "ab@example.com", "a@strasse.de"):
        assert registers(shop, address).status_code == 201
    assert registers(shop, "a@straße.de").status_code == 201


@pytest.mark.parametrize(
    "address",
    [
        *("a@\u2603\ufe0f\u200d.com", "a@-ü.de", "a@ü..de", "a@" + "ü" * 64 + ".de", "a＠b@example.com"),
        *("a b@example.com", "a@", "@b.de", "a@b", "a@ü", "\u202ea@example.com"),
        *("a" * 250 + "@b.de", "ü@" + "ü" * 200 + ".de"),
    ],
)
def test_what_is_no_address_is_refused(shop: Shop, address: str) -> None:
    assert registers(shop, address).status_code == 422
    answer = shop.as_guest().post("/auth/login", {"email": address, "password": PASSWORD})
    assert answer.status_code == 422


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_what_is_kept_is_kept_as_it_is(local: str) -> None:
    try:
        stored = normalized(f"{local}@münchen.de")
    except Invalid:
        return
    assert normalized(stored) == stored


def test_all_spellings_of_an_account_share_its_allowance(tmp_path: Path) -> None:
    shop = Shop(tmp_path, lambda settings: users(settings, passwords=CHEAP), LIMIT_LOGIN="3/minute")
    spellings = ["kate@example.com", "Kate@example.com", "\u212aate@example.com", "ｋate@example.com"]

    tried = [shop.as_guest().post("/auth/login", {"email": each, "password": "x"}).status_code for each in spellings]

    assert tried == [401, 401, 401, 429]
    shop.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Module]:
    """users on a database of the version before addresses were normalized."""
    with fresh_databases("users") if request.param == "postgresql" else nullcontext({}) as variables:
        settings = Settings.from_environment({"QUARTET_DATA": str(tmp_path), **variables})
        module = replace(users(settings, passwords=CHEAP), after_upgrade=None)
        command.upgrade(config_of(module), "0003")
        yield module
        module.database.close()


def keeps(module: Module, *addresses: str) -> None:
    """Insert accounts with addresses as that version stored them."""
    with module.database.begin() as connection:
        for address in addresses:
            row = {"id": new_id(), "email": address, "name": "X", "password_hash": CHEAP.hash(PASSWORD), "epoch": 0}
            row |= {"role": "customer", "created_at": clock.now(), "disabled": False, "version": 1}
            connection.execute(tables.users.insert(), row)


def stored_addresses(module: Module) -> list[str]:
    with module.database.read() as connection:
        return [row.email for row in connection.execute(text("SELECT email FROM users ORDER BY id"))]


def test_earlier_addresses_are_normalized_where_the_result_is_free(before: Module) -> None:
    odd = [
        "ｋate@example.com",
        "plain@example.com",
        "user@münchen.de",
        "user@xn--mnchen-3ya.de",
        "é@x.de",
        "e\u0301@x.de",
    ]
    keeps(before, *odd, "a@-ü.de")

    upgrade([before])

    assert stored_addresses(before) == [
        "kate@example.com",
        "plain@example.com",
        "user@münchen.de",
        "user@xn--mnchen-3ya.de",
        "é@x.de",
        "e\u0301@x.de",
        "a@-ü.de",
    ]
    [discrepancy] = address_check(before.reading)
    assert discrepancy.state == "warn"
    assert discrepancy.sentence.startswith("3 accounts have an address")


def test_an_account_that_kept_its_spelling_signs_in_with_it_and_nobody_with_anothers(shop: Shop) -> None:
    old, new = "user@münchen.de", "user@xn--mnchen-3ya.de"
    registers(shop, new)
    keeps(shop.modules["users"], old)

    ids = {signs_in(shop, each).get("/users/me").json["id"] for each in (old, new, "USER@MÜNCHEN.DE")}  # type: ignore[index]

    assert len(ids) == 2
    assert signs_in(shop, old).get("/users/me").json["email"] == old  # type: ignore[index]


def test_a_shop_with_normalized_addresses_has_no_warning(shop: Shop) -> None:
    registers(shop, "user@münchen.de")

    [discrepancy] = address_check(shop.modules["users"].reading)

    assert discrepancy.state == "ok"
