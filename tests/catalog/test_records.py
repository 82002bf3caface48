"""External references and metadata of products and variants: staff write and read them, and nobody else sees them."""

from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.catalog.steps import added, adds, changes, changes_variant, code_of, euros, finds, looks_at
from tests.shop import ALICE, Shop

SECRETS: dict[str, Any] = {
    "external_reference": "secret-77-reference",
    "metadata": {"secret-77-name": "secret-77-value"},
}
FULL = {f"{number:040}": "v" * 500 for number in range(20)}


def record(shop: Shop, ref: str) -> Any:
    """The record of a product as staff read it."""
    answer = shop.as_staff().get(f"/products/{ref}/record")
    assert answer.status_code == 200, answer.text
    return answer.json


def variant(sku: str, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "price": euros(900), **more}


def has_taken(shop: Shop, reference: str) -> Any:
    """A product and its variant with this external reference."""
    return added(
        shop, "Mug", variants=[variant("MUG", external_reference=reference)], external_reference=reference, slug="mug"
    )


def test_staff_store_them_with_a_new_product_and_its_variants(shop_on_each: Shop) -> None:
    stored: dict[str, Any] = {"external_reference": "ERP-1", "metadata": {"erp.group": "7", "season": ""}}
    of_variant = {"external_reference": "ERP-1-S", "metadata": {"bin_no": "Größe – «S»"}}

    mug = added(shop_on_each, "Mug", variants=[variant("MUG-S", **of_variant), variant("MUG-L")], **stored)

    nothing: dict[str, Any] = {"external_reference": None, "metadata": {}}
    assert record(shop_on_each, "mug") == {
        "id": mug["id"],
        "slug": "mug",
        **stored,
        "version": 1,
        "variants": [{"sku": "MUG-L", **nothing, "version": 1}, {"sku": "MUG-S", **of_variant, "version": 1}],
    }
    assert record(shop_on_each, mug["id"]) == record(shop_on_each, "mug")


def test_a_change_replaces_all_of_the_metadata_and_null_removes_the_reference(shop_on_each: Shop) -> None:
    mug = added(shop_on_each, "Mug", "MUG", external_reference="ERP-1", metadata={"a": "1", "b": "2"})

    assert changes(shop_on_each, mug["id"], {"metadata": {"b": "3"}}).status_code == 200
    assert changes_variant(shop_on_each, mug["id"], "MUG", {"metadata": {"c": "4"}}).status_code == 200

    stored = record(shop_on_each, mug["id"])
    assert (stored["external_reference"], stored["metadata"]) == ("ERP-1", {"b": "3"})
    assert stored["variants"][0]["metadata"] == {"c": "4"}
    assert changes(shop_on_each, mug["id"], {"external_reference": None, "metadata": {}}).status_code == 200
    stored = record(shop_on_each, mug["id"])
    assert (stored["external_reference"], stored["metadata"], stored["version"]) == (None, {}, 3)


