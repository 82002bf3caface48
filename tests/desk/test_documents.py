"""Invoices and credit notes at the desk: found by period and by order, and opened as the page that is printed."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.modules.orders.module import orders
from tests.desk.steps import ROLES, Browser, Page, text_of
from tests.orders.steps import order_in
from tests.shop import ALICE, INVOICING, Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    alone = Shop(tmp_path_factory.mktemp("documents"), orders, DESK="on", **INVOICING)
    yield alone
    alone.close()


def at(shop: Shop, role: str) -> Browser:
    client = shop.app.test_client()
    client.set_cookie("desk_token", shop.token(ROLES[role], role), path="/desk")
    return Browser(client)


def invoiced(shop: Shop) -> tuple[str, str]:
    """A paid order, and the name of its invoice."""
    order = order_in(shop, shop.as_customer(ALICE), "paid")
    shop.settle()
    (invoice,) = shop.as_customer(ALICE).get(f"/orders/{order}/documents").json["items"]
    return order, f"{invoice['series']}-{invoice['number']}"


def test_a_document_is_found_by_its_period_and_by_its_order(shop: Shop) -> None:
    order, name = invoiced(shop)
    staff = at(shop, "staff")
    page = f"/desk/orders/documents/{name}"

    assert page in staff.page("/desk/orders/documents").links()
    assert page in staff.page("/desk/orders/documents?since=2020-01-01").links()
    assert page in staff.page(f"/desk/orders/{order}").links()
    long_ago = staff.get("/desk/orders/documents?until=2020-01-01")
    assert page not in Page(long_ago.text).links()
    assert "No document was issued in this period" in text_of(long_ago.text)


def test_the_list_goes_on_where_a_page_ends(shop: Shop) -> None:
    for _ in range(51):
        order_in(shop, shop.as_customer(ALICE), "paid")
    shop.settle()
    staff = at(shop, "staff")
    first = staff.page("/desk/orders/documents")
    (following,) = [each.attrs["href"] for each in first.all("a") if each.attrs.get("rel") == "next"]
    second = staff.page(following)

    rows = [{each.text for each in page.all("th") if each.attrs["scope"] == "row"} for page in (first, second)]
    assert len(rows[0]) == 50
    assert rows[1]
    assert not rows[0] & rows[1]
    for cursor in ("nonsense", "WyJ4IiwiSU5WIiwxXQ"):
        assert staff.get(f"/desk/orders/documents?cursor={cursor}").status_code == 422


def test_the_page_to_print_is_the_one_that_the_customer_gets(shop: Shop) -> None:
    _, name = invoiced(shop)
    path = f"/desk/orders/documents/{name}"

    shown = at(shop, "staff").get(path)
    of_customer: Any = shop.as_customer(ALICE).get(f"/documents/{name}/page")
    nothing = at(shop, "staff").get("/desk/orders/documents/INV-0")

    assert (shown.status_code, shown.text) == (200, of_customer.text)
    assert shown.headers["Content-Security-Policy"] == of_customer.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "no-store"
    assert nothing.status_code == 404
    assert nothing.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")


def test_documents_of_others_are_for_staff(shop: Shop) -> None:
    _, name = invoiced(shop)

    assert at(shop, "customer").get(f"/desk/orders/documents/{name}").status_code == 403
    assert shop.app.test_client().get(f"/desk/orders/documents/{name}").status_code == 303
