"""The tree of categories, and its editing."""

import threading
from typing import Any

import pytest

from app.modules.catalog.domain.category import MAX_PATH, Category
from tests.catalog.steps import added, changes, code_of, finds, names, shelves
from tests.shop import ALICE, Caller, Shop


def tree_of(caller: Caller) -> list[Any]:
    """The slugs of the tree, each with those below it."""

    def slugs(nodes: list[Any]) -> list[Any]:
        return [(each["slug"], slugs(each["children"])) if each["children"] else each["slug"] for each in nodes]

    found: Any = caller.get("/categories").json
    return slugs(found["items"])


def edits(shop: Shop, slug: str, change: dict[str, Any]) -> Any:
    staff = shop.as_staff()
    tag = staff.get(f"/categories/{slug}").headers["ETag"]
    return staff.patch(f"/categories/{slug}", change, headers={"If-Match": tag})


def removes(shop: Shop, slug: str) -> Any:
    staff = shop.as_staff()
    tag = staff.get(f"/categories/{slug}").headers["ETag"]
    return staff.delete(f"/categories/{slug}", headers={"If-Match": tag})


def test_the_tree_is_shown_to_everyone_by_name(shop: Shop) -> None:
    shelves(shop, "kitchen")
    shelves(shop, "mugs", "kitchen", name="Zinc mugs")
    shelves(shop, "cups", "kitchen", name="Cups")
    shelves(shop, "desk")
    shelves(shop, "espresso", "cups")

    assert tree_of(shop.as_guest()) == ["desk", ("kitchen", [("cups", ["espresso"]), "mugs"])]


def test_a_new_category_has_its_location(shop: Shop) -> None:
    answer = shelves(shop, "kitchen", name="Kitchen")

    assert answer.status_code == 201
    assert answer.json == {"slug": "kitchen", "name": "Kitchen", "parent": None, "version": 1}
    seen = shop.as_staff().get(answer.location)
    assert (seen.json, seen.headers["ETag"]) == (answer.json, '"v1"')


def test_a_category_exists_once(shop: Shop) -> None:
    shelves(shop, "kitchen", name="Kitchen")

    assert code_of(shelves(shop, "kitchen", name="Other")) == (409, "category_exists")
    assert code_of(shelves(shop, "kitchen", "kitchen")) == (409, "category_exists")
    assert shop.as_staff().get("/categories/kitchen").json["name"] == "Kitchen"  # type: ignore[index]


def test_an_unknown_parent_is_refused(shop: Shop) -> None:
    shelves(shop, "mugs")

    assert code_of(shelves(shop, "cups", "nowhere")) == (422, "unknown_category")
    assert code_of(shelves(shop, "self", "self")) == (422, "unknown_category")
    assert code_of(edits(shop, "mugs", {"parent": "nowhere"})) == (422, "unknown_category")
    assert tree_of(shop.as_guest()) == ["mugs"]


def test_a_category_moves_with_all_below_it_and_to_the_top(shop: Shop) -> None:
    shelves(shop, "home")
    shelves(shop, "kitchen")
    shelves(shop, "mugs", "kitchen")

    assert edits(shop, "kitchen", {"parent": "home"}).json["version"] == 2
    assert tree_of(shop.as_guest()) == [("home", [("kitchen", ["mugs"])])]

    assert edits(shop, "kitchen", {"parent": None}).json["version"] == 3
    assert tree_of(shop.as_guest()) == ["home", ("kitchen", ["mugs"])]


@pytest.mark.parametrize("parent", ["a", "b", "c"])
def test_a_category_is_never_below_itself(shop: Shop, parent: str) -> None:
    shelves(shop, "a")
    shelves(shop, "b", "a")
    shelves(shop, "c", "b")

    assert code_of(edits(shop, "a", {"parent": parent})) == (409, "category_cycle")
    assert tree_of(shop.as_guest()) == [("a", [("b", ["c"])])]


def test_categories_have_so_many_levels_and_no_more(shop: Shop) -> None:
    """Else an answer could not hold the tree: 900 levels were a 500 for everyone who asked for it."""
    for level in range(MAX_PATH):
        shelves(shop, f"c{level}", f"c{level - 1}" if level else None)
    shelves(shop, "a")
    shelves(shop, "b", "a")

    assert code_of(shelves(shop, "lower", f"c{MAX_PATH - 1}")) == (409, "category_too_deep")
    assert code_of(edits(shop, "a", {"parent": f"c{MAX_PATH - 2}"})) == (409, "category_too_deep"), "with b below it"
    assert edits(shop, "a", {"parent": f"c{MAX_PATH - 3}"}).status_code == 200
    assert shop.as_guest().get("/categories").status_code == 200


