"""Races of the routes of users."""

from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from app.bus.contracts.users import SessionEnded
from tests.journeys.steps import PASSWORD
from tests.races.rivals import Check, Race, one_wins, race, refused, statuses
from tests.shop import Caller, Shop

NEW = "an entirely other phrase 42"
ADDRESS = {"name": "Ada", "line1": "Plein 2", "city": "Den Haag", "postal_code": "2511 CR", "country": "NL"}


def email(n: int) -> str:
    return f"someone-{n}@example.com"


def registers(shop: Shop, n: int) -> TestResponse:
    return shop.as_guest().post("/users", {"email": email(n), "password": PASSWORD, "name": "Someone"})


def signs_in(shop: Shop, n: int) -> tuple[Caller, Any]:
    """Register a customer and sign in. Returns the client and the token pair."""
    registers(shop, n)
    pair: Any = login(shop, n).json
    return Caller(shop.door, {"Authorization": f"Bearer {pair['access_token']}"}), pair


def login(shop: Shop, n: int, password: str = PASSWORD) -> TestResponse:
    return shop.as_guest().post("/auth/login", {"email": email(n), "password": password})


def refreshes(shop: Shop, token: str) -> TestResponse:
    return shop.as_guest().post("/auth/refresh", {"refresh_token": token})


def nobody_is_in(shop: Shop, refreshing: TestResponse) -> None:
    """The tokens of a refresh that ran concurrently are not valid."""
    pair: Any = refreshing.json
    if refreshing.status_code == 200:
        caller = Caller(shop.door, {"Authorization": f"Bearer {pair['access_token']}"})
        assert caller.get("/users/me").status_code == 401
        assert refreshes(shop, pair["refresh_token"]).status_code == 401


def both(*wanted: int) -> Check:
    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == sorted(wanted), (first.text, second.text)

    return check


@race("POST /api/v1/users")
def two_register_one_address(shop: Shop, n: int) -> Race:
    return Race(lambda: registers(shop, n), lambda: registers(shop, n), refused("email_taken"))


@race("POST /api/v1/auth/login", "POST /api/v1/users/me/password")
def a_sign_in_with_the_old_password_while_it_is_changed(shop: Shop, n: int) -> Race:
    caller, _ = signs_in(shop, n)
    change = {"old_password": PASSWORD, "new_password": NEW}

    def check(first: TestResponse, second: TestResponse) -> None:
        assert second.status_code == 200 and first.status_code in {200, 401}
        nobody_is_in(shop, first)

    return Race(lambda: login(shop, n), lambda: caller.post("/users/me/password", change), check)


@race("POST /api/v1/auth/refresh")
def one_token_is_used_twice(shop: Shop, n: int) -> Race:
    _, pair = signs_in(shop, n)
    token = pair["refresh_token"]
    return Race(lambda: refreshes(shop, token), lambda: refreshes(shop, token), both(200, 200))


@race("POST /api/v1/auth/refresh", "POST /api/v1/users/me/password")
def a_thief_refreshes_while_the_password_is_changed(shop: Shop, n: int) -> Race:
    caller, pair = signs_in(shop, n)
    change = {"old_password": PASSWORD, "new_password": NEW}

    def check(first: TestResponse, second: TestResponse) -> None:
        assert second.status_code == 200, second.text
        nobody_is_in(shop, first)
        mine: Any = second.json
        assert refreshes(shop, mine["refresh_token"]).status_code == 200

    return Race(
        lambda: refreshes(shop, pair["refresh_token"]), lambda: caller.post("/users/me/password", change), check
    )


@race("POST /api/v1/users/me/password", "POST /api/v1/auth/refresh")
def the_password_is_changed_while_a_thief_refreshes(shop: Shop, n: int) -> Race:
    other = a_thief_refreshes_while_the_password_is_changed(shop, n)
    return Race(other.second, other.first, lambda first, second: other.check(second, first))


