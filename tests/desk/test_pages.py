"""Each page for each role: who sees it, what it leads to, and what its HTML is like."""

import re

import pytest

from app.desk.navigation import NAVIGATION
from tests.desk.steps import Desk, Page, known_ids

PAGES = [
    "/desk/orders/home",
    "/desk/orders",
    "/desk/orders?status=paid&fulfilment=none&sort=-total&min=1.00",
    "/desk/orders?number=wrong",
    "/desk/orders/{paid}",
    "/desk/orders/{unpaid}",
    *(f"/desk/{module}/search" for module in ("catalog", "orders", "payments", "users")),
    *(f"/desk/{module}/found" for module in ("catalog", "orders", "users")),
    "/desk/orders/to-pack",
    "/desk/orders/packing-slips?order={paid}&order={unpaid}",
    "/desk/orders/stuck",
    "/desk/orders/documents",
    "/desk/orders/documents?since=2026-11-01&until=wrong",
    "/desk/orders/promotions",
    "/desk/orders/promotions/mugs",
    "/desk/orders/promotions/mugs/coupons",
    "/desk/orders/promotions/mugs/try",
    "/desk/orders/promotions/mugs/try?items=MUG+2",
    "/desk/orders/promotions/mugs/try?items=MUG+2&country=DE&method=pickup",
    "/desk/orders/shipping",
    "/desk/orders/shipping/zones/eu",
    "/desk/orders/shipping/methods/standard",
    "/desk/orders/tax",
    "/desk/orders/tax/registrations/{registration}",
    "/desk/orders/tax/rates",
    "/desk/orders/tax/rates?in_country=XX",
    "/desk/orders/tax/rates/{rate}",
    "/desk/orders/tax/report",
    "/desk/orders/tax/report?since=2026-01-01&until=2029-01-01",
    "/desk/orders/tax/exemptions",
    "/desk/payments",
    "/desk/payments/of-order/{paid}",
    "/desk/payments/{payment}",
    "/desk/catalog",
    "/desk/catalog?q=mug",
    "/desk/catalog?reference=none",
    "/desk/catalog/products/{product}",
    "/desk/catalog/categories",
    "/desk/catalog/categories/mugs",
    "/desk/catalog/stock/MUG",
    "/desk/catalog/stock-of?sku=MUG&sku=unknown",
    "/desk/users",
    "/desk/users/{user}",
    *(
        f"/desk/{module}/health{page}"
        for module in ("catalog", "orders", "payments", "users")
        for page in ("", "/state", "/parked", "/audits", "/trail")
    ),
    "/desk/orders/health/parked/{parked}",  # the other modules have no parked event here
]


seen: dict[str, set[str]] = {"staff": set(), "admin": set()}  # links that were followed before

sent: dict[str, set[str]] = {"staff": set(), "admin": set()}


@pytest.fixture(scope="module")
def known(desk: Desk) -> dict[str, str]:
    return known_ids(desk)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_staff_only_what_they_may_do(desk: Desk, known: dict[str, str], path: str) -> None:
    path = path.format(**known)
    for role in ("staff", "admin"):
        browser = desk.browser(role)
        answer = browser.get(path)
        page = Page(answer.text)

        assert answer.status_code == 200, answer.text[:1000]
        assert page.wrong == []
        assert page.unlabelled() == []
        assert len(page.all("h1")) == 1
        assert [each.attrs["lang"] for each in page.all("html")] == ["en"]
        assert not [each for each in page.elements if "style" in each.attrs or each.tag == "style"]
        assert not [each for each in page.elements if any(name.startswith("on") for name in each.attrs)]
        assert all(each.attrs.get("src") for each in page.all("script"))
        assert all("scope" in each.attrs for each in page.all("th"))
        for link in page.links() - seen[role]:
            assert browser.get(link).status_code in {200, 303}, link
        seen[role] |= page.links()
        for form, fields in page.forms:
            action = form.attrs.get("action", path)
            if form.attrs.get("method") == "post" and action not in sent[role]:
                assert _may_send(desk, role, action), form.attrs
                sent[role].add(action)
                assert any(each.tag == "button" for each in fields)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_staff(desk: Desk, known: dict[str, str], path: str) -> None:
    path = path.format(**known)

    customer = desk.browser("customer").get(path)
    stranger = desk.browser(None).get(path)
    part = desk.browser("staff").get(path, **{"HX-Request": "true"})

    assert (customer.status_code, customer.mimetype) == (403, "text/html")
    assert Page(customer.text).wrong == []
    assert stranger.status_code == 303
    assert stranger.headers["Location"].startswith("/desk/users/refresh?next=%2Fdesk")
    assert "<html" not in part.text
    for answer in (customer, stranger, part):
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_page_is_listed_here(desk: Desk) -> None:
    """One that is not would be tested by nobody."""
    rules = [rule for rule in desk.shop.app.url_map.iter_rules() if rule.rule.startswith("/desk/")]
    shown = {rule.rule for rule in rules if "GET" in (rule.methods or set()) and "static" not in rule.rule}
    here = [re.sub(r"\{\w+\}", "x", path.partition("?")[0]) for path in PAGES]
    elsewhere = {
        "/desk/orders/tax/report/csv",  # a file: tests/desk/test_tax.py
        "/desk/orders/documents/<number>",  # made to be printed: tests/desk/test_documents.py
        "/desk/users/sign-in",
        "/desk/users/refresh",
        "/desk/catalog/products/<uuid:product_id>/variants/<sku:sku>",
    }

    elsewhere |= {f"/desk/{module}/health/parked/<parked_id>" for module in ("catalog", "payments", "users")}
    missing = [rule for rule in shown - elsewhere if not any(_is_of(rule, path) for path in here)]

    assert missing == []


def test_the_menu_leads_to_pages(desk: Desk) -> None:
    browser = desk.browser("admin")

    for _, entries in NAVIGATION:
        assert [browser.get(entry.url).status_code for entry in entries] == [200] * len(entries)


def test_what_all_pages_load_is_small_and_cached(desk: Desk) -> None:
    browser = desk.browser("staff")
    links = [each for each in browser.page("/desk/orders/home").links() if "/static/" in each]

    answers = [browser.get(link, **{"Accept-Encoding": "gzip"}) for link in [*links, "/desk/orders/home"]]

    assert len(links) == 4
    assert all("immutable" in answer.headers["Cache-Control"] for answer in answers[:-1])
    assert sum(len(answer.data) for answer in answers) < 60_000


def _may_send(desk: Desk, role: str, action: str) -> bool:
    """Whether the guard of the form's address lets this role in: an empty form is refused for its fields, not by it."""
    if action == "/desk/users/sign-out":
        return True
    answer = desk.browser(role).post(action, {})
    return answer.status_code not in {401, 403, 404, 405}


def _is_of(rule: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"<[^>]*>", "[^/]+", rule), path) is not None
