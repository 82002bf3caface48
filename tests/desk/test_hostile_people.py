"""Hostile names, addresses, notes and file names of people, on every page that shows one."""

from html.parser import HTMLParser
from typing import Any

import pytest

from app.kernel.money import Money
from tests.desk.steps import VOID, Browser, Desk, Page, known_ids
from tests.desk.test_hostile_texts import MANY, SCRIPT, TEXTS, TURNED
from tests.desk.test_pages import PAGES
from tests.journeys.steps import PASSWORD, pays, signs_in

MUG = Money(900, "EUR")
FILE = "https://media.example/%22%3E%3Cscript%3Ealert(1)%3C/script%3E/..%2F..%2F%E2%80%AEgnp.exe?a=%27onerror%3D"
TURN = "\u200f"
APART = {"bdi", "textarea", "title", "option", "pre"}  # what turns the writing there turns nothing else


@pytest.fixture(scope="module")
def pages(desk: Desk) -> list[str]:
    """The addresses of what hostile people have left behind, after those of all pages."""
    shown = [path.format(**known_ids(desk)) for path in PAGES]
    for number, text in enumerate(TEXTS):
        shown += leaves(desk, number, text)
    return shown


def leaves(desk: Desk, number: int, text: str) -> list[str]:
    """An account, an order that was sent and refunded, a product with media, a category, a zone and a method."""
    shop, staff, admin = desk.shop, desk.browser("staff"), desk.browser("admin")
    short = text[:60]
    email = f"h{number}@example.com"
    body = {"email": email, "password": PASSWORD, "name": text[:100]}
    assert shop.as_guest().post("/users", body).status_code == 201
    buyer = signs_in(shop, email)
    user: Any = buyer.get("/users/me").json
    address = {"name": short, "line1": text[:100], "city": short, "postal_code": "10117", "country": "DE"}
    order = placed(desk, buyer, address)
    here = f"/desk/orders/{order}"
    payment: Any = buyer.get(f"/payments?order_id={order}").json["items"][0]["id"]
    does(staff, here, f"{here}/reference", external_reference=short, reason=text)
    does(staff, here, f"{here}/pack")
    shipment: Any = shop.as_staff().get(f"/orders/{order}/shipments").json["items"][0]["id"]
    does(staff, here, f"{here}/shipments/{shipment}/dispatch", carrier=short, tracking_number=text[:100])
    does(staff, f"/desk/payments/{payment}", f"/desk/payments/{payment}/refund", amount="1.00", reason=text)
    account = f"/desk/users/{user['id']}"
    does(admin, account, f"{account}/reference", external_reference=short, reason=text)
    media = [{"url": f"{FILE}{number}", "alt": text}]
    variant = {"sku": f"F{number}", "price": {"amount": 900, "currency": "EUR"}}
    product: Any = shop.as_staff().post("/products", {"name": text, "media": media, "variants": [variant]}).json
    does(staff, "/desk/catalog/categories", "/desk/catalog/categories", slug=f"h{number}", name=text)
    shipping = "/desk/orders/shipping"
    does(staff, shipping, f"{shipping}/zones", id=f"h{number}", name=text, areas="DE", reason=text)
    method = {"code": f"h{number}", "name": text, "carrier": short, "min_days": "1", "max_days": "2", "reason": text}
    does(staff, shipping, f"{shipping}/methods", **method)
    shop.settle()
    return [
        here,
        f"/desk/orders/packing-slips?order={order}",
        f"/desk/payments/of-order/{order}",
        f"/desk/payments/{payment}",
        account,
        f"/desk/catalog/products/{product['id']}",
        f"/desk/catalog/categories/h{number}",
        f"{shipping}/zones/h{number}",
        f"{shipping}/methods/h{number}",
    ]


def placed(desk: Desk, buyer: Any, address: dict[str, str]) -> str:
    body = {"items": [{"sku": "MUG", "quantity": 1}], "expected_total": {"amount": 900, "currency": "EUR"}}
    answer = buyer.post("/orders", {**body, "shipping_address": address})
    assert answer.status_code == 201, answer.text
    desk.shop.settle()
    assert pays(buyer, answer.json["id"], "pm_card_visa").status_code == 200
    desk.shop.settle()
    return str(answer.json["id"])


def does(browser: Browser, page: str, action: str, **values: str) -> None:
    answer = browser.sends(page, action, **values)
    assert answer.status_code == 303, (action, values, answer.status_code, answer.text[-3000:])


def test_they_are_shown_as_text_and_turn_nothing_else(desk: Desk, pages: list[str]) -> None:
    admin, seen = desk.browser("admin"), set[str]()
    for path in pages:
        answer = admin.get(path)
        page = Page(answer.text)

        assert page.wrong == [], path
        assert all(each.attrs.get("src", "").startswith("/desk/") for each in page.all("script")), path
        assert not page.all("img", "iframe", "object"), path
        assert not [each for each in page.elements if any(name.startswith("on") for name in each.attrs)], path
        assert all(
            each.attrs["href"].startswith(("/", "#", "https://")) for each in page.all("a") if "href" in each.attrs
        ), path
        assert Turned(answer.text).loose == [], path
        seen |= {text for text in (SCRIPT, TURNED) if any(text[:60] in each.text for each in page.elements)}
    assert seen == {SCRIPT, TURNED}


def test_a_file_is_linked_as_it_is_named_and_opened_without_saying_from_where(desk: Desk, pages: list[str]) -> None:
    products = [each for each in pages if each.startswith("/desk/catalog/products/")][-len(TEXTS) :]
    for number, path in enumerate(products):
        links = [each for each in desk.browser("staff").page(path).all("a") if "media.example" in each.attrs["href"]]

        assert [each.attrs["href"] for each in links] == [f"{FILE}{number}"]
        assert [each.attrs["rel"] for each in links] == ["noreferrer"]


def test_a_text_that_is_too_long_is_refused_and_shown_once_more(desk: Desk) -> None:
    here = f"/desk/orders/{desk.paid}"
    for text in (MANY, f"{SCRIPT}{MANY}", f"{TURNED}{MANY}"):
        answer = desk.browser("staff").sends(here, f"{here}/nudge", reason=text)
        page = Page(answer.text)

        assert answer.status_code == 422
        assert page.form(f"{here}/nudge")["reason"] == text
        assert page.wrong == []
        assert not page.all("img")
        assert Turned(answer.text).loose == []


class Turned(HTMLParser):
    """Finds marks that turn the writing, outside of what keeps them to itself; `loose`: the elements they are in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loose = list[str]()
        self._open = list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if TURN in data and APART.isdisjoint(self._open):
            self.loose.append(self._open[-1])
