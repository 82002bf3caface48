"""External references and metadata of accounts: staff write and read them, and their owners never see them."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.shop import Caller, Shop
from tests.users.people import ALICES, BOBS, Device, id_of, joins, registers, works_here

SAMS = "sam@shop.example.com"
SECRETS: dict[str, Any] = {
    "external_reference": "secret-77-reference",
    "metadata": {"secret-77-name": "secret-77-value"},
}
FULL = {f"{number:040}": "v" * 500 for number in range(20)}


def changes(staff: Caller, id: object, change: dict[str, Any]) -> Any:
    """Staff change the record of an account that they have just read."""
    tag = staff.get(f"/users/{id}").headers["ETag"]
    return staff.patch(f"/users/{id}/record", change, headers={"If-Match": tag})


def account(staff: Caller, id: str) -> Any:
    """An account as staff read it."""
    return staff.get(f"/users/{id}").json


def opened(shop: Shop, email: str) -> str:
    """The id of a new account."""
    new: Any = registers(shop, email).json
    return str(new["id"])


@pytest.fixture
def sam(shop: Shop) -> Device:
    """A member of the staff."""
    return works_here(shop, SAMS, "staff")


def test_staff_store_them_with_an_account(shop_on_each: Shop) -> None:
    sam, alice = works_here(shop_on_each, SAMS, "staff"), opened(shop_on_each, ALICES)
    assert account(sam, alice) | SECRETS != account(sam, alice)

    answer = changes(sam, alice, SECRETS)

    assert answer.status_code == 200
    listed: Any = sam.get("/users").json
    assert answer.json == account(sam, alice) == listed["items"][0]
    assert {name: answer.json[name] for name in SECRETS} == SECRETS
    assert answer.headers["ETag"] == sam.get(f"/users/{alice}").headers["ETag"] == '"v2"'


def test_a_change_replaces_all_of_the_metadata_and_null_removes_the_reference(shop: Shop, sam: Device) -> None:
    alice = opened(shop, ALICES)
    changes(sam, alice, {"external_reference": "DEB-1", "metadata": {"a": "1", "b": "2"}})

    changed = changes(sam, alice, {"metadata": {"b": "3"}}).json
    assert (changed["external_reference"], changed["metadata"]) == ("DEB-1", {"b": "3"})
    changed = changes(sam, alice, {"external_reference": None, "metadata": {}}).json
    assert (changed["external_reference"], changed["metadata"]) == (None, {})


def test_the_trail_names_who_and_why_but_no_values(shop: Shop, sam: Device) -> None:
    alice = opened(shop, ALICES)
    changes(sam, alice, {**SECRETS, "reason": "linked to the ledger"})
    changes(sam, alice, SECRETS)  # as it was

    found: Any = sam.get("/ops/users/operations").json

    [entry] = [each for each in found["items"] if each["subject"] == alice]
    assert (entry["who"], entry["why"]) == (f"user:{id_of(sam)}", "linked to the ledger")
    assert "secret-77" not in str(found)


def test_their_owner_and_other_customers_never_see_them(shop: Shop, sam: Device) -> None:
    alice = joins(shop, ALICES)
    before = alice.get("/users/me").json
    assert changes(sam, id_of(alice), SECRETS).status_code == 200

    assert alice.get("/users/me").json == before
    for path in ("/users/me", "/users/me/sessions", "/auth/validate"):
        assert "secret-77" not in alice.get(path).text
    tag = alice.get("/users/me").headers["ETag"]
    renamed = alice.patch("/users/me", {"name": "Alice B."}, headers={"If-Match": tag})
    assert renamed.status_code == 200 and "secret-77" not in renamed.text
    path = f"/users/{id_of(alice)}"
    for refused in (alice.get(path), alice.get("/users?external_reference=secret-77-reference")):
        assert refused.status_code == 403
    assert alice.patch(f"{path}/record", {}, headers={"If-Match": tag}).status_code == 403
    assert shop.as_guest().patch(f"{path}/record", {}, headers={"If-Match": tag}).status_code == 401


@pytest.mark.parametrize("field", SECRETS)
def test_an_owner_cannot_set_them(shop: Shop, field: str) -> None:
    alice = joins(shop, ALICES)
    tag = {"If-Match": alice.get("/users/me").headers["ETag"]}

    assert alice.patch("/users/me", {"name": "Alice", field: SECRETS[field]}, headers=tag).status_code == 422
    assert registers(shop, BOBS, **{field: SECRETS[field]}).status_code == 422


def test_no_event_has_them(shop: Shop, sam: Device) -> None:
    alice = joins(shop, ALICES)
    changes(sam, id_of(alice), SECRETS)
    alice.post("/auth/logout-all")
    admin = works_here(shop, BOBS, "admin")
    tag = admin.get(f"/users/{id_of(admin)}").headers["ETag"]
    admin.patch(f"/users/{opened(shop, 'eve@shop.example.com')}", {"role": "staff"}, headers={"If-Match": tag})

    with shop.modules["users"].database.read() as connection:
        bodies = [bytes(body) for body in connection.execute(text("SELECT body FROM outbox")).scalars()]
    assert len(bodies) >= 4
    assert not [body for body in bodies if b"secret-77" in body]


def test_staff_find_an_account_by_its_reference(shop_on_each: Shop) -> None:
    sam, alice = works_here(shop_on_each, SAMS, "staff"), opened(shop_on_each, ALICES)
    opened(shop_on_each, BOBS)
    changes(sam, alice, {"external_reference": "DEB 1/ö"})

    def found(reference: str) -> list[str]:
        page: Any = sam.get("/users", query_string={"external_reference": reference}).json
        return [each["id"] for each in page["items"]]

    assert (found("DEB 1/ö"), found("DEB 1"), found("deb 1/ö"), found("%")) == ([alice], [], [], [])
    assert sam.get("/users", query_string={"external_reference": "x" * 101}).status_code == 422


def test_a_reference_belongs_to_one_account(shop_on_each: Shop) -> None:
    sam = works_here(shop_on_each, SAMS, "staff")
    alice, bob = opened(shop_on_each, ALICES), opened(shop_on_each, BOBS)
    assert changes(sam, alice, {"external_reference": "DEB-1"}).status_code == 200

    taken = changes(sam, bob, {"external_reference": "DEB-1", "metadata": {"a": "1"}})

    assert (taken.status_code, taken.json["code"]) == (409, "external_reference_taken")
    assert account(sam, bob)["metadata"] == {}
    changes(sam, alice, {"external_reference": None})
    assert changes(sam, bob, {"external_reference": "DEB-1"}).status_code == 200


def test_a_change_names_the_version_it_is_based_on(shop: Shop, sam: Device) -> None:
    path = f"/users/{opened(shop, ALICES)}/record"

    assert sam.patch(path, SECRETS).status_code == 428
    assert sam.patch(path, SECRETS, headers={"If-Match": '"v7"'}).status_code == 412
    unknown = "/users/00000000-0000-7000-8000-000000000001/record"
    assert sam.patch(unknown, SECRETS, headers={"If-Match": '"v1"'}).status_code == 404


def test_the_largest_metadata_is_stored(shop: Shop, sam: Device) -> None:
    assert changes(sam, opened(shop, ALICES), {"metadata": FULL}).json["metadata"] == FULL


@pytest.mark.parametrize(
    "metadata",
    [
        FULL | {"a": "x"},
        {"": "x"},
        {"a" * 41: "x"},
        {"ö": "x"},
        {"a": "x" * 501},
        {"a": "\0"},
        {"a": 7},
        {"a": None},
        [],
        None,
    ],
    ids=lambda each: str(each)[:20],
)
def test_metadata_is_a_few_plain_names_with_a_text_each(shop: Shop, sam: Device, metadata: Any) -> None:
    answer = changes(sam, opened(shop, ALICES), {"metadata": metadata})

    assert answer.status_code == 422 and "metadata" in answer.json["errors"]


@pytest.mark.parametrize("field", ["role", "disabled", "name", "email", "epoch", "id"])
def test_a_record_has_no_other_field(shop: Shop, sam: Device, field: str) -> None:
    alice = opened(shop, ALICES)

    assert changes(sam, alice, {field: "admin"}).status_code == 422
    assert account(sam, alice)["role"] == "customer"
