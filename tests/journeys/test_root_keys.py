"""Signing keys are trusted only with the signature of a root key: forged keys, upgrades, and new root keys."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text, update

from app.bus.contracts.users import SigningKeyPublished
from app.config.reading import SettingsError
from app.kernel.ids import new_id
from app.modules.orders.module import orders
from app.modules.users.module import users
from app.runtime.migrate import config_of
from app.web.root_keys import DEVELOPMENT_PRIVATE, new_root, sign
from app.web.tables import trusted_keys
from tests.production import production_in
from tests.shop import ALICE, OWN_ROOT, PUBLIC_KEY, ROOT, Caller, Shop, signed_by_root
from tests.users.conftest import CHEAP
from tests.users.people import ALICES, joins, two_seconds_pass

Forged = Callable[[SigningKeyPublished], SigningKeyPublished]
OTHERS = Ed25519PrivateKey.generate()
FORGED: dict[str, Forged] = {
    "without a signature": lambda event: replace(event, signature=""),
    "signed by a key of one's own": lambda event: sign(event, OTHERS),
    "with what is no signature": lambda event: replace(event, signature="é" * 88),
    "with another's signature": lambda event: replace(event, signature=signed_by_root("other", "PEM").signature),
    "signed for another key": lambda event: replace(event, public_key=event.public_key + " "),
    "signed for another version": lambda event: replace(event, version=event.version + 1),
    "signed as retired": lambda event: replace(event, retired=not event.retired),
    "signed for another revision": lambda event: replace(event, revision=event.revision + 1),
}


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """A shop with users only."""
    alone = Shop(tmp_path, partial(users, passwords=CHEAP))
    yield alone
    alone.close()


@pytest.fixture
def alone(tmp_path: Path) -> Any:
    """A shop with orders only."""
    shop = Shop(tmp_path, orders)
    yield shop
    shop.close()


def moves(device: Caller, shop: Shop) -> Caller:
    """A client with the same token at another shop."""
    return Caller(shop.app, device.headers)


def announced(shop: Shop) -> list[SigningKeyPublished]:
    """The signing keys that users has published."""
    return list(shop.published(SigningKeyPublished))


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_forged_key_signs_nobody_in(alone: Shop, forged: Forged) -> None:
    alone.kid = str(new_id())
    alone.receives(forged(signed_by_root(alone.kid, PUBLIC_KEY)))

    answers = [alone.as_staff(role="admin").get(path).status_code for path in ("/orders", "/ops/orders/bus")]

    assert answers == [401, 401]
    assert alone.parked() == 0


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_no_forged_event_retires_the_shops_own_key(alone: Shop, forged: Forged) -> None:
    alone.receives(forged(signed_by_root(alone.kid, "another", retired=True, version=9)))

    assert alone.as_customer(ALICE).get("/orders").status_code == 200


def test_the_keys_that_users_publishes_are_trusted_by_other_modules(shop: Shop, alone: Shop) -> None:
    device = joins(shop, ALICES)
    assert moves(device, alone).get("/orders").status_code == 401

    for event in announced(shop):
        alone.receives(event)

    assert moves(device, alone).get("/orders").status_code == 200


BEFORE = {"users": "0005", "orders": "0007"}  # the last migrations before root keys


def as_before_there_were_roots(folder: Path, module: str) -> None:
    """Downgrade the database to the version before root keys, with the signing keys that it had."""
    shop = Shop(folder, {"users": users, "orders": orders}[module])
    with shop.modules[module].database.begin() as connection:
        known = [dict(row) for row in connection.execute(select(trusted_keys)).mappings()]
    command.downgrade(config_of(shop.modules[module]), BEFORE[module])
    columns = ("kid", "public_key", "retired", "version", "revision")
    with shop.modules[module].database.begin() as connection:
        names = ", ".join(columns)
        values = ", ".join(f":{name}" for name in columns)
        for row in known:
            made = text(f"INSERT INTO known_signing_keys ({names}) VALUES ({values})")
            connection.execute(made, {name: row[name] for name in columns} | {"revision": 0})
    shop.close()


def test_customers_stay_signed_in_through_an_upgrade_of_a_split_shop(tmp_path: Path) -> None:
    """orders is upgraded first, users later; then the period ends in which unsigned keys are accepted."""
    (tmp_path / "users").mkdir()
    (tmp_path / "orders").mkdir()
    first = Shop(tmp_path / "users", users)
    device, published = joins(first, ALICES), announced(first)
    first.close()
    before = Shop(tmp_path / "orders", orders)
    before.receives(published[0])
    before.close()
    for name in ("users", "orders"):
        as_before_there_were_roots(tmp_path / name, name)

    upgraded = Shop(tmp_path / "orders", orders)
    assert moves(device, upgraded).get("/orders").status_code == 200, "before users has published the key again"
    later = Shop(tmp_path / "users", users)
    changes = announced(later)[len(published) :]
    assert len(changes) == 1 and changes[0].signature, "users publishes its key again by itself, now signed"
    assert moves(device, later).get("/users/me").status_code == 200
    for event in changes:
        upgraded.receives(event)
    two_hours_pass(upgraded)

    assert moves(device, upgraded).get("/orders").status_code == 200
    for shop in (upgraded, later):
        shop.close()


def two_hours_pass(shop: Shop) -> None:
    earlier = update(trusted_keys).where(trusted_keys.c.until.is_not(None))
    for module in shop.modules.values():
        with module.database.begin() as connection:
            past = datetime.now(UTC) - timedelta(seconds=1)
            assert connection.execute(earlier.values(until=past)).rowcount
    two_seconds_pass(shop)


def test_a_key_that_was_forged_before_an_upgrade_is_accepted_for_two_hours_and_no_longer(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders)
    forged = shop.token(ALICE, "admin")
    shop.close()
    as_before_there_were_roots(tmp_path, "orders")
    upgraded = Shop(tmp_path, orders)
    stranger = Caller(upgraded.app, {"Authorization": f"Bearer {forged}"})
    assert stranger.get("/orders").status_code == 200

    two_hours_pass(upgraded)

    assert stranger.get("/orders").status_code == 401
    upgraded.close()


def test_a_new_root_key_takes_over_and_nobody_is_signed_out(tmp_path: Path) -> None:
    old, new = new_root(), new_root()
    both = f"{old[1]},{new[1]}"
    (tmp_path / "users").mkdir()
    (tmp_path / "orders").mkdir()

    def at(name: str, module: Any, public: str, private: str = "") -> Shop:
        return Shop(tmp_path / name, module, ROOT_PUBLIC_KEYS=public, ROOT_PRIVATE_KEY=private)

    def publishes_to(signing: Shop, listening: Shop, since: int) -> int:
        published = announced(signing)
        for event in published[since:]:
            listening.receives(event)
        return len(published)

    began, listens = at("users", users, old[1], old[0]), at("orders", orders, old[1])
    device = joins(began, ALICES)
    count = publishes_to(began, listens, 0)
    began.close()
    listens.close()

    turned, listens = at("users", users, both, new[0]), at("orders", orders, both)
    assert moves(device, listens).get("/orders").status_code == 200
    assert publishes_to(turned, listens, count) == count + 1, (
        "users publishes it again by itself, signed with the new root key"
    )
    listens.close()
    turned.close()

    without_the_old, ended = at("orders", orders, new[1]), at("users", users, new[1], new[0])
    assert moves(device, without_the_old).get("/orders").status_code == 200
    assert moves(device, ended).get("/users/me").status_code == 200
    assert len(announced(ended)) == count + 1, "published once, not at each start"
    ended.close()
    without_the_old.close()


def test_a_key_signed_by_a_withdrawn_root_key_is_no_longer_trusted(tmp_path: Path) -> None:
    stolen, own = new_root(), new_root()
    thief = Ed25519PrivateKey.from_private_bytes(b64decode(stolen[0], b"-_"))
    shop = Shop(tmp_path, orders, ROOT_PUBLIC_KEYS=f"{stolen[1]},{own[1]}")
    shop.receives(sign(signed_by_root(shop.kid, PUBLIC_KEY), thief))
    token = shop.as_customer(ALICE)
    assert token.get("/orders").status_code == 200
    shop.close()

    later = Shop(tmp_path, orders, ROOT_PUBLIC_KEYS=own[1])

    assert moves(token, later).get("/orders").status_code == 401
    assert later.as_guest().get("/readyz").status_code == 503
    later.close()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"ROOT_PUBLIC_KEYS": OWN_ROOT["ROOT_PUBLIC_KEYS"]}, "ROOT_PRIVATE_KEY is missing"),
        ({"ROOT_PRIVATE_KEY": OWN_ROOT["ROOT_PRIVATE_KEY"]}, "belongs to none of ROOT_PUBLIC_KEYS"),
        ({**OWN_ROOT, "ROOT_PRIVATE_KEY": DEVELOPMENT_PRIVATE}, "belongs to none of ROOT_PUBLIC_KEYS"),
        ({**OWN_ROOT, "ROOT_PRIVATE_KEY_FILE": "/dev/null"}, "are both set"),
        ({"ROOT_PRIVATE_KEY_FILE": "/nowhere"}, "ROOT_PRIVATE_KEY_FILE cannot be read: No such file"),
        ({"ROOT_PRIVATE_KEY_FILE": "/dev/null"}, "ROOT_PRIVATE_KEY_FILE cannot be read: it does not contain a key"),
    ],
)
def test_users_does_not_start_without_the_right_root_key(
    tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence) as refused:
        Shop(tmp_path, users, **variables)

    assert DEVELOPMENT_PRIVATE not in str(refused.value) and OWN_ROOT["ROOT_PRIVATE_KEY"] not in str(refused.value)


def test_production_accepts_a_pair_that_the_command_makes(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "root.key"
    made = shop.app.test_cli_runner().invoke(args=["users", "make-root", "--file", str(file)])
    again = shop.app.test_cli_runner().invoke(args=["users", "make-root", "--file", str(file)])
    variables = dict(line.split("=", 1) for line in made.output.splitlines() if not line.startswith("#"))
    (tmp_path / "production").mkdir()

    production = Shop(
        tmp_path / "production",
        users,
        **{**production_in(tmp_path / "production"), "ROOT_PRIVATE_KEY": "", **variables},
    )

    assert joins(production, ALICES).get("/users/me").status_code == 200
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() not in made.output
    assert again.exit_code == 1 and "File exists" in again.output
    production.close()


def test_each_generated_pair_is_different(shop: Shop) -> None:
    outputs = {shop.app.test_cli_runner().invoke(args=["users", "make-root"]).output for _ in range(2)}

    assert len(outputs) == 2 and all("ROOT_PRIVATE_KEY=" in each for each in outputs)


def test_the_signed_content_does_not_change() -> None:
    """If it changed, every module would refuse the keys that another version of users publishes."""
    event = SigningKeyPublished(kid="k", algorithm="EdDSA", public_key="p", retired=False, version=1, revision=1)

    known = "eYFlEOXgaMsEZwxgbf1VITFrTtBD2c5nddPePiBRCQWOhMctbZjksd7ChZFo8vNf4PSg48_VKiWlwadKYqbSCw=="
    assert json.loads(sign(event, ROOT).to_json())["signature"] == known
