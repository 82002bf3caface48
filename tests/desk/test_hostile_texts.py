"""Names, notes and addresses as hostile people write them: shown as text, and cut where they are long."""

from typing import Any

import pytest

from app.kernel.money import Money
from tests.desk.steps import Desk, Page
from tests.journeys.steps import places

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
TURNED = "abc \u200f\u200e{{ 7 * 7 }} {% raw %} ‏עברית"
MANY = "w" * 10_000
TEXTS = [SCRIPT, TURNED, MANY[:190], "a' onmouseover='alert(1)", "<!--", "]]>", "&amp;lt;"]


@pytest.fixture(scope="module")
def hostile(desk: Desk) -> dict[str, str]:
    """A product and an order with such texts everywhere."""
    staff = desk.shop.as_staff()
    ids = {}
    for number, text in enumerate(TEXTS):
        variant = {"sku": f"H{number}", "name": text, "price": {"amount": 900, "currency": "EUR"}}
        new = {"name": text, "description": f"{text} {MANY}", "variants": [variant], "attributes": {"Colour": text}}
        made: Any = staff.post("/products", new)
        assert made.status_code == 201, made.text
        staff.post(f"/stock/H{number}/movements", {"kind": "received", "quantity": 9, "reason": text})
        ids[text] = made.json["id"]
    return ids


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_it_is_shown_as_text(desk: Desk, hostile: dict[str, str], text: str) -> None:
    desk.shop.settle()
    number = TEXTS.index(text)
    order = places(desk.shop, desk.alice, f"H{number}", 1, Money(900, "EUR"))
    staff = desk.browser("admin")
    page = f"/desk/orders/{order}"
    staff.sends(page, f"{page}/nudge", reason=text)
    paths = (
        page,
        "/desk/orders",
        "/desk/catalog",
        f"/desk/catalog/products/{hostile[text]}",
        f"/desk/catalog/stock/H{number}",
        f"/desk/orders/packing-slips?order={order}",
        "/desk/orders/health/trail",
    )
    for path in paths:
        shown = staff.page(path)

        assert shown.wrong == [], path
        assert all(each.attrs.get("src", "").startswith("/desk/") for each in shown.all("script"))
        assert not shown.all("img")
        assert not [each for each in shown.elements if any(name.startswith("on") for name in each.attrs)]


def test_names_of_settings_are_shown_as_text(desk: Desk) -> None:
    staff, shown = desk.browser("staff"), ["/desk/orders/promotions", "/desk/orders/tax"]
    for number, text in enumerate(TEXTS):
        new = {"id": f"h{number}", "name": text, "kind": "free_shipping", "starts_at": "2026-01-01", "reason": text}
        assert staff.sends("/desk/orders/promotions", "/desk/orders/promotions", **new).status_code == 303
        category = {"slug": f"h{number}", "name": text, "reason": text}
        assert staff.sends("/desk/orders/tax", "/desk/orders/tax/categories", **category).status_code == 303
        shown += [f"/desk/orders/promotions/h{number}{end}" for end in ("", "/coupons", "/try")]
    for path in shown:
        page = staff.page(path)

        assert page.wrong == [], path
        assert all(each.attrs.get("src", "").startswith("/desk/") for each in page.all("script"))
        assert not page.all("img")


WRONG = (
    SCRIPT,
    "\u202e",
    "\0",
    "%00",
    "a" * 5_000,
    "-1",
    "9" * 400,
    "0001-01-01",
    "2999-12-31",
    "'; drop table orders; --",
)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/desk/orders/documents", ("since", "until", "cursor")),
        ("/desk/orders/promotions", ("cursor",)),
        ("/desk/orders/promotions/mugs/coupons", ("cursor",)),
        ("/desk/orders/promotions/mugs/try", ("items", "country", "region", "postal_code", "method", "at")),
        ("/desk/orders/tax/rates", ("in_country", "cursor")),
        ("/desk/orders/tax/report", ("since", "until")),
    ],
)
def test_hostile_filters_are_refused_or_find_nothing(desk: Desk, path: str, names: tuple[str, ...]) -> None:
    staff = desk.browser("staff")
    for name in names:
        for value in WRONG:
            answer = staff.client.get(path, query_string={"items": "MUG 1", name: value})

            assert answer.status_code in {200, 422}, (name, value, answer.text[:500])
            assert "<script>alert" not in answer.text
            assert Page(answer.text).wrong == []


@pytest.mark.parametrize("path", ["/desk/orders", "/desk/catalog", "/desk/users", "/desk/orders/packing-slips"])
def test_hostile_addresses_are_refused_or_find_nothing(desk: Desk, path: str) -> None:
    admin = desk.browser("admin")
    for value in (SCRIPT, "\u202e", "%00", "a" * 5_000, "-1", "9" * 400, "0001-01-01", "'; drop table orders; --"):
        for name in ("q", "status", "since", "number", "min", "email", "role", "reference", "cursor", "order", "done"):
            answer = admin.client.get(path, query_string={name: value})

            assert answer.status_code in {200, 404, 422}, (name, value, answer.text[:500])
            assert "<script>alert" not in answer.text
            assert Page(answer.text).wrong == []


def test_no_template_trusts_a_text() -> None:
    from tests.conftest import ROOT

    templates = list((ROOT / "app").rglob("templates/**/*.html"))

    assert len(templates) > 20
    for template in templates:
        text = template.read_text()
        assert "| safe" not in text
        assert "|safe" not in text
        assert "autoescape" not in text
        assert "hx-on" not in text
        assert "js:" not in text
