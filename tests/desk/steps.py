"""What people at the desk do, and how a page is read."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from werkzeug.test import Client, TestResponse

from app.bus import parking
from app.bus.contracts.catalog import StockReserved
from app.bus.drain import drain
from app.bus.event import Event, Message, headers_of
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.conftest import until
from tests.journeys.steps import buys, places, signs_up, stocks
from tests.orders.taxes import collects
from tests.shop import BOB, SAM, Caller, Shop

ROLES = {"customer": UUID(int=0xC057), "staff": SAM, "admin": BOB}
OURS = {"Sec-Fetch-Site": "same-origin"}
VOID = {"meta", "link", "input", "br", "img", "hr"}
MUG = Money(900, "EUR")
INLINE_ONLY = {"p", "h1", "h2", "h3", "span", "dt", "label", "button", "summary"}
BLOCKS = {"div", "p", "ul", "ol", "table", "section", "form", "h1", "h2", "h3", "dl", "details", "pre", "address"}


@dataclass
class Element:
    tag: str
    attrs: dict[str, str]
    text: str = ""


class Page(HTMLParser):
    """A page, and what is wrong with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.wrong: list[str] = []
        self.forms: list[tuple[Element, list[Element]]] = []
        self._open: list[Element] = []
        self.feed(text)
        self.wrong += [f"<{each.tag}> is never closed" for each in self._open]
        ids = [each.attrs["id"] for each in self.elements if "id" in each.attrs]
        self.wrong += [f"the id {id} is used twice" for id in set(ids) if ids.count(id) > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        if len(attrs) > len(element.attrs):
            self.wrong.append(f"<{tag}> has an attribute twice")
        if tag in BLOCKS and any(each.tag in INLINE_ONLY for each in self._open):
            self.wrong.append(f"<{tag}> inside <{self._open[-1].tag}>")
        self.elements.append(element)
        if tag == "option" and "selected" in element.attrs:
            next(each for each in self._open if each.tag == "select").attrs["chosen"] = element.attrs["value"]
        if tag == "form":
            if any(each.tag == "form" for each in self._open):
                self.wrong.append("a form inside a form")
            self.forms.append((element, []))
        if tag in {"input", "select", "textarea", "button"} and any(each.tag == "form" for each in self._open):
            self.forms[-1][1].append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.wrong.append(f"</{tag}> closes <{self._open[-1].tag if self._open else ''}>")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for each in self._open:
            each.text += data

    def all(self, *tags: str) -> list[Element]:
        return [each for each in self.elements if each.tag in tags]

    def links(self) -> set[str]:
        """The addresses within the desk that the page leads to, or fetches."""
        found = {each.attrs.get(name, "") for each in self.elements for name in ("href", "hx-get", "src")}
        return {each for each in found if each.startswith("/desk")}

    def unlabelled(self) -> list[str]:
        labelled = {each.attrs.get("for") for each in self.all("label")}
        return [
            each.attrs.get("name", "?")
            for each in self.all("input", "select", "textarea")
            if each.attrs.get("type") != "hidden"
            and each.attrs.get("id") not in labelled
            and "aria-label" not in each.attrs
        ]

    def form(self, action: str) -> dict[str, str]:
        """The fields of a form as the page shows them."""
        for element, fields in self.forms:
            if element.attrs.get("action") == action:
                return dict(_sent(each) for each in fields if each.attrs.get("name") and _is_sent(each))
        raise AssertionError(f"no form for {action}: {[each.attrs.get('action') for each, _ in self.forms]}")


def _is_sent(field: Element) -> bool:
    return field.attrs.get("type") != "checkbox" or "checked" in field.attrs


def _sent(field: Element) -> tuple[str, str]:
    """The name and the value as a browser would send them."""
    if field.tag == "select":
        return field.attrs["name"], field.attrs.get("chosen", "")
    if field.tag == "textarea":
        return field.attrs["name"], field.text.removeprefix("\n")
    return field.attrs["name"], "on" if field.attrs.get("type") == "checkbox" else field.attrs.get("value", "")


@dataclass
class Browser:
    """Someone at the desk."""

    client: Client
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={**self.headers, **headers})

    def post(self, path: str, form: dict[str, Any], **headers: str) -> TestResponse:
        return self.client.post(path, data=form, headers={**self.headers, **OURS, **headers})

    def page(self, path: str) -> Page:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return Page(answer.text)

    def sends(self, page: str, action: str, **values: Any) -> TestResponse:
        """Fill in a form of a page, and send it."""
        form = self.page(page).form(action)
        return self.post(action, {**form, **values})


