"""Reading and changing accounts: one's own, and others' as staff or admin."""

import threading
from typing import Any

import pytest

from app.bus.contracts.users import AccessChanged
from app.kernel.ids import new_id
from tests.shop import Caller, Shop
from tests.users.people import ALICES, BOBS, Device, id_of, joins, refreshes, two_seconds_pass, works_here

ADMINS = "admin@shop.example.com"


def changes(who: Caller, path: str, body: Any) -> Any:
    """GET, then PATCH with the ETag just read."""
    tag = who.get(path).headers["ETag"]
    return who.patch(path, body, headers={"If-Match": tag})


@pytest.fixture(scope="module")
def admin(one_shop: Shop) -> Device:
    """For tests whose requests are refused."""
    return works_here(one_shop, ADMINS, "admin")


@pytest.fixture(scope="module")
def alice(one_shop: Shop) -> Device:
    """For tests whose requests are refused."""
    return joins(one_shop, ALICES)


def test_an_account_is_renamed_by_its_owner(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    answer = changes(alice, "/users/me", {"name": "Alice B."})

    assert answer.status_code == 200 and answer.json["name"] == "Alice B."
    assert answer.headers["ETag"] == alice.get("/users/me").headers["ETag"]
    assert len(shop.published(AccessChanged)) == 1  # no other module needs the name


@pytest.mark.parametrize("tag", ['""', 'W/"v1"', '"v"', '"1"'])
def test_a_change_made_from_no_reading_of_ours_is_refused(alice: Device, tag: str) -> None:
    answer = alice.patch("/users/me", {"name": "Alice B."}, headers={"If-Match": tag})

    assert answer.status_code == 412 and answer.json["code"] == "stale_version"


def test_a_change_made_from_an_old_reading_is_refused(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    tag = alice.get("/users/me").headers["ETag"]
    changes(alice, "/users/me", {"name": "First"})

    stale = alice.patch("/users/me", {"name": "Second"}, headers={"If-Match": tag})
    blind = alice.patch("/users/me", {"name": "Third"})

    assert (stale.status_code, blind.status_code) == (412, 428)
    assert alice.get("/users/me").json["name"] == "First"


@pytest.mark.parametrize("field", ["role", "disabled", "epoch", "id", "email", "version", "password_hash"])
def test_an_owner_changes_nothing_but_the_name(alice: Device, field: str) -> None:
    assert changes(alice, "/users/me", {"name": "Alice", field: "admin"}).status_code == 422
    assert alice.get("/users/me").json["role"] == "customer"


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b", 7, None])
def test_a_name_that_is_none_is_refused(alice: Device, name: Any) -> None:
    assert changes(alice, "/users/me", {"name": name}).status_code == 422


def test_an_unchanged_account_is_not_sent_again(shop: Shop) -> None:
    alice = joins(shop, ALICES)
    tag = alice.get("/users/me").headers["ETag"]

    assert alice.get("/users/me", headers={"If-None-Match": tag}).status_code == 304


def test_customers_see_no_accounts_and_staff_change_none(shop: Shop) -> None:
    alice, sam = joins(shop, ALICES), works_here(shop, BOBS, "staff")
    path = f"/users/{id_of(alice)}"

    assert [alice.get("/users").status_code, alice.get(path).status_code] == [403, 403]
    assert [sam.get("/users").status_code, sam.get(path).status_code] == [200, 200]
    tag = sam.get(path).headers["ETag"]
    assert sam.patch(path, {"role": "staff"}, headers={"If-Match": tag}).status_code == 403
    assert shop.as_guest().get("/users").status_code == 401


def test_accounts_are_listed_page_by_page_newest_first(shop: Shop) -> None:
    admin = works_here(shop, ADMINS, "admin")
    for number in range(5):
        joins(shop, f"customer{number}@shop.example.com")

    seen: list[str] = []
    page: Any = admin.get("/users?limit=2").json
    while True:
        seen += [each["email"] for each in page["items"]]
        if page["next"] is None:
            break
        page = admin.get(f"/users?limit=2&cursor={page['next']}").json

    assert seen == [f"customer{number}@shop.example.com" for number in (4, 3, 2, 1, 0)] + [ADMINS]
    assert "password_hash" not in page["items"][0]


def test_admins_filter_by_role_and_by_the_beginning_of_the_address(shop: Shop) -> None:
    admin, sam = works_here(shop, ADMINS, "admin"), works_here(shop, "sam_1@shop.example.com", "staff")
    joins(shop, "samx1@shop.example.com")

    assert [each["email"] for each in admin.get("/users?role=staff").json["items"]] == ["sam_1@shop.example.com"]
    assert [each["email"] for each in admin.get("/users?email=SAM_").json["items"]] == ["sam_1@shop.example.com"]
    assert admin.get("/users?email=%25").json["items"] == []
    assert sam.get("/users?role=admin").status_code == 403
    assert sam.get("/users?email=a").status_code == 403


def test_admins_find_an_address_of_any_script_as_it_is_typed(shop: Shop) -> None:
    admin = works_here(shop, ADMINS, "admin")
    joins(shop, "ina@münchen.de")
    joins(shop, "анна@пример.рф")

    def found(typed: str) -> list[str]:
        answer: Any = admin.get("/users", query_string={"email": typed})
        return [each["email"] for each in answer.json["items"]]

    for typed in ("ina@münchen.de", "INA@MÜNCHEN.DE", "ｉｎａ@xn--mnch", "ina@xn--mnchen-3ya.de", "ina@"):
        assert found(typed) == ["ina@xn--mnchen-3ya.de"], typed
    for typed in ("Анна@пример.рф", "анн", "анна@"):
        assert found(typed) == ["анна@xn--e1afmkfd.xn--p1ai"], typed
    assert found("ina@münster.de") == []


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=WyJ4Il0", "role=king"])
def test_a_list_asked_for_wrongly_is_refused(admin: Device, query: str) -> None:
    assert admin.get(f"/users?{query}").status_code == 422


def test_another_role_ends_the_old_tokens_and_the_next_refresh_carries_it(shop: Shop) -> None:
    admin, alice = works_here(shop, ADMINS, "admin"), joins(shop, ALICES)
    path = f"/users/{id_of(alice)}"

    answer = changes(admin, path, {"role": "staff"})

    assert answer.status_code == 200 and answer.json["role"] == "staff"
    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 401
    alice.takes(refreshes(shop, alice.refresh_token).json)
    assert alice.get("/auth/validate").json["role"] == "staff"
    assert shop.published(AccessChanged)[-1].epoch == 1


def test_a_session_that_was_over_stays_over_through_a_change_of_role(shop: Shop) -> None:
    admin, alice = works_here(shop, ADMINS, "admin"), joins(shop, ALICES)
    path = f"/users/{id_of(alice)}"
    alice.post("/auth/logout-all")

    changes(admin, path, {"role": "staff"})

    assert refreshes(shop, alice.refresh_token).status_code == 401


def test_a_disabled_account_is_out_everywhere_until_it_is_enabled_and_signs_in_again(shop: Shop) -> None:
    admin, alice = works_here(shop, ADMINS, "admin"), joins(shop, ALICES)
    path = f"/users/{id_of(alice)}"

    changes(admin, path, {"disabled": True})

    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 401
    assert refreshes(shop, alice.refresh_token).status_code == 401
    credentials = {"email": ALICES, "password": "correct horse battery staple"}
    assert shop.as_guest().post("/auth/login", credentials).status_code == 401
    assert shop.published(AccessChanged)[-1].disabled
    changes(admin, path, {"disabled": False})
    assert refreshes(shop, alice.refresh_token).status_code == 401
    assert shop.as_guest().post("/auth/login", credentials).status_code == 200


def test_nobody_changes_their_own_role_or_disables_themselves(shop: Shop) -> None:
    admin, _ = works_here(shop, ADMINS, "admin"), works_here(shop, BOBS, "admin")
    path = f"/users/{id_of(admin)}"

    answers = [changes(admin, path, body) for body in ({"role": "customer"}, {"disabled": True})]

    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {(403, "own_access")}


@pytest.mark.parametrize("body", [{"role": "staff"}, {"disabled": True}, {"role": "customer", "disabled": True}])
def test_the_last_admin_stays(shop: Shop, body: dict[str, Any]) -> None:
    last = works_here(shop, ADMINS, "admin")
    was_admin_a_moment_ago = shop.as_staff(new_id(), role="admin")

    answer = changes(was_admin_a_moment_ago, f"/users/{id_of(last)}", body)

    assert answer.status_code == 409 and answer.json["code"] == "last_admin"
    two_seconds_pass(shop)
    assert last.get("/users").status_code == 200


def test_two_admins_who_demote_each_other_at_once_leave_one(shop: Shop) -> None:
    admins = [works_here(shop, ADMINS, "admin"), works_here(shop, BOBS, "admin")]
    ids = [id_of(admin) for admin in admins]
    barrier, statuses = threading.Barrier(2), list[int]()

    def demote(by: Device, whom: int) -> None:
        barrier.wait(60)
        statuses.append(changes(by, f"/users/{ids[whom]}", {"role": "customer"}).status_code)

    threads = [threading.Thread(target=demote, args=(admins[n], 1 - n)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(statuses) == [200, 409]


@pytest.mark.parametrize(
    "body",
    [{"role": "king"}, {"role": None}, {"disabled": "yes"}, {"disabled": 1}, {"epoch": 0}, {"name": "x"}, {"id": "x"}],
)
def test_an_admin_decides_on_role_and_disabled_and_nothing_else(admin: Device, alice: Device, body: Any) -> None:
    assert changes(admin, f"/users/{id_of(alice)}", body).status_code == 422


def test_deciding_what_is_so_already_ends_nothing(shop: Shop) -> None:
    admin, alice = works_here(shop, ADMINS, "admin"), joins(shop, ALICES)

    changes(admin, f"/users/{id_of(alice)}", {"role": "customer", "disabled": False})

    two_seconds_pass(shop)
    assert alice.get("/users/me").status_code == 200


def test_an_account_that_is_not_there(shop: Shop) -> None:
    admin = works_here(shop, ADMINS, "admin")

    assert admin.get(f"/users/{new_id()}").json["code"] == "user_unknown"
    assert admin.patch(f"/users/{new_id()}", {"role": "staff"}, headers={"If-Match": '"v1"'}).status_code == 404
    assert admin.get("/users/not-an-id").status_code == 404
