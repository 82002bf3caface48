"""Making admins from the command line and by other admins, and what the trail records of it."""

import getpass
from pathlib import Path
from typing import Any

import pytest

from app.bus.contracts.users import UserRegistered
from app.ops import operations
from tests.shop import Shop
from tests.users.people import ALICES, BOBS, PASSWORD, id_of, joins, registers, signs_in, two_seconds_pass, works_here
from tests.users.test_accounts import changes

ROOTS, NEW = "root@shop.example.com", "a good long password"
SHELL = f"shell:{getpass.getuser()}"


def creates(shop: Shop, *words: str, types: str | None = None) -> Any:
    return shop.app.test_cli_runner().invoke(args=["users", "create-admin", *words], input=types)


def trail(shop: Shop) -> list[tuple[str, str, str]]:
    """The trail as (who, what, why), newest first."""
    with shop.modules["users"].database.read() as connection:
        return [(row.who, row.what, row.why) for row in operations.newest(connection, None, 10)]


def role_of(shop: Shop, email: str) -> str:
    with shop.modules["users"].reading() as uow:
        return str(uow.users.with_email(email).role)


def test_an_admin_is_made_from_the_command_line(shop: Shop) -> None:
    result = creates(shop, "Root@shop.example.com", "--password-stdin", types=f"{NEW}\n")

    assert result.exit_code == 0, result.output
    assert signs_in(shop, ROOTS, NEW).get("/users").status_code == 200
    assert "password" not in result.output
    assert trail(shop) == [(SHELL, "open an admin's account", "from the command line")]


@pytest.mark.parametrize("words", [(), ("--password-stdin",), ("--yes",)])
def test_who_registered_an_address_earlier_does_not_become_an_admin_with_their_own_password(
    shop: Shop, words: tuple[str, ...]
) -> None:
    stranger = joins(shop, ROOTS)

    result = creates(shop, ROOTS, *words, types=f"{NEW}\n{NEW}\n")

    assert result.exit_code == 1 and "--promote" in result.output
    two_seconds_pass(shop)
    assert stranger.get("/users/me").json["role"] == "customer"  # type: ignore[index]
    assert trail(shop) == []


def test_a_promotion_shows_the_account_and_asks(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    result = creates(shop, ALICES, "--promote", types="n\n")

    assert result.exit_code == 1
    assert f"{ALICES}: customer, opened 20" in result.output and "last used: 20" in result.output
    two_seconds_pass(shop)
    assert alice.get("/users/me").json["role"] == "customer"  # type: ignore[index]


def test_an_unused_account_is_shown_as_unused(shop: Shop) -> None:
    registers(shop, ALICES)

    assert "last used: no session of the last day is stored" in creates(shop, ALICES, "--promote", types="n\n").output


def test_who_is_promoted_keeps_the_password_if_none_is_given_and_signs_in_again(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    result = creates(shop, ALICES, "--promote", "--reason", "she runs the shop now", types="y\n\n\n")

    assert result.exit_code == 0 and "its own password" in result.output, result.output
    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 401
    assert shop.as_guest().post("/auth/refresh", {"refresh_token": alice.refresh_token}).status_code == 401
    assert signs_in(shop, ALICES).get("/users").status_code == 200
    assert trail(shop) == [(SHELL, "make an admin", "she runs the shop now")]


@pytest.mark.parametrize(("words", "typed"), [((), f"y\n{NEW}\n{NEW}\n"), (("--yes", "--password-stdin"), f"{NEW}\n")])
def test_a_password_given_with_a_promotion_is_the_only_one_from_then_on(
    shop: Shop, words: tuple[str, ...], typed: str
) -> None:
    alice = joins(shop, ALICES)

    result = creates(shop, ALICES, "--promote", *words, types=typed)

    assert result.exit_code == 0, result.output
    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 401
    old = shop.as_guest().post("/auth/login", {"email": ALICES, "password": PASSWORD})
    assert old.status_code == 401
    assert signs_in(shop, ALICES, NEW).get("/users").status_code == 200
    assert [what for _, what, _ in trail(shop)] == ["make an admin", "set a password"]


def test_the_only_admin_gets_in_again_with_a_new_password(shop: Shop) -> None:
    root = works_here(shop, ROOTS, "admin")

    assert creates(shop, ROOTS, "--promote", "--yes", "--password-stdin", types=f"{NEW}\n").exit_code == 0

    two_seconds_pass(shop)
    assert root.get("/users").status_code == 401
    assert signs_in(shop, ROOTS, NEW).get("/users").status_code == 200


def test_a_promotion_of_an_admin_who_keeps_the_password_ends_the_access_tokens_too(shop: Shop) -> None:
    root = works_here(shop, ROOTS, "admin")

    result = creates(shop, ROOTS, "--promote", "--reason", "a lost laptop", types="y\n\n\n")

    assert result.exit_code == 0 and "All its sessions have ended" in result.output, result.output
    two_seconds_pass(shop)
    assert root.get("/users").status_code == 401
    assert signs_in(shop, ROOTS).get("/users").status_code == 200
    assert trail(shop) == [(SHELL, "end all sessions", "a lost laptop")]


def test_a_disabled_account_is_enabled_by_a_promotion(shop: Shop) -> None:
    bob, root = joins(shop, BOBS), works_here(shop, ROOTS, "admin")
    changes(root, f"/users/{id_of(bob)}", {"disabled": True})

    result = creates(shop, BOBS, "--promote", types="y\n\n\n")

    assert f"{BOBS}: customer, shut out, opened" in result.output
    assert signs_in(shop, BOBS).get("/users").status_code == 200


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (("nobody",), f"{NEW}\n"),
        (("a@b.example", "--password-stdin"), "short\n"),
        (("a@b.example", "--password-stdin"), ""),
        (("a@b.example", "--promote"), "y\n\n\n"),
        ((ALICES, "--promote", "--password-stdin"), f"{NEW}\n"),
        ((ALICES, "--promote", "--yes", "--password-stdin"), "short\n"),
        ((ALICES, "--promote", "--yes", "--password-stdin"), ""),
    ],
)
def test_an_admin_that_cannot_be_is_refused_with_a_sentence(shop: Shop, words: tuple[str, ...], typed: str) -> None:
    registers(shop, ALICES)

    result = creates(shop, *words, types=typed)

    assert result.exit_code in {1, 2} and "Error:" in result.output
    assert role_of(shop, ALICES) == "customer"
    assert (len(shop.published(UserRegistered)), trail(shop)) == (1, [])