def test_a_variant_is_added_with_them(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG")

    answer = shop.as_staff().post(f"/products/{mug['id']}/variants", variant("BIG", **SECRETS))

    assert answer.status_code == 201
    assert record(shop, mug["id"])["variants"][0] == {"sku": "BIG", **SECRETS, "version": 1}


def test_what_is_as_it_was_is_no_change(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG", **SECRETS)

    assert changes(shop, mug["id"], SECRETS).status_code == 200
    assert record(shop, mug["id"])["version"] == 1


def test_a_record_is_not_sent_again_until_it_changes(shop: Shop) -> None:
    mug, staff = added(shop, "Mug", "MUG"), shop.as_staff()
    path = f"/products/{mug['id']}/record"
    tag = {"If-None-Match": staff.get(path).headers["ETag"]}

    assert staff.get(path, headers=tag).status_code == 304
    changes_variant(shop, mug["id"], "MUG", {"metadata": {"a": "1"}})
    assert staff.get(path, headers=tag).status_code == 200


def test_the_tag_of_a_record_serves_for_a_change_of_the_product(shop: Shop) -> None:
    mug, staff = added(shop, "Mug", "MUG"), shop.as_staff()
    tag = {"If-Match": staff.get(f"/products/{mug['id']}/record").headers["ETag"]}

    assert staff.patch(f"/products/{mug['id']}", {"metadata": {"a": "1"}}, headers=tag).status_code == 200
    assert staff.patch(f"/products/{mug['id']}", {"metadata": {"a": "2"}}, headers=tag).status_code == 412


def test_nobody_but_staff_reads_a_record(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG", **SECRETS)
    path = f"/products/{mug['id']}/record"

    assert code_of(shop.as_guest().get(path)) == (401, "not_signed_in")
    assert code_of(shop.as_customer(ALICE).get(path)) == (403, "role_missing")
    assert "no-store" in shop.as_staff().get(path).headers["Cache-Control"]
    assert code_of(shop.as_staff().get("/products/none/record")) == (404, "no_such_product")


def test_no_public_answer_has_them(shop: Shop) -> None:
    mug = added(shop, "Mug", variants=[variant("MUG", **SECRETS)], **SECRETS)
    shop.settle()
    guest, alice = shop.as_guest(), shop.as_customer(ALICE)

    paths = [f"/products/{mug['id']}", "/products/mug", "/products", "/products?q=mug&facets=true", "/stock/MUG"]
    paths += ["/products/suggest?q=mug", "/products?sort=name"]
    for path in paths:
        for caller in (guest, alice):
            answer = caller.get(path)
            assert answer.status_code == 200
            assert "secret-77" not in answer.text
    assert "metadata" not in looks_at(shop, "mug") and "external_reference" not in looks_at(shop, "mug")


def test_nothing_is_found_by_them(shop: Shop) -> None:
    added(shop, "Mug", variants=[variant("MUG", **SECRETS)], **SECRETS)
    shop.settle()

    for words in ("secret-77-reference", "secret-77-name", "secret-77-value", "secret"):
        assert finds(shop, q=words)["items"] == []
    assert finds(shop, **{"attr_secret-77-name": "secret-77-value"})["items"] == []


def test_no_event_and_no_index_has_them(shop: Shop) -> None:
    mug = added(shop, "Mug", variants=[variant("MUG", **SECRETS)], **SECRETS)
    changes(shop, mug["id"], {"name": "Cup", "metadata": {"secret-77-other": "x"}})
    changes_variant(shop, mug["id"], "MUG", {"metadata": {"secret-77-other": "x"}, "price": euros(800)})
    shop.settle()

    with shop.modules["catalog"].database.read() as connection:
        bodies = [bytes(body) for body in connection.execute(text("SELECT body FROM outbox")).scalars()]
        listed = str(connection.execute(text("SELECT * FROM listings")).all())
    assert len(bodies) >= 3
    assert not [body for body in bodies if b"secret-77" in body]
    assert "secret-77" not in listed
    files = [path for path in shop.settings.data.glob("search.sqlite*") if path.is_file()]
    assert files and not [path for path in files if b"secret-77" in path.read_bytes()]


def test_a_reference_belongs_to_one_of_a_kind(shop_on_each: Shop) -> None:
    mug = has_taken(shop_on_each, "ERP-1")  # a variant may have the reference of its product
    cup = added(shop_on_each, "Cup", "CUP")
    path = f"/products/{cup['id']}/variants"

    taken: dict[str, Any] = {"external_reference": "ERP-1"}
    answers: list[TestResponse] = [
        adds(shop_on_each, "Mug", **taken),
        adds(shop_on_each, "Pot", slug="pot", **taken),
        adds(shop_on_each, "Pan", variants=[variant("PAN", **taken)]),
        adds(shop_on_each, "Jug", variants=[variant(sku, external_reference="ERP-2") for sku in ("JUG-S", "JUG-L")]),
        changes(shop_on_each, cup["id"], taken),
        changes_variant(shop_on_each, cup["id"], "CUP", taken),
        changes_variant(shop_on_each, cup["id"], "CUP", {"price": euros(1), **taken}),
        shop_on_each.as_staff().post(path, variant("CUP-L", **taken)),
    ]

    assert [code_of(each) for each in answers] == [(409, "external_reference_taken")] * len(answers)
    assert "another product has the external reference ERP-1" in answers[0].json["detail"]  # type: ignore[index]
    shop_on_each.settle()
    assert [each["slug"] for each in finds(shop_on_each)["items"]] == ["cup", "mug"]
    assert looks_at(shop_on_each, "cup") == cup and looks_at(shop_on_each, "mug") == mug


def test_a_reference_that_was_given_up_is_free(shop: Shop) -> None:
    mug, cup = has_taken(shop, "ERP-1"), added(shop, "Cup", "CUP")
    changes(shop, mug["id"], {"external_reference": None})

    assert changes(shop, cup["id"], {"external_reference": "ERP-1"}).status_code == 200


def test_many_things_have_no_reference(shop_on_each: Shop) -> None:
    for sku in ("A", "B", "C"):
        added(shop_on_each, sku, sku, external_reference=None)


def test_the_largest_metadata_is_stored(shop_on_each: Shop) -> None:
    mug = added(shop_on_each, "Mug", variants=[variant("MUG", metadata=FULL)], metadata=FULL)

    stored = record(shop_on_each, mug["id"])
    assert (stored["metadata"], stored["variants"][0]["metadata"]) == (FULL, FULL)


@pytest.fixture(scope="module")
def mug(one_shop: Shop) -> Any:
    """A product that no test of the one shop changes."""
    return added(one_shop, "Mug", "MUG")


def refused_everywhere(shop: Shop, mug: Any, field: str, value: Any) -> list[Any]:
    """The problems of every request that may set the field."""
    answers = [
        adds(shop, "X", **{field: value}),
        adds(shop, "X", variants=[variant("X", **{field: value})]),
        changes(shop, mug["id"], {field: value}),
        changes_variant(shop, mug["id"], "MUG", {field: value}),
        shop.as_staff().post(f"/products/{mug['id']}/variants", variant("X", **{field: value})),
    ]
    assert [each.status_code for each in answers] == [422] * 5, [each.text for each in answers]
    assert record(shop, mug["id"])["version"] == 1
    return [each.json for each in answers]


WRONG_METADATA = [
    {f"a{number}": "x" for number in range(21)},
    {"": "x"},
    {"a" * 41: "x"},
    {"a b": "x"},
    {"a=b": "x"},
    {"größe": "x"},
    {"a\n": "x"},
    {"a": "x" * 501},
    {"a": "x\x00"},
    {"a": "x\ny"},
    {"a": "\ud800"},
    {"a": 7},
    {"a": None},
    {"a": True},
    {"a": ["x"]},
    {"a": {"b": "x"}},
    [["a", "x"]],
    "a",
    None,
    7,
]


@pytest.mark.parametrize("metadata", WRONG_METADATA, ids=lambda each: str(each)[:30])
def test_metadata_is_a_few_plain_names_with_a_text_each(one_shop: Shop, mug: Any, metadata: Any) -> None:
    for problem in refused_everywhere(one_shop, mug, "metadata", metadata):
        assert "metadata" in str(problem["errors"])


@pytest.mark.parametrize("reference", ["", "  ", "x" * 101, "a\x00b", "a\nb", "\ud800", 7, True, ["x"], {}], ids=repr)
def test_a_reference_is_a_short_line_of_text(one_shop: Shop, mug: Any, reference: Any) -> None:
    for problem in refused_everywhere(one_shop, mug, "external_reference", reference):
        assert "external_reference" in str(problem["errors"])
