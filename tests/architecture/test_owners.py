"""What belongs to one customer does not exist for another."""

from typing import Any
from uuid import UUID

import pytest

from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.orders.domain.documents.document import missing_documents
from app.modules.orders.domain.tax.numbers import TaxNumber
from app.modules.orders.use_cases.documents.issue_documents import issue_documents
from tests.architecture.access import CUSTOMER, MAY
from tests.journeys.steps import PASSWORD, signs_up, stocks
from tests.shop import Caller, Shop

OWNED = [  # and whether staff may too
    ("GET", "/orders/{order}", True),
    ("GET", "/orders/{order}/timeline", True),
    ("GET", "/orders/{order}/discounts", True),
    ("GET", "/orders/{order}/shipments", True),
    ("GET", "/orders/{order}/refunds", True),
    ("GET", "/orders/{order}/documents", True),
    ("GET", "/documents/{document}", True),
    ("GET", "/documents/{document}/page", True),
    ("GET", "/orders/{order}/address", True),
    ("PATCH", "/orders/{order}/address", True),
    ("POST", "/orders/{order}/cancel", True),
    ("DELETE", "/users/me/sessions/{session}", False),
    ("GET", "/users/me/addresses/{address}", False),
    ("PUT", "/users/me/addresses/{address}", False),
    ("DELETE", "/users/me/addresses/{address}", False),
    ("GET", "/tax-ids/{tax}", False),
    ("DELETE", "/tax-ids/{tax}", False),
    # payments
    ("GET", "/payments/{payment}", True),
    ("POST", "/payments/{payment}/confirm", False),
]

ADDRESS = {"name": "Ada", "line1": "Plein 2", "city": "Den Haag", "postal_code": "2511 CR", "country": "NL"}
BODIES: dict[tuple[str, str], Any] = {
    ("PATCH", "/orders/{order}/address"): {"shipping_address": ADDRESS, "reason": "they rang"},
    ("PUT", "/users/me/addresses/{address}"): ADDRESS,
    ("POST", "/payments/{payment}/confirm"): {"payment_method": "pm_card_visa"},
}


@pytest.fixture(scope="module")
def belongings(shop: Shop) -> dict[str, Any]:
    """A customer with an order and more, and another customer, who tries to read them."""
    stocks(shop, "MUG", Money(900, "EUR"), on_hand=10)
    owner, other = signs_up(shop, "owner@shop.example.com"), signs_up(shop, "other@shop.example.com")
    clerk: Any = signs_up(shop, "clerk@shop.example.com")
    order: Any = owner.orders({"MUG": 1}, Money(900, "EUR")).json
    shop.settle()
    signed: Any = shop.as_guest().post("/auth/login", {"email": "owner@shop.example.com", "password": PASSWORD}).json
    with shop.modules["payments"].database.read() as connection:
        payment = connection.exec_driver_sql("SELECT id FROM payments").scalar_one()
    address: Any = owner.post("/users/me/addresses", ADDRESS).json
    owners_id = UUID(owner.get("/auth/validate").json["user_id"])  # type: ignore[index]
    with shop.modules["orders"].transaction() as uow:
        about = {"id": new_id(), "customer_id": owners_id, "country": "AT", "number": "U12345678"}
        tax_number = uow.tax_numbers.save(TaxNumber(**about, created_at=uow.now))
    return {
        "owner": owner,
        "other": other,
        "staff": shop.as_staff(UUID(clerk.get("/auth/validate").json["user_id"])),
        "order": order["id"],
        "document": invoiced(shop, UUID(order["id"])),
        "session": signed["session_id"],
        "address": address["id"],
        "tax": tax_number.id,
        "payment": UUID(payment),
    }


def invoiced(shop: Shop, order_id: UUID) -> str:
    """The number of an invoice of this order. This shop issues none by itself."""
    with shop.modules["orders"].transaction() as uow:
        order = uow.orders.get(order_id)
        uow.documents.request(*missing_documents(order, [], uow.now, {}, invoice=True))
        issue_documents(uow, order_id)
        return uow.documents.of(order_id)[0].name


@pytest.mark.parametrize(("method", "path", "staff_too"), OWNED, ids=[f"{each[0]} {each[1]}" for each in OWNED])
def test_what_belongs_to_another_is_not_there(
    shop: Shop, belongings: dict[str, Any], method: str, path: str, staff_too: bool
) -> None:
    url, body = path.format(**belongings), BODIES.get((method, path))

    def status(caller: Caller) -> int:
        headers = {**caller.headers, "Idempotency-Key": "k", "If-Match": '"v1"'}
        return shop.app.test_client().open(f"/api/v1{url}", method=method, headers=headers, json=body).status_code

    assert status(belongings["other"]) == 404
    assert (status(belongings["staff"]) != 404) == staff_too
    assert status(belongings["owner"]) not in {401, 403, 404}


def test_every_route_with_an_owner_is_tried() -> None:
    owned = {(method, rule) for method, rule in MAY if MAY[method, rule] == CUSTOMER and "<" in rule}

    tried = {
        (method, f"/api/v1{path}".replace("{document}", "<number>").replace("{", "<uuid:").replace("}", "_id>"))
        for method, path, _ in OWNED
    }

    assert owned == tried


def test_a_list_has_nothing_of_another(belongings: dict[str, Any]) -> None:
    other, owner = belongings["other"], belongings["owner"]

    assert other.get("/orders").json["items"] == []
    assert [each["id"] for each in owner.get("/orders").json["items"]] == [belongings["order"]]
    assert other.get("/users/me/addresses").json["items"] == []
    assert belongings["session"] not in {each["id"] for each in other.get("/users/me/sessions").json["items"]}


def test_a_customer_cannot_ask_for_the_orders_of_another(shop: Shop, belongings: dict[str, Any]) -> None:
    owner_id = belongings["owner"].get("/auth/validate").json["user_id"]
    asked = f"/orders?customer_id={owner_id}"

    assert belongings["other"].get(asked).json.get("items", []) == []
    assert [each["id"] for each in shop.as_staff().get(asked).json["items"]] == [belongings["order"]]


def test_the_payment_of_another_is_in_no_list_and_its_secret_in_no_answer(
    shop: Shop, belongings: dict[str, Any]
) -> None:
    asked = f"/payments?order_id={belongings['order']}"

    owners: Any = belongings["owner"].get(asked).json
    staffs: Any = shop.as_staff().get(asked).json
    stranger = belongings["other"].get(asked)

    assert [each["id"] for each in owners["items"]] == [str(belongings["payment"])]
    assert stranger.status_code == 404 or stranger.json["items"] == []
    assert not staffs["items"][0].get("client_secret")