@race("POST /api/v1/users/me/password")
def a_password_is_changed_twice(shop: Shop, n: int) -> Race:
    caller, _ = signs_in(shop, n)

    def changes(new: str) -> TestResponse:
        return caller.post("/users/me/password", {"old_password": PASSWORD, "new_password": new})

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("wrong_password", "token_revoked", "session_over")(first, second)
        signed_in = [login(shop, n, password).status_code for password in (NEW, f"{NEW} b")]
        assert sorted(signed_in) == [200, 401]

    return Race(lambda: changes(NEW), lambda: changes(f"{NEW} b"), check)


@race("POST /api/v1/auth/logout")
def someone_signs_out_twice(shop: Shop, n: int) -> Race:
    caller, pair = signs_in(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert 204 in {first.status_code, second.status_code} <= {204, 401}
        assert refreshes(shop, pair["refresh_token"]).status_code == 401

    return Race(lambda: caller.post("/auth/logout"), lambda: caller.post("/auth/logout"), check)


@race("POST /api/v1/auth/logout-all", "POST /api/v1/auth/refresh")
def someone_signs_out_everywhere_while_a_device_refreshes(shop: Shop, n: int) -> Race:
    caller, pair = signs_in(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert second.status_code == 204 and first.status_code in {200, 401}
        nobody_is_in(shop, first)

    return Race(lambda: refreshes(shop, pair["refresh_token"]), lambda: caller.post("/auth/logout-all"), check)


@race("PATCH /api/v1/users/me")
def someone_is_renamed_twice(shop: Shop, n: int) -> Race:
    caller, _ = signs_in(shop, n)
    tag = {"If-Match": caller.get("/users/me").headers["ETag"]}
    return Race(
        lambda: caller.patch("/users/me", {"name": "One"}, headers=tag),
        lambda: caller.patch("/users/me", {"name": "Other"}, headers=tag),
        one_wins,
    )


@race("PATCH /api/v1/users/<uuid:user_id>")
def two_admins_decide_about_someone(shop: Shop, n: int) -> Race:
    admin, account = shop.as_staff(role="admin"), registers(shop, n).json
    path, tag = f"/users/{account['id']}", {"If-Match": '"v1"'}  # type: ignore[index]
    return Race(
        lambda: admin.patch(path, {"role": "staff"}, headers=tag),
        lambda: admin.patch(path, {"disabled": True}, headers=tag),
        one_wins,
    )


@race("PATCH /api/v1/users/<uuid:user_id>/record")
def two_accounts_take_one_external_reference(shop: Shop, n: int) -> Race:
    staff, taken, tag = shop.as_staff(), {"external_reference": f"ERP-{n}"}, {"If-Match": '"v1"'}
    one, other = (f"/users/{registers(shop, number).json['id']}/record" for number in (n, n + 10**9))  # type: ignore[index]
    return Race(
        lambda: staff.patch(one, taken, headers=tag),
        lambda: staff.patch(other, taken, headers=tag),
        refused("external_reference_taken"),
    )


@race("PATCH /api/v1/users/<uuid:user_id>/record", "PATCH /api/v1/users/me")
def someone_is_renamed_while_staff_change_the_record(shop: Shop, n: int) -> Race:
    caller, _ = signs_in(shop, n)
    path = f"/users/{caller.get('/auth/validate').json['user_id']}/record"  # type: ignore[index]
    tag = {"If-Match": caller.get("/users/me").headers["ETag"]}
    return Race(
        lambda: shop.as_staff().patch(path, {"metadata": {"a": "1"}}, headers=tag),
        lambda: caller.patch("/users/me", {"name": "Other"}, headers=tag),
        one_wins,
    )


@race("DELETE /api/v1/users/me/sessions/<uuid:session_id>")
def a_device_is_signed_out_twice(shop: Shop, n: int) -> Race:
    caller, _ = signs_in(shop, n)
    other: Any = login(shop, n).json
    found: Any = caller.get("/users/me/sessions").json
    [session] = [each["id"] for each in found["items"] if not each["current"]]

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [204, 204]
        assert [each.session_id for each in shop.published(SessionEnded)].count(session) == 1
        assert refreshes(shop, other["refresh_token"]).status_code == 401

    path = f"/users/me/sessions/{session}"
    return Race(lambda: caller.delete(path), lambda: caller.delete(path), check)


def has_addresses(shop: Shop, n: int, count: int) -> tuple[Caller, list[str]]:
    """A customer with so many addresses, and their ids."""
    caller, _ = signs_in(shop, n)
    saved: list[Any] = [caller.post("/users/me/addresses", ADDRESS).json for _ in range(count)]
    return caller, [each["id"] for each in saved]


def addresses(caller: Caller) -> list[Any]:
    found: Any = caller.get("/users/me/addresses").json
    return list(found["items"])


@race("POST /api/v1/users/me/addresses")
def the_last_place_for_an_address_is_taken_twice(shop: Shop, n: int) -> Race:
    caller, _ = has_addresses(shop, n, 19)

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("too_many_addresses")(first, second)
        assert len(addresses(caller)) == 20

    return Race(
        lambda: caller.post("/users/me/addresses", ADDRESS), lambda: caller.post("/users/me/addresses", ADDRESS), check
    )


@race("POST /api/v1/users/me/addresses")
def an_address_is_saved_twice_with_one_key(shop: Shop, n: int) -> Race:
    caller, _ = signs_in(shop, n)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert first.json == second.json and statuses(first, second) == [201, 201]
        assert len(addresses(caller)) == 1

    return Race(
        lambda: caller.post("/users/me/addresses", ADDRESS, key=f"one-{n}"),
        lambda: caller.post("/users/me/addresses", ADDRESS, key=f"one-{n}"),
        check,
    )


@race("POST /api/v1/users/me/addresses", "PUT /api/v1/users/me/addresses/<uuid:address_id>")
def two_addresses_become_the_default(shop: Shop, n: int) -> Race:
    caller, [id] = has_addresses(shop, n, 1)
    default = ADDRESS | {"default_shipping": True}

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [200, 201]
        assert len([each for each in addresses(caller) if each["default_shipping"]]) == 1

    return Race(
        lambda: caller.post("/users/me/addresses", default),
        lambda: caller.put(f"/users/me/addresses/{id}", default, headers={"If-Match": '"v1"'}),
        check,
    )


@race("PUT /api/v1/users/me/addresses/<uuid:address_id>")
def an_address_is_replaced_twice(shop: Shop, n: int) -> Race:
    caller, [id] = has_addresses(shop, n, 1)
    path, tag = f"/users/me/addresses/{id}", {"If-Match": '"v1"'}
    return Race(
        lambda: caller.put(path, ADDRESS | {"line2": "1"}, headers=tag),
        lambda: caller.put(path, ADDRESS | {"line2": "2"}, headers=tag),
        one_wins,
    )


@race("PUT /api/v1/users/me/addresses/<uuid:address_id>", "DELETE /api/v1/users/me/addresses/<uuid:address_id>")
def an_address_becomes_the_default_while_it_is_deleted(shop: Shop, n: int) -> Race:
    caller, [id] = has_addresses(shop, n, 1)
    path, default = f"/users/me/addresses/{id}", ADDRESS | {"default_billing": True}

    def check(first: TestResponse, second: TestResponse) -> None:
        assert first.status_code in {200, 404} and second.status_code == 204
        assert addresses(caller) == []
        with shop.modules["users"].transaction() as uow:
            me: Any = caller.get("/users/me").json
            assert uow.address_books.lock(UUID(me["id"])).default_billing_id is None

    return Race(lambda: caller.put(path, default, headers={"If-Match": '"v1"'}), lambda: caller.delete(path), check)


@race("DELETE /api/v1/users/me/addresses/<uuid:address_id>")
def an_address_is_deleted_twice(shop: Shop, n: int) -> Race:
    caller, [id] = has_addresses(shop, n, 1)
    path = f"/users/me/addresses/{id}"
    return Race(lambda: caller.delete(path), lambda: caller.delete(path), refused("no_such_address"))