def test_a_tree_from_before_there_was_a_maximum_is_still_edited(shop: Shop) -> None:
    with shop.modules["catalog"].transaction() as uow:
        for level in range(MAX_PATH + 3):
            uow.categories.add(Category(slug=f"c{level}", name="C", parent=f"c{level - 1}" if level else None))

    lowest = f"c{MAX_PATH + 2}"
    assert edits(shop, lowest, {"name": "Lowest"}).status_code == 200
    assert code_of(edits(shop, lowest, {"parent": f"c{MAX_PATH}"})) == (409, "category_too_deep")
    assert edits(shop, lowest, {"parent": "c0"}).status_code == 200


def test_two_concurrent_moves_make_no_cycle(shop: Shop) -> None:
    shelves(shop, "a")
    shelves(shop, "b")
    start, answers = threading.Barrier(2), []

    def move(slug: str, parent: str) -> None:
        staff = shop.as_staff()
        start.wait()
        answers.append(staff.patch(f"/categories/{slug}", {"parent": parent}, headers={"If-Match": '"v1"'}))

    movers = [threading.Thread(target=move, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for each in movers:
        each.start()
    for each in movers:
        each.join()

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert tree_of(shop.as_guest()) in ([("a", ["b"])], [("b", ["a"])])


def test_a_category_with_something_in_it_stays(shop: Shop) -> None:
    shelves(shop, "kitchen")
    shelves(shop, "mugs", "kitchen")
    mug = added(shop, "Enamel mug", category="mugs")

    assert code_of(removes(shop, "kitchen")) == (409, "category_in_use")
    assert code_of(removes(shop, "mugs")) == (409, "category_in_use")
    assert tree_of(shop.as_guest()) == [("kitchen", ["mugs"])]

    changes(shop, mug["id"], {"category": None})
    assert removes(shop, "mugs").status_code == 204
    assert removes(shop, "kitchen").status_code == 204
    assert tree_of(shop.as_guest()) == []


def test_a_category_is_changed_against_its_version(shop: Shop) -> None:
    shelves(shop, "mugs")
    staff, stale = shop.as_staff(), {"If-Match": '"v1"'}

    assert code_of(staff.patch("/categories/mugs", {"name": "Cups"})) == (428, "precondition_required")
    assert code_of(staff.delete("/categories/mugs")) == (428, "precondition_required")
    assert staff.patch("/categories/mugs", {"name": "Cups"}, headers=stale).headers["ETag"] == '"v2"'
    assert code_of(staff.patch("/categories/mugs", {"name": "Late"}, headers=stale)) == (412, "stale_version")
    assert code_of(staff.delete("/categories/mugs", headers=stale)) == (412, "stale_version")


def test_the_slug_of_a_category_stays(shop: Shop) -> None:
    shelves(shop, "mugs")

    assert edits(shop, "mugs", {"slug": "cups"}).status_code == 422
    assert edits(shop, "mugs", {"name": "Mugs"}).json["version"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": "X"},
        {"slug": "x"},
        {"slug": "X y", "name": "X"},
        {"slug": "x", "name": ""},
        {"slug": "x", "name": "a\u0000b"},
        {"slug": "x", "name": 7},
        {"slug": "x", "name": "X", "parent": 7},
        {"slug": "x", "name": "X", "children": []},
        {"slug": "' OR 1=1--", "name": "X"},
    ],
    ids=str,
)
def test_an_invalid_category_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    assert code_of(shop.as_staff().post("/categories", body)) == (422, "invalid_request")
    assert tree_of(shop.as_guest()) == []


@pytest.mark.parametrize("role", ["guest", "customer"])
def test_only_staff_edit_the_tree(shop: Shop, role: str) -> None:
    shelves(shop, "mugs")
    caller, wanted = (shop.as_guest(), 401) if role == "guest" else (shop.as_customer(ALICE), 403)
    match = {"If-Match": '"v1"'}

    answers = [
        caller.post("/categories", {"slug": "mine", "name": "Mine"}),
        caller.get("/categories/mugs"),
        caller.patch("/categories/mugs", {"name": "Mine"}, headers=match),
        caller.delete("/categories/mugs", headers=match),
    ]

    assert [answer.status_code for answer in answers] == [wanted] * 4
    assert tree_of(caller) == ["mugs"]


def test_what_is_not_there_is_404(shop: Shop) -> None:
    staff, match = shop.as_staff(), {"If-Match": '"v1"'}

    assert code_of(staff.get("/categories/nothing")) == (404, "no_such_category")
    assert code_of(staff.patch("/categories/nothing", {"name": "X"}, headers=match)) == (404, "no_such_category")
    assert code_of(staff.delete("/categories/nothing", headers=match)) == (404, "no_such_category")


def test_a_list_follows_a_branch_that_was_moved(shop: Shop) -> None:
    shelves(shop, "home")
    shelves(shop, "kitchen")
    shelves(shop, "mugs", "kitchen")
    added(shop, "Enamel mug", "MUG", category="mugs")
    shop.settle()
    assert (names(finds(shop, category="kitchen")), names(finds(shop, category="home"))) == (["Enamel mug"], [])

    edits(shop, "mugs", {"parent": "home"})

    assert (names(finds(shop, category="kitchen")), names(finds(shop, category="home"))) == ([], ["Enamel mug"])
