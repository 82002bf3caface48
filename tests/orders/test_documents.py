"""Invoices and credit notes: one for each payment and each refund, numbered without a gap, never changed."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from app.config.reading import SettingsError
from app.kernel import clock
from app.kernel.audit import AuditScope, Discrepancy
from app.kernel.errors import Stale
from app.modules.orders.domain.documents.content import content_of
from app.modules.orders.infrastructure import tables
from app.modules.orders.infrastructure.documents.tables import documents
from app.modules.orders.module import orders
from app.modules.orders.settings import orders_settings
from app.modules.orders.use_cases.audits.audit_documents import audit_documents
from tests.orders.holding import held
from tests.orders.shipping import moved, packed
from tests.orders.steps import EVENTS, MONEY, order_in, receives, timeline_of
from tests.orders.taxes import GERMAN, collects
from tests.settings import shared
from tests.shop import ALICE, BOB, INVOICING, Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """It issues invoices of what is paid. Each test uses its own orders."""
    alone = Shop(tmp_path_factory.mktemp("documents"), orders, **INVOICING)
    yield alone
    alone.close()


def documents_of(shop: Shop, order_id: str) -> list[dict[str, Any]]:
    shop.settle()
    items: list[dict[str, Any]] = shop.as_customer(ALICE).get(f"/orders/{order_id}/documents").json["items"]
    return items


def amounts(found: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(each["kind"], each["amount"]["amount"]) for each in found]


def test_a_paid_order_has_one_invoice_that_says_all(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    order = shop.as_customer(ALICE).get(f"/orders/{order_id}").json

    [invoice] = documents_of(shop, order_id)

    assert amounts([invoice]) == [("invoice", 1800)]
    assert invoice["seller"] == {
        "name": "Mugs & Co",
        "address": ["Hauptstr. 1", "10117 Berlin"],
        "tax_number": "DE123456789",
    }
    assert (invoice["series"], invoice["order_number"], invoice["buyer"]) == ("INV", order["number"], [])
    assert (invoice["totals"], invoice["corrects"]) == (order["totals"], None)
    assert [(line["sku"], line["quantity"], line["amount"]["amount"]) for line in invoice["lines"]] == [
        ("MUG", 2, 1800)
    ]
    assert "orders: invoice_issued" in timeline_of(shop.as_customer(ALICE), order_id)


def test_an_unpaid_order_has_none(shop: Shop) -> None:
    assert documents_of(shop, order_in(shop, shop.as_customer(ALICE), "confirmed")) == []


def test_the_same_payment_twice_is_one_invoice(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    receives(shop, order_id, "payment_captured")

    assert amounts(documents_of(shop, order_id)) == [("invoice", 1800)]


def test_each_refund_has_a_credit_note_and_a_failed_one_is_invoiced_again(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    shop.receives(MONEY["part_refund"](order_id))
    shop.receives(MONEY["part_refund"](order_id))  # consumed again, as another event that repeats the state
    shop.receives(EVENTS["full_refund"](order_id))
    shop.receives(MONEY["refund_failed"](order_id))

    found = documents_of(shop, order_id)

    assert amounts(found) == [("invoice", 1800), ("credit_note", 500), ("credit_note", 1300), ("invoice", 1800)]
    invoice, part, rest, again = found
    assert [each["corrects"] for each in found] == [None, name(invoice), name(invoice), name(rest)]
    assert part["lines"] == [] and part["totals"] is None
    assert again["series"] == "INV" and rest["series"] == "CN"


def name(document: dict[str, Any]) -> str:
    return f"{document['series']}-{document['number']}"


def test_a_refund_of_all_says_all_lines(shop: Shop) -> None:
    _, note = documents_of(shop, order_in(shop, shop.as_customer(ALICE), "refunded"))

    assert (note["kind"], note["amount"]["amount"], len(note["lines"])) == ("credit_note", 1800, 1)


def test_others_do_not_see_them(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    [invoice] = documents_of(shop, order_id)
    path = f"/documents/{name(invoice)}"

    assert shop.as_customer(ALICE).get(path).json == invoice == shop.as_staff().get(path).json
    for other in (path, f"{path}/page", "/documents/INV-999999999", f"/orders/{order_id}/documents"):
        assert shop.as_customer(BOB).get(other).status_code == 404, other
    assert shop.as_customer(BOB).get("/documents").status_code == 403
    assert shop.as_staff().get("/documents/INV-99999999999999999999").status_code == 404


def test_the_page_is_complete_and_loads_nothing(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    [invoice] = documents_of(shop, order_id)

    answer = shop.as_customer(ALICE).get(f"/documents/{name(invoice)}/page")

    page = answer.text
    [policy] = answer.headers.getlist("Content-Security-Policy")
    assert answer.mimetype == "text/html" and policy.startswith("default-src 'none'; style-src 'sha256-")
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy
    for text in ("Invoice", name(invoice), "Mugs &amp; Co", "DE123456789", "18.00 EUR", invoice["order_number"]):
        assert text in page, text
    assert "<script" not in page and "src=" not in page and "href=" not in page


def test_the_list_of_a_period_has_each_document_once(shop: Shop) -> None:
    for _ in range(3):
        order_in(shop, shop.as_customer(ALICE), "paid")
    shop.settle()
    staff, seen, path = shop.as_staff(), [], "/documents?limit=2"
    while path:
        answer = staff.get(path).json
        seen += [name(each) for each in answer["items"]]
        path = f"/documents?limit=2&cursor={answer['next']}" if answer["next"] else ""

    assert len(seen) == len(set(seen)) >= 3
    later = (clock.now() + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert staff.get(f"/documents?issued_since={later}").json["items"] == []
    assert staff.get("/documents?cursor=bm8").status_code == 422


def test_numbers_have_no_gap(shop: Shop) -> None:
    for _ in range(5):
        order_in(shop, shop.as_customer(ALICE), "paid")
    shop.settle()
    with shop.modules["orders"].database.read() as connection:
        numbers = connection.execute(select(documents.c.number).where(documents.c.series == "INV")).scalars().all()

    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_a_worker_that_is_late_changes_nothing(shop: Shop) -> None:
    """Two workers read the same requested invoice; the second finds it issued and takes no number."""
    order_id = UUID(order_in(shop, shop.as_customer(ALICE), "paid"))
    transaction = shop.modules["orders"].transaction
    with transaction() as uow:
        [requested] = uow.documents.of(order_id)
        order, seller = uow.orders.get(order_id), uow.policies.documents.seller
        content = content_of(order, requested, [], uow.contacts.of(order_id), seller)
    documents_of(shop, str(order_id))

    with pytest.raises(Stale), transaction() as uow:
        uow.documents.issue(requested, "INV", content, uow.now)

    with shop.modules["orders"].reading() as uow:
        assert uow.documents.gaps() == []


def test_an_order_that_was_paid_before_invoices_were_issued_gets_no_credit_note(tmp_path: Path) -> None:
    before = Shop(tmp_path, orders)
    order_id = order_in(before, before.as_customer(ALICE), "paid")
    before.close()
    shop = Shop(tmp_path, orders, **INVOICING)
    shop.receives(EVENTS["full_refund"](order_id))

    assert documents_of(shop, order_id) == []
    shop.close()


def test_what_was_invoiced_and_never_paid_is_credited_even_if_no_more_invoices_are_issued(tmp_path: Path) -> None:
    holding = {"CAPTURE": "shipment", "AT_HOLD_END": "cancel"}
    before = Shop(tmp_path, orders, **holding, **INVOICING | {"INVOICES": "dispatched"})
    order_id = held(before, before.as_customer(ALICE))
    moved(before, order_id, packed(before, order_id, MUG=2), "dispatch")
    assert amounts(documents_of(before, order_id)) == [("invoice", 1800)]
    before.close()

    shop = Shop(tmp_path, orders, **holding, **INVOICING | {"INVOICES": "off"})
    receives(shop, order_id, "capture_failed")

    assert amounts(documents_of(shop, order_id)) == [("invoice", 1800), ("credit_note", 1800)]
    shop.close()


def test_invoices_need_a_seller() -> None:
    with pytest.raises(SettingsError, match="SELLER_NAME or SELLER_ADDRESS is missing"):
        orders_settings(shared({"INVOICES": "paid", "SELLER_NAME": "Mugs"}))


def test_an_audit_finds_what_lacks_and_a_nudge_issues_it(tmp_path: Path) -> None:
    """An older version that served beside this one has requested no invoice; another has not counted a refund."""
    shop = Shop(tmp_path, orders, **INVOICING)
    whole, lost, wrong = (order_in(shop, shop.as_customer(ALICE), "paid") for _ in range(3))
    shop.settle()
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(delete(documents).where(documents.c.order_id == UUID(lost)))
        refund = update(tables.orders).where(tables.orders.c.id == UUID(wrong)).values(refunded=500)
        connection.execute(refund)

    def found() -> list[str]:
        scope = AuditScope(since=clock.now() - timedelta(days=1), wait=0)
        audited = audit_documents(shop.modules["orders"].reading, scope)
        return [each.sentence for each in audited if isinstance(each, Discrepancy)]

    assert sorted(found()) == sorted(
        [
            f"order {lost} has no invoice",
            f"order {wrong}: refunded or cancelled are 500, and by its documents 0",
            "the last number of INV is 3, and it has 2 documents",
        ]
    )
    for order_id in (whole, lost, wrong):
        assert (
            shop.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "it lacks documents"}).status_code == 200
        )
    shop.settle()
    assert found() == ["the last number of INV is 4, and it has 3 documents"]  # a deleted document cannot come back
    assert amounts(documents_of(shop, wrong)) == [("invoice", 1800), ("credit_note", 500)]
    shop.close()


def test_a_document_says_the_tax_of_each_line_with_its_reason(tmp_path: Path) -> None:
    """E-invoices are made of it elsewhere: they need the rate and the reason of each line."""
    shop = Shop(tmp_path, orders, **INVOICING, **GERMAN)
    collects(shop, DE=190_000)
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    receives(shop, order_id, "part_refund")
    order: Any = shop.as_customer(ALICE).get(f"/orders/{order_id}").json

    invoice, note = documents_of(shop, order_id)

    assert invoice["tax_lines"] == order["tax_lines"] != []
    [line] = note["tax_lines"]
    assert (line["target"], line["ppm"], line["reason"]) == ("line:MUG", 190_000, "standard_rated")
    assert (line["base"], line["amount"]) == (421, 79)
    shop.close()


def test_documents_split_the_tax_of_an_order(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders, **INVOICING, **GERMAN)
    collects(shop, DE=190_000)
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")
    shop.receives(MONEY["part_refund"](order_id))
    shop.receives(EVENTS["full_refund"](order_id))

    found = documents_of(shop, order_id)

    taxes = [[(tax["ppm"], tax["base"]["amount"], tax["amount"]["amount"]) for tax in each["taxes"]] for each in found]
    assert amounts(found) == [("invoice", 1800), ("credit_note", 500), ("credit_note", 1300)]
    assert taxes == [[(190_000, 1513, 287)], [(190_000, 421, 79)], [(190_000, 1092, 208)]]
    assert found[0]["totals"]["tax_included"] is True
    page = shop.as_customer(ALICE).get(f"/documents/{name(found[0])}/page").text
    assert "Includes tax VAT 19 % (of 15.13 EUR)" in page and "2.87 EUR" in page
    shop.close()