@pytest.mark.parametrize(
    "email", ["root@intranet", "ro ot@shop.example.com", "root@shop@example.com", "root@-.example.com", "@example.com"]
)
def test_nobody_is_made_an_admin_whose_address_the_sign_in_refuses(shop: Shop, email: str) -> None:
    result = creates(shop, email, "--password-stdin", types=f"{NEW}\n")

    assert result.exit_code == 2 and "is not an e-mail address" in result.output, result.output
    assert trail(shop) == []


@pytest.mark.parametrize("password", [f"{NEW} " * 11, f"{NEW}\0"], ids=["long", "nul"])
def test_nobody_is_made_an_admin_whose_password_the_sign_in_refuses(shop: Shop, password: str) -> None:
    registers(shop, ALICES)

    for words in ((ROOTS,), (ALICES, "--promote", "--yes")):
        result = creates(shop, *words, "--password-stdin", types=f"{password}\n")
        assert result.exit_code == 1 and "a password " in result.output, result.output

    assert trail(shop) == []


def test_an_admin_with_a_long_address_signs_in(shop: Shop) -> None:
    email = f"{'r' * 220}@shop.example.com"

    assert creates(shop, email, "--password-stdin", types=f"{NEW}\n").exit_code == 0
    me: Any = signs_in(shop, email, NEW).get("/users/me").json
    assert me["name"] == "r" * 200, "as long as a column of PostgreSQL has room for"


def test_a_password_in_a_file_may_have_a_mark_of_its_encoding(shop: Shop, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text(f"{NEW}\r\n", encoding="utf-8-sig")

    assert creates(shop, ROOTS, "--password-file", str(secret)).exit_code == 0
    assert signs_in(shop, ROOTS, NEW).get("/users").status_code == 200


def test_what_an_admin_decides_about_someone_is_written_down(shop: Shop) -> None:
    root, bob = works_here(shop, ROOTS, "admin"), joins(shop, BOBS)
    who, path = f"user:{id_of(root)}", f"/users/{id_of(bob)}"

    changes(root, path, {"role": "staff", "reason": "he packs"})
    changes(root, path, {"role": "staff"})  # no change
    changes(root, path, {"disabled": True})
    changes(root, path, {"disabled": False, "role": "customer"})

    operations = [(each["who"], each["what"], each["why"]) for each in root.get("/ops/users/operations").json["items"]]  # type: ignore[index]
    assert operations == [
        (who, "let in again", "no reason given"),
        (who, "give the role customer", "no reason given"),
        (who, "shut out", "no reason given"),
        (who, "give the role staff", "he packs"),
    ]


def test_a_rotation_of_keys_is_written_down(shop: Shop) -> None:
    shop.app.test_cli_runner().invoke(args=["users", "keys", "rotate"])

    assert trail(shop) == [(SHELL, "rotate signing keys", "from the command line")]
