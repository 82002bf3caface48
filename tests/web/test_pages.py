"""Lists in pages by a cursor that is validated, and ETags of versions."""

import base64
import json
import re
from typing import Any

import pytest

from app.kernel.money import Money
from tests.shop import ALICE, BOB, Caller, Shop
from tests.web.steps import assert_problem

MUG = Money(900, "EUR")
ABOVE_100 = "0123456789" * 20


@pytest.fixture(scope="module")
def alice(shop: Shop) -> Caller:
    """A customer with seven orders."""
    shop.offers("MUG", MUG)
    customer = shop.as_customer(ALICE)
    for _ in range(7):
        assert customer.orders({"MUG": 1}, MUG).status_code == 201
    return customer


def ids(answer: Any) -> list[str]:
    return [each["id"] for each in answer.json["items"]]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 100])
def test_leafing_shows_each_once_whatever_the_size_of_a_page(alice: Caller, limit: int) -> None:
    seen: list[str] = []
    path: str | None = f"/orders?limit={limit}"

    while path:
        answer: Any = alice.get(path)
        assert len(answer.json["items"]) <= limit
        seen += ids(answer)
        path = answer.json["next"] and f"/orders?limit={limit}&cursor={answer.json['next']}"

    assert seen == ids(alice.get("/orders?limit=100"))
    assert len(set(seen)) == 7


def test_the_link_header_leads_to_the_same_page(alice: Caller) -> None:
    first: Any = alice.get("/orders?limit=3&status=placed")

    link = re.fullmatch(r'<([^>]+)>; rel="next"', first.headers["Link"])
    assert link and link[1].startswith("/api/v1/orders?") and "status=placed" in link[1]
    by_link = ids(alice.get(link[1]))
    assert by_link == ids(alice.get(f"/orders?limit=3&status=placed&cursor={first.json['next']}"))
    assert not set(by_link) & set(ids(first))


def test_the_last_page_has_no_next(alice: Caller) -> None:
    answer: Any = alice.get("/orders?limit=100")

    assert answer.json["next"] is None
    assert "Link" not in answer.headers


def test_a_cursor_shows_nobody_elses(shop: Shop, alice: Caller) -> None:
    first: Any = alice.get("/orders?limit=3")

    answer: Any = shop.as_customer(BOB).get(f"/orders?limit=3&cursor={first.json['next']}")

    assert answer.json["items"] == []


def forged(key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "====",
        "!!!",
        "é",
        "%00",
        "%ff",
        "null",
        ABOVE_100,
        forged([]),
        forged({}),
        forged(None),
        forged(["' OR 1=1--"]),
        forged([1]),
        forged([None]),
        forged([[[]]]),
        forged(["a", "b", "c", "d", "e"]),
        forged(["[" * 300]),
        forged([True]),
    ],
)
@pytest.mark.parametrize("path", ["/orders", "/products", "/users", "/users/me/sessions", "/stock/MUG/movements"])
def test_a_cursor_that_is_not_ours_is_refused(shop: Shop, path: str, cursor: str) -> None:
    asked = f"{path}?cursor={cursor}"

    answer = shop.as_staff().get(asked)

    assert answer.status_code in {404, 422}, "not a page, and no fault of ours"
    if answer.status_code == 422:
        assert answer.json is not None and answer.json["code"] in {"bad_cursor", "invalid_request"}
        assert_problem(answer, 422, answer.json["code"])


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1.5", "1e1", "", "ten", "%00", "9" * 50, "٣", "0x10", "+5", " 5"])
def test_a_limit_is_a_whole_number_from_1_to_100(alice: Caller, limit: str) -> None:
    problem = assert_problem(alice.get(f"/orders?limit={limit}"), 422, "invalid_request")

    assert "limit" in problem["errors"]


def test_what_one_has_already_is_not_sent_again(alice: Caller) -> None:
    order_id = ids(alice.get("/orders"))[0]
    first = alice.get(f"/orders/{order_id}")

    again = alice.get(f"/orders/{order_id}", headers={"If-None-Match": first.headers["ETag"]})
    other = alice.get(f"/orders/{order_id}", headers={"If-None-Match": '"v999"'})

    assert re.fullmatch(r'"v\d+"', first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert other.status_code == 200


@pytest.fixture
def category(shop: Shop) -> tuple[Caller, str, str]:
    """Staff, the path of a new category, and its ETag."""
    staff = shop.as_staff()
    slug = f"mugs-{len(staff.get('/categories').json['items'])}"  # type: ignore[index]
    made = staff.post("/categories", {"slug": slug, "name": "Mugs"})
    assert made.status_code == 201
    return staff, f"/categories/{slug}", made.headers["ETag"]


@pytest.mark.parametrize("tag", [None, "*", ""])
def test_a_change_must_say_which_version_it_changes(category: tuple[Caller, str, str], tag: str | None) -> None:
    staff, path, _ = category
    headers = {} if tag is None else {"If-Match": tag}

    assert_problem(staff.patch(path, {"name": "Cups"}, headers=headers), 428, "precondition_required")
    assert_problem(staff.delete(path, headers=headers), 428, "precondition_required")


@pytest.mark.parametrize("tag", ['"v0"', '"v999"', 'W/"v1"', '"v1x"', '"' + "x" * 1000 + '"'])
def test_a_change_of_another_version_is_refused(category: tuple[Caller, str, str], tag: str) -> None:
    staff, path, _ = category

    answer = staff.patch(path, {"name": "Cups"}, headers={"If-Match": tag})

    assert answer.status_code in {412, 428}
    assert staff.get(path).json["name"] == "Mugs"  # type: ignore[index]


def test_of_two_changes_of_one_version_only_the_first_is_made(category: tuple[Caller, str, str]) -> None:
    staff, path, tag = category

    first = staff.patch(path, {"name": "Cups"}, headers={"If-Match": tag})
    second = staff.patch(path, {"name": "Beakers"}, headers={"If-Match": tag})
    third = staff.delete(path, headers={"If-Match": f'"v7", {first.headers["ETag"]}'})

    assert first.status_code == 200 and first.headers["ETag"] != tag
    assert_problem(second, 412, "stale_version")
    assert third.status_code == 204