@dataclass
class Desk:
    """A shop, and some of what is in it."""

    shop: Shop
    alice: Caller
    paid: str  # the id of a paid order
    unpaid: str

    def browser(self, role: str | None) -> Browser:
        """Somebody with this role, who is signed in; None: a stranger."""
        client = self.shop.app.test_client()
        if role:
            client.set_cookie("desk_token", self.shop.token(ROLES[role], role), path="/desk")
        return Browser(client)

    def buys(self, quantity: int = 2) -> str:
        """A new paid order of alice."""
        return buys(self.shop, self.alice, "MUG", quantity, MUG)

    def product(self) -> str:
        found: Any = self.alice.get("/products/mug").json
        return str(found["id"])

    def user(self) -> str:
        found: Any = self.alice.get("/users/me").json
        return str(found["id"])

    def payment(self) -> str:
        found: Any = self.alice.get(f"/payments?order_id={self.paid}").json
        return str(found["items"][0]["id"])

    def first(self, path: str) -> str:
        """The id of the first one of a list of the API."""
        found: Any = self.shop.as_staff().get(path).json
        return str(found["items"][0]["id"])

    def parked(self) -> str:
        found: Any = self.shop.as_staff().get("/ops/orders/parked").json
        return str(found["items"][0]["id"])


def order_of(desk: Desk, id: str) -> Any:
    return desk.shop.as_staff().get(f"/orders/{id}").json


def shipments_of(desk: Desk, id: str) -> Any:
    found: Any = desk.shop.as_staff().get(f"/orders/{id}/shipments").json
    return found["items"]


def trail_of(desk: Desk, module: str) -> list[tuple[str, str, str]]:
    found: Any = desk.shop.as_staff().get(f"/ops/{module}/operations").json
    return [(each["what"], each["subject"], each["why"]) for each in found["items"]]


def is_consumed(desk: Desk, cause: str) -> None:
    """Wait until orders has no event that is parked for this cause; in this process it is tried again here."""

    def gone() -> bool:
        if not hasattr(desk.shop, "live"):
            orders = desk.shop.background.consumer_of("orders")
            drain(orders, desk.shop.modules["orders"].database)
        parked: Any = desk.shop.as_staff().get("/ops/orders/parked").json
        return not any(cause in each["error"] for each in parked["items"])

    until(gone, f"no event is parked for {cause}")


def opened(shop: Shop) -> Desk:
    """The desk of a new shop, which sells mugs in Europe, with tax and a coupon, and which has sold some."""
    stocks(shop, "MUG", MUG, on_hand=500)
    alice = signs_up(shop, "alice@example.com")
    staff = shop.as_staff()
    zone = {"id": "eu", "name": "Europe", "areas": [{"country": "DE"}], "reason": "we ship there"}
    staff.post("/shipping/zones", zone)
    staff.post("/shipping/methods", {"code": "standard", "name": "Standard", "zone_id": "eu", "reason": "a carrier"})
    staff.post("/categories", {"slug": "mugs", "name": "Mugs"})
    collects(shop, DE=190_000)
    coupon = {"id": "mugs", "name": "Mugs", "kind": "percent", "ppm": 250_000, "active": True, "reason": "a season"}
    staff.post("/promotions", {**coupon, "starts_at": "2026-01-01T00:00:00Z"})
    staff.post("/promotions/mugs/coupons", {"codes": ["MUGS26"], "reason": "posters"})
    paid = buys(shop, alice, "MUG", 2, MUG)
    parks_an_event(shop)
    return Desk(shop, alice, paid, places(shop, alice, "MUG", 1, MUG))


def known_ids(desk: Desk) -> dict[str, str]:
    """An id of each kind, for the addresses of pages."""
    return {
        "paid": desk.paid,
        "unpaid": desk.unpaid,
        "payment": desk.payment(),
        "product": desk.product(),
        "user": desk.user(),
        "parked": desk.parked(),
        "rate": desk.first("/tax/rates"),
        "registration": desk.first("/tax/registrations"),
    }


def works_here(desk: Desk, email: str, role: str) -> None:
    """Somebody with an account of this role, and the password of the journeys."""
    who: Any = signs_up(desk.shop, email).get("/users/me").json
    admin = desk.shop.as_staff(BOB, "admin")
    tag = admin.get(f"/users/{who['id']}").headers["ETag"]
    change = {"role": role, "reason": "a new colleague"}
    answer = admin.patch(f"/users/{who['id']}", change, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    desk.shop.settle()


def parks_an_event(shop: Shop) -> None:
    """Let orders consume an event about an order that it does not have."""
    event = StockReserved(order_id=str(new_id()), version=1)
    headers = headers_of(event, new_id(), clock.now(), None)
    message = Message(topic=event.topic(), key=event.key, headers=headers, body=b"{}")
    for consumer in shop.background.consumers:
        if consumer.name == "orders":
            consumer.handle(message)


def parks_what_can_be_consumed(shop: Shop, event: Event, module: str) -> None:
    """An event that could not be consumed for a cause that has gone since."""
    headers = headers_of(event, new_id(), clock.now(), None)
    message = Message(topic=event.topic(), key=event.key, headers=headers, body=event.to_json())
    with shop.modules[module].database.begin() as connection:
        parking.park(connection, module, message, "Timeout: the database did not answer")


def text_of(html: str) -> str:
    """What is to be read on a page."""
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html))
