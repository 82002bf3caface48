"""What people at the desk do, and how a page is read."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from werkzeug.test import Client, TestResponse

from app.bus.contracts.catalog import StockReserved
from app.bus.event import Message, headers_of
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.journeys.steps import buys
from tests.shop import BOB, SAM, Caller, Shop

ROLES = {"customer": UUID(int=0xC057), "staff": SAM, "admin": BOB}
OURS = {"Sec-Fetch-Site": "same-origin"}
VOID = {"meta", "link", "input", "br", "img", "hr"}
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
        return buys(self.shop, self.alice, "MUG", quantity, Money(900, "EUR"))

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


def parks_an_event(shop: Shop) -> None:
    """Let orders consume an event about an order that it does not have."""
    event = StockReserved(order_id=str(new_id()), version=1)
    headers = headers_of(event, new_id(), clock.now(), None)
    message = Message(topic=event.topic(), key=event.key, headers=headers, body=b"{}")
    for consumer in shop.background.consumers:
        if consumer.name == "orders":
            consumer.handle(message)


def text_of(html: str) -> str:
    """What is to be read on a page."""
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html))
