"""Who speaks to the shop while it is fuzzed, and what each of them already has there."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

from app.kernel.ids import new_id
from tests.conftest import ROOT, until

ADDRESS = {"name": "Ada", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}

WRITE_PAST = """INSERT INTO outbox (event_id, topic, key, type, headers, body, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
PASSWORD = "correct horse battery staple of 1960"
PLACES = {
    "ref": ["path.ref"],
    "sku": ["path.sku", "body.sku", "body.items[*].sku"],
    "ordered_sku": ["body.lines[*].sku"],
    "slug": ["path.slug", "query.category", "body.category", "body.parent"],
    "order_id": ["path.order_id", "query.order_id"],
    "payment_id": ["path.payment_id"],
    "customer_id": ["query.customer_id"],
    "user_id": ["path.user_id"],
    "parked_id": ["path.parked_id"],
    "version": ["header.If-Match"],
    "email": ["body.email"],
    "password": ["body.password", "body.old_password"],
}


@dataclass
class Person:
    """An account and its token; a guest has neither. `leaves`: does what may end its sign-in, and signs in again."""

    base: str
    name: str
    email: str = ""
    id: str = ""
    token: str = ""
    leaves: bool = False
    known: dict[str, list[str]] = field(default_factory=dict)  # values that exist, by what they are

    def signing_in(self) -> list[str]:
        """As schemathesis.toml has it."""
        if self.leaves:
            login = {"path": "/api/v1/auth/login", "extract_selector": "/access_token"}
            lines = [f"{name} = {json.dumps(value)}" for name, value in login.items()]
            payload = f'payload = {{ email = "{self.email}", password = "{PASSWORD}" }}'
            return ["[auth.dynamic.openapi.bearer]", *lines, payload]
        return ["[auth.openapi.bearer]", f'bearer = "{self.token}"'] if self.token else []

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of the answer; asked again while the modules have not yet heard of each other."""
        headers |= {"Content-Type": "application/json", "Idempotency-Key": str(new_id())}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = json.dumps(body).encode() if body is not None else None
        request = Request(f"{self.base}/api/v1{path}", data, headers, method=method)
        return until(lambda: _answer(request), f"{method} {path} is answered")[0]

    def signs_in(self) -> "Person":
        signed_in = self.call("POST", "/auth/login", {"email": self.email, "password": PASSWORD})
        self.token = signed_in["access_token"]
        self.id = self.call("GET", "/users/me")["id"]
        return self

    def knows(self, name: str, *values: str) -> None:
        self.known.setdefault(name, []).extend(values)


def _answer(request: Request) -> tuple[Any] | None:
    try:
        with urlopen(request, timeout=30) as response:
            return (json.loads(response.read() or b"null"),)
    except HTTPError as error:
        if error.code in {401, 409}:
            return None
        raise AssertionError(error.read().decode()) from error


def of(base: str, folder: Path, settings: Mapping[str, str]) -> list[Person]:
    """One of each role, and each once more to leave."""
    guest, grace = Person(base, "guest"), admin(base, settings, "admin")
    ada, sam = customer(base, "customer"), staff(base, "staff", grace)
    leaving = [customer(base, "customer-leaving"), staff(base, "staff-leaving", grace)]
    leaving += [admin(base, settings, "admin-leaving")]
    everyone = [guest, ada, sam, grace, *leaving]
    goods(guest, *everyone)
    orders(ada, *everyone)
    parked(folder, grace, *everyone)
    for each in everyone:
        each.knows("email", ada.email, f"{each.name}@example.com")
        each.knows("password", PASSWORD)
        each.knows("version", '"v1"', '"v2"', '"v3"', '"v4"')
        each.knows("user_id", *(other.id for other in leaving if other is not each))
        each.leaves = each in leaving
    return everyone


def flask(settings: Mapping[str, str], *words: str, text: str = "") -> None:
    """A command; it ends well."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    environment = {**os.environ, **settings}
    subprocess.run(command, cwd=ROOT, env=environment, input=text, text=True, capture_output=True, check=True)


def admin(base: str, settings: Mapping[str, str], name: str) -> Person:
    """Made by the command, as a shop's first one is."""
    found = Person(base, name, f"{name}@example.com")
    flask(settings, "users", "create-admin", found.email, "--password-stdin", text=PASSWORD)
    return found.signs_in()


def customer(base: str, name: str) -> Person:
    found = Person(base, name, f"{name}@example.com")
    found.call("POST", "/users", {"email": found.email, "password": PASSWORD, "name": "Ada"})
    return found.signs_in()


def staff(base: str, name: str, boss: Person) -> Person:
    """Someone who registered, and was made staff."""
    found = customer(base, name)
    change = {"role": "staff", "reason": "joined the team"}
    boss.call("PATCH", f"/users/{found.id}", change, **{"If-Match": '"v1"'})
    return found.signs_in()


def parked(folder: Path, operator: Person, *people: Person) -> None:
    """Events that say nothing, written past the shop; what heard of them has parked them."""
    for number in range(20):
        type, id, now = "payments.payment_authorized.v1", uuid4(), datetime.now(UTC).isoformat()
        headers = {"ce_id": str(id), "ce_type": type, "ce_source": "/somewhere", "ce_time": now}
        row = (id.hex, "payments", f"nothing-{number}", type, json.dumps(headers), b'{"order_id": "?"}', now)
        with closing(sqlite3.connect(folder / "payments.sqlite", timeout=30)) as database, database:
            database.execute(WRITE_PAST, row)
    found = until(lambda: _all_parked(operator), "they are parked")
    for each in people:
        each.knows("parked_id", *(str(event["id"]) for event in found))


def _all_parked(operator: Person) -> Any:
    items = operator.call("GET", "/ops/orders/parked")["items"]
    return items if len(items) == 20 else None


def goods(guest: Person, *people: Person) -> None:
    """What the demo sells, known to all of them."""
    items = guest.call("GET", "/products?limit=60&in_stock=true")["items"]
    variants = [each for item in items for each in guest.call("GET", f"/products/{item['slug']}")["variants"]]
    for each in people:
        each.knows("ref", *(item["slug"] for item in items), *(item["id"] for item in items[:5]))
        each.knows("sku", *(variant["sku"] for variant in variants))
        each.knows("slug", *(category["slug"] for category in guest.call("GET", "/categories")["items"]))


def orders(buyer: Person, *people: Person) -> None:
    """One that waits for its payment, one that is paid, one that is cancelled."""
    sku = buyer.known["sku"][0]
    placed = [_placed(buyer, sku) for _ in range(4)]
    payments = [until(lambda id=id: _payable(buyer, id), "it can be paid") for id in placed]
    for payment in payments[:2]:
        buyer.call("POST", f"/payments/{payment}/confirm", {"payment_method": "pm_card_visa"})
    buyer.call("POST", f"/orders/{placed[2]}/cancel")
    until(lambda: buyer.call("GET", f"/orders/{placed[0]}")["status"] == "paid", "it is paid")
    for each in people:
        each.knows("order_id", *placed)
        each.knows("ordered_sku", sku)
        each.knows("payment_id", *payments)
        each.knows("customer_id", buyer.id)


def _placed(buyer: Person, sku: str) -> str:
    items = [{"sku": sku, "quantity": 1}]
    quote = buyer.call("POST", "/cart/quote", {"items": items, "country": "DE", "postal_code": "10117"})
    method = quote["methods"][0]
    order = {"items": items, "expected_total": method["totals"]["total"], "shipping_method": method["code"]}
    return str(buyer.call("POST", "/orders", {**order, "email": "ada@example.com", "shipping_address": ADDRESS})["id"])


def _payable(buyer: Person, order_id: str) -> str | None:
    items = buyer.call("GET", f"/payments?order_id={order_id}&wait=5")["items"]
    return next((str(each["id"]) for each in items if each["client_secret"]), None)
