"""ETags: conditional changes of a product, and conditional requests of public pages."""

import pytest

from tests.catalog.steps import added, changes, changes_variant, code_of, euros, looks_at, moves, order
from tests.shop import ALICE, Shop


def test_a_change_needs_the_tag_that_was_read_and_no_older_one(shop: Shop) -> None:
    mug = added(shop)
    staff, path = shop.as_staff(), f"/products/{mug['id']}"
    read = shop.as_guest().get(path).headers["ETag"]

    assert code_of(staff.patch(path, {"name": "Tin mug"})) == (428, "precondition_required")
    assert code_of(staff.patch(path, {"name": "Tin mug"}, headers={"If-Match": "*"})) == (428, "precondition_required")
    assert code_of(staff.delete(path)) == (428, "precondition_required")
    changed = staff.patch(path, {"name": "Tin mug"}, headers={"If-Match": read})
    assert (changed.status_code, changed.json["name"], changed.json["version"]) == (200, "Tin mug", 2)  # type: ignore[index]
    assert code_of(staff.patch(path, {"name": "Late"}, headers={"If-Match": read})) == (412, "stale_version")
    assert code_of(staff.delete(path, headers={"If-Match": f"W/{changed.headers['ETag']}"}))[0] in {412, 428}
    assert staff.delete(path, headers={"If-Match": changed.headers["ETag"]}).status_code == 204


def test_a_variant_is_changed_against_its_own_version(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    staff, path = shop.as_staff(), f"/products/{mug['id']}/variants/MUG"

    assert code_of(staff.patch(path, {"name": "Big"})) == (428, "precondition_required")
    changed = staff.patch(path, {"name": "Big", "price": euros(950)}, headers={"If-Match": '"v1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2"')
    assert (changed.json["name"], changed.json["price"], changed.json["version"]) == ("Big", euros(950), 2)  # type: ignore[index]
    assert code_of(staff.patch(path, {"name": "Late"}, headers={"If-Match": '"v1"'})) == (412, "stale_version")
    assert code_of(staff.delete(path, headers={"If-Match": '"v1"'})) == (412, "stale_version")
    assert staff.delete(path, headers={"If-Match": '"v2"'}).status_code == 204
    assert looks_at(shop, mug["id"])["variants"][0]["on_sale"] is False


def test_a_client_that_has_this_edition_gets_no_body(shop: Shop) -> None:
    added(shop, "Enamel mug", "MUG")
    first = shop.as_guest().get("/products/enamel-mug")

    again = shop.as_guest().get("/products/enamel-mug", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    other = shop.as_guest().get("/products/enamel-mug", headers={"If-None-Match": '"v0.0"'})
    assert other.status_code == 200


def test_the_tag_changes_with_everything_that_the_page_shows(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    tags = [shop.as_guest().get("/products/enamel-mug").headers["ETag"]]

    def seen() -> None:
        tags.append(shop.as_guest().get("/products/enamel-mug").headers["ETag"])

    changes(shop, mug["id"], {"description": "Blue."})
    seen()
    changes_variant(shop, mug["id"], "MUG", {"price": euros(950)})
    seen()
    moves(shop, "MUG", "received", 5)
    seen()
    order(shop, MUG=2)
    seen()
    shop.as_staff().post(f"/products/{mug['id']}/variants", {"sku": "MUG-L", "price": euros(1200)})
    seen()
    assert len(set(tags)) == 6


def test_stock_that_moves_does_not_make_a_staff_members_tag_stale(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")
    tag = shop.as_guest().get(f"/products/{mug['id']}").headers["ETag"]
    moves(shop, "MUG", "received", 5)

    answer = shop.as_staff().patch(f"/products/{mug['id']}", {"name": "Tin mug"}, headers={"If-Match": tag})

    assert answer.status_code == 200


def test_a_change_that_changes_nothing_keeps_the_version(shop: Shop) -> None:
    mug = added(shop, "Enamel mug", "MUG")

    assert changes(shop, mug["id"], {"name": "Enamel mug", "on_sale": True}).json["version"] == 1  # type: ignore[index]
    assert changes(shop, mug["id"], {}).json["version"] == 1  # type: ignore[index]
    assert changes_variant(shop, mug["id"], "MUG", {"price": euros(900)}).json["version"] == 1  # type: ignore[index]


@pytest.mark.parametrize(
    "path",
    ["/products", "/products?q=mug", "/products/suggest?q=mu", "/categories", "/products/enamel-mug"],
)
def test_public_reads_may_be_cached_for_a_second_by_anyone(path: str, shop: Shop) -> None:
    added(shop, "Enamel mug", "MUG")
    first = shop.as_guest().get(path)
    tag = first.headers["ETag"]

    same, other = (shop.as_guest().get(path, headers={"If-None-Match": each}) for each in (tag, '"other"'))

    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    assert (other.status_code, other.json, other.headers["ETag"]) == (200, first.json, tag)
    declared = "public, max-age=1, stale-while-revalidate=1"
    assert [each.headers["Cache-Control"] for each in (first, same, other)] == [declared] * 3
    assert shop.as_customer(ALICE).get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/products", "/products?q=mug", "/products/suggest?q=mu", "/categories"])
def test_the_tag_of_a_list_changes_with_the_list(path: str, shop: Shop) -> None:
    added(shop, "Enamel mug", "MUG")
    before = shop.as_guest().get(path)

    added(shop, "Mug of tin", "TIN")
    assert shop.as_staff().post("/categories", {"slug": "cups", "name": "Cups"}).status_code == 201
    shop.settle()

    after = shop.as_guest().get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.headers["ETag"] != before.headers["ETag"]) == (200, True)


@pytest.mark.parametrize("path", ["/products/nothing", "/products?limit=0", "/categories/mugs"])
def test_a_refusal_is_not_declared_public(path: str, shop: Shop) -> None:
    assert "public" not in shop.as_guest().get(path).headers.get("Cache-Control", "")
