"""What staff do with products, stock and categories at the desk, once for each form."""

from typing import Any

from tests.desk.steps import Desk, text_of


def test_change_a_price_and_take_a_variant_off_sale(desk: Desk) -> None:
    staff, product = desk.browser("staff"), desk.product()
    page = f"/desk/catalog/products/{product}"
    action = f"{page}/variants/CUP"
    added = staff.sends(page, f"{page}/variants", sku="CUP", price="12.50", weight_g="300", ships="on", on_sale="on")
    assert added.status_code == 303, text_of(added.text)
    stale = staff.page(page).form(action)

    changed = staff.sends(page, action, price="13", tax_category="books")
    late = staff.post(action, stale | {"price": "14.00"})
    shown: Any = desk.alice.get(f"/products/{product}").json

    assert (added.status_code, changed.status_code, late.status_code) == (303, 303, 412)
    assert {each["sku"]: each["price"]["amount"] for each in shown["variants"]}["CUP"] == 1300
    staff.sends(page, action, tax_category="")
    again: Any = desk.alice.get(f"/products/{product}").json
    assert {each["sku"]: each["tax_category"] for each in again["variants"]}["CUP"] == "books"


def test_add_a_product_and_receive_goods(desk: Desk) -> None:
    staff = desk.browser("staff")

    added = staff.sends(
        "/desk/catalog", "/desk/catalog/products", name="A plate", sku="PL/1", price="7.00", currency="EUR"
    )
    assert added.status_code == 303, text_of(added.text)
    stock = "/desk/catalog/stock/PL%2F1"
    received = staff.sends(stock, "/desk/catalog/receive/PL%2F1", quantity="5", reason="a delivery")
    fewer = staff.sends(stock, "/desk/catalog/correct/PL%2F1", quantity="-2", reason="a count")
    too_few = staff.sends(stock, "/desk/catalog/correct/PL%2F1", quantity="-9", reason="a count")
    level: Any = desk.shop.as_staff().get("/stock/PL%2F1").json

    assert [each.status_code for each in (added, received, fewer, too_few)] == [303, 303, 303, 409]
    assert level["on_hand"] == 3


def test_find_a_product_by_its_external_reference_or_that_of_a_variant(desk: Desk) -> None:
    variant = {"sku": "JUG", "price": {"amount": 900, "currency": "EUR"}, "external_reference": "ERP-2"}
    body = {"name": "A jug", "variants": [variant], "external_reference": "ERP-1"}
    made: Any = desk.shop.as_staff().post("/products", body).json
    staff, product = desk.browser("staff"), f"/desk/catalog/products/{made['id']}"

    found = [product in staff.page(f"/desk/catalog?reference={each}").links() for each in ("ERP-1", "ERP-2", "ERP-3")]

    assert found == [True, True, False]


def test_categories(desk: Desk) -> None:
    staff, page = desk.browser("staff"), "/desk/catalog/categories"

    staff.sends(page, page, slug="plates", name="Plates")
    moved = staff.sends(page, f"{page}/plates", name="All plates", parent="mugs")
    circle = staff.sends(page, f"{page}/mugs", parent="plates")
    removed = staff.sends(page, f"{page}/plates/remove")

    assert [each.status_code for each in (moved, circle, removed)] == [303, 409, 303]
    assert moved.headers["Location"].startswith(f"{page}?")


def test_a_description_of_any_script_is_as_long_as_in_the_api(desk: Desk) -> None:
    """A form writes a Chinese character in nine bytes."""
    staff, page = desk.browser("staff"), f"/desk/catalog/products/{desk.product()}"
    long = "杯" * 65_000

    saved = staff.sends(page, page, description=long)
    shown: Any = desk.alice.get("/products/mug").json
    stranger = desk.browser(None).post(page, {"description": long})
    staff.sends(page, page, description="")

    assert saved.status_code == 303, text_of(saved.text)
    assert shown["description"] == long
    assert stranger.status_code == 307  # to renew the session; the body of a stranger is not read


def test_a_promotion_of_many_skus_of_any_script(desk: Desk) -> None:
    page = "/desk/orders/promotions"
    skus = "\r\n".join(f"sku {'杯' * 95}{number}" for number in range(500))

    added = desk.browser("staff").sends(
        page, page, id="many", name="Many", kind="free_shipping", starts_at="2026-12-01", target=skus, reason="a season"
    )

    assert added.status_code == 303, text_of(added.text)
