"""Tax at the desk: what is set, the report of a period, and the tax of one order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.modules.orders.module import orders
from tests.desk.steps import ROLES, Browser, Page, text_of
from tests.orders.coupons import buys, coupon, ordered
from tests.orders.holding import held
from tests.orders.methods import sells
from tests.orders.taxes import GERMAN, collects
from tests.shop import ALICE, Shop

TAX = "/desk/orders/tax"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """It collects in Germany."""
    alone = Shop(tmp_path_factory.mktemp("tax"), orders, DESK="on", CAPTURE="shipment", AT_HOLD_END="cancel", **GERMAN)
    sells(alone, "CUP", 1190)
    collects(alone, DE=190_000)
    yield alone
    alone.close()


@pytest.fixture
def staff(shop: Shop) -> Browser:
    client = shop.app.test_client()
    client.set_cookie("desk_token", shop.token(ROLES["staff"], "staff"), path="/desk")
    return Browser(client)


def listed(shop: Shop, path: str) -> list[dict[str, Any]]:
    found: Any = shop.as_staff().get(path).json
    return list(found["items"])


def test_a_category_is_added_and_removed(shop: Shop, staff: Browser) -> None:
    added = staff.sends(TAX, f"{TAX}/categories", slug="books", name="Books", reason="reduced")
    twice = staff.sends(TAX, f"{TAX}/categories", slug="books", name="Books", reason="reduced")
    removed = staff.sends(TAX, f"{TAX}/categories/books/remove")

    assert [each.status_code for each in (added, twice, removed)] == [303, 409, 303]
    assert [each["slug"] for each in listed(shop, "/tax/categories")] == ["standard"]
    assert f"{TAX}/categories/standard/remove" not in [form.attrs.get("action") for form, _ in staff.page(TAX).forms]


def test_a_rate_and_then_a_registration_are_added_and_ended(shop: Shop, staff: Browser) -> None:
    rate = {"country": "AT", "name": "VAT", "percent": "20", "valid_from": "2020-01-01", "reason": "Austria"}
    early = staff.sends(TAX, f"{TAX}/registrations", country="AT", since="2020-01-01", reason="Austria")
    form = staff.page(f"{TAX}/rates").form(f"{TAX}/rates") | rate
    added = [staff.post(f"{TAX}/rates", form) for _ in range(2)]
    overlaps = staff.sends(f"{TAX}/rates", f"{TAX}/rates", **{**rate, "percent": "21"})
    registered = staff.sends(TAX, f"{TAX}/registrations", country="AT", since="2020-01-01", reason="Austria")
    (found,) = listed(shop, "/tax/rates?country=AT")
    one = f"{TAX}/rates/{found['id']}"
    (at,) = [each for each in listed(shop, "/tax/registrations") if each["country"] == "AT"]
    place = f"{TAX}/registrations/{at['id']}"

    stale = staff.page(one).form(one)
    ended = staff.sends(one, one, valid_until="2999-01-01", reason="a new rate")
    late = staff.post(one, stale | {"valid_until": "2998-01-01", "reason": "a new rate"})
    past = staff.sends(one, one, valid_until="2021-01-01", reason="a mistake")
    gone = staff.sends(place, place, until="2999-01-01 12:30", reason="deregistered")

    answers = (early, *added, overlaps, registered, ended, late, past, gone)
    assert [each.status_code for each in answers] == [409, 303, 303, 409, 303, 303, 412, 422, 303]
    assert (found["ppm"], found["tax_reason"]) == (200_000, "standard_rated")
    assert listed(shop, "/tax/rates?country=AT")[0]["valid_until"] == "2999-01-01T00:00:00Z"
    assert staff.page(place).form(place)["until"] == "2999-01-01 12:30"
    assert one in staff.page(f"{TAX}/rates?in_country=AT").links()
    assert one not in staff.page(f"{TAX}/rates?in_country=DE").links()


def test_what_is_no_rate_is_refused_beside_its_field(staff: Browser) -> None:
    action = f"{TAX}/rates"
    rate = {"country": "Germany", "name": "VAT", "percent": "19", "valid_from": "tomorrow", "reason": "x"}

    answer = staff.sends(action, action, **rate)
    shown = Page(answer.text)

    assert answer.status_code == 422
    assert shown.wrong == []
    assert {each.attrs["name"] for each in shown.all("input") if "aria-invalid" in each.attrs} == {
        "country",
        "valid_from",
    }
    assert (
        staff.sends(
            action, action, **{**rate, "country": "DE", "valid_from": "2020-01-01", "percent": "119"}
        ).status_code
        == 422
    )


def test_the_report_and_the_page_of_an_order_have_its_tax_and_its_discounts(shop: Shop, staff: Browser) -> None:
    coupon(shop, "CUP26", kind="percent", ppm=100_000)
    order = ordered(buys(shop.as_customer(ALICE), 1071, "CUP26", sku="CUP"))

    page = text_of(staff.get(f"/desk/orders/{order['id']}").text).replace("\xa0", " ")
    report = staff.get(f"{TAX}/report")
    today = datetime.now(UTC).date()
    same = staff.get(f"{TAX}/report?since={today:%Y-%m}-01&until={today}")
    nothing = staff.get(f"{TAX}/report?since=2020-01-01&until=2020-02-01")
    too_long = staff.get(f"{TAX}/report?since=2020-01-01&until=2024-01-01")

    assert "CUP26 CUP −1.19 EUR" in page
    assert "CUP DE VAT 19 standard rated 9.00 EUR 1.71 EUR" in page
    assert "Tax (included)" in page
    for answer in (report, same):
        assert "DE placed VAT 19 standard rated 9.00 EUR 1.71 EUR" in text_of(answer.text).replace("\xa0", " ")
    assert "There is no tax in this period." in text_of(nothing.text)
    assert "at most 400 days" in text_of(too_long.text)


def test_the_page_of_an_order_says_how_long_the_bank_holds_the_money(shop: Shop, staff: Browser) -> None:
    order = held(shop, shop.as_customer(ALICE))

    page = text_of(staff.get(f"/desk/orders/{order}").text)

    assert "The bank holds the money until" in page
    assert "It is taken when the first goods leave." in page


def test_a_customer_is_exempted_and_pays_again(shop: Shop, staff: Browser) -> None:
    page = f"{TAX}/exemptions"
    added = staff.sends(page, page, customer_id=str(ALICE), reason="certificate 4711")
    wrong = staff.sends(page, page, customer_id="Alice", reason="certificate 4711")
    assert [each.status_code for each in (added, wrong)] == [303, 422]
    (found,) = listed(shop, "/tax/exemptions")
    assert (found["customer_id"], found["reason"]) == (str(ALICE), "certificate 4711")

    assert staff.sends(page, f"{page}/{ALICE}/end").status_code == 303
    assert listed(shop, "/tax/exemptions") == []


def test_the_report_is_downloaded(staff: Browser) -> None:
    report = staff.client.get(f"{TAX}/report?since=2020-01-01&until=2020-12-31")
    assert f'href="{TAX}/report/csv?since=2020-01-01&amp;until=2020-12-31"' in report.text

    file = staff.client.get(f"{TAX}/report/csv?since=2020-01-01&until=2020-12-31")
    assert (file.mimetype, file.text) == ("text/csv", "side,jurisdiction,name,ppm,reason,currency,base,amount\r\n")
    assert staff.client.get(f"{TAX}/report/csv?since=never").status_code == 422
