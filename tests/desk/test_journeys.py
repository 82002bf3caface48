"""Twelve journeys over the ten screens, in Chromium: with script, without it, and with each module by itself."""

from typing import Any

import pytest

from app.bus.contracts.payments import RefundFailed
from app.kernel.ids import new_id
from tests.conftest import until
from tests.desk.screens import Screen, in_ci
from tests.desk.steps import Desk, is_consumed, parks_an_event, parks_what_can_be_consumed, works_here
from tests.journeys.steps import PASSWORD, signs_up
from tests.shop import Caller

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def signs_in(screen: Screen, email: str) -> None:
    screen.page.fill("[name=email]", email)
    screen.page.fill("[name=password]", PASSWORD)
    screen.page.click("button.main")


def order_of(screen: Screen, id: str) -> Any:
    return screen.desk.shop.as_staff().get(f"/orders/{id}").json


def found_by(staff: Caller, words: str) -> str | None:
    """The id of the first product that a search finds."""
    found: Any = staff.get(f"/products?q={words}").json
    return found["items"][0]["id"] if found["items"] else None


@in_ci("embedded", "without script")
def test_a_session_ends_in_the_middle_of_a_form(screen: Screen) -> None:
    email = f"sara-{new_id()}@example.com"
    works_here(screen.desk, email, "staff")
    page, order = screen.page, screen.desk.buys(1)
    screen.context.clear_cookies()
    screen.watch.expected = ["401"]
    page.goto(f"/desk/orders/{order}")
    signs_in(screen, email)
    page.wait_for_url(f"**/desk/orders/{order}")
    form = screen.opens("Nudge")

    screen.context.clear_cookies()
    form.locator("[name=reason]").fill("she <called> & asked")
    form.locator("button:text-is('Nudge')").click()
    page.get_by_text("your form goes on").wait_for()
    signs_in(screen, email)
    page.get_by_role("heading", name="Your form is still here").wait_for()
    assert "she <called> & asked" in page.text_content("main")
    page.click("button:text-is('Send it')")
    screen.shows("sent the state of this order again")

    page.click("button:text-is('Sign out')")
    page.wait_for_url("**/desk/users/sign-in")
    assert not {each["name"] for each in screen.context.cookies()} & {"desk_token", "desk_refresh"}


@in_ci("embedded", "split")
def test_find_an_order_by_its_number_and_refund_a_unit(screen: Screen) -> None:
    order, page = screen.desk.buys(2), screen.page
    page.goto("/desk/orders")
    page.fill("#find", order_of(screen, order)["number"])
    page.click("button:text-is('Find')")
    page.wait_for_url(f"**/desk/orders/{order}*")

    screen.sends("Refund units", **{"'refunded:MUG'": "1"}, reason="a crack")
    screen.shows("The refund was requested")
    screen.desk.shop.settle()
    page.goto(f"/desk/orders/{order}")
    page.locator("main", has_text="Refunds of units made 1 × MUG").wait_for()
    screen.part("payment", "units of the order")

    assert order_of(screen, order)["refunded"]["amount"] == 900


@in_ci("embedded", "without script", "split")
def test_print_a_slip_pack_and_dispatch(screen: Screen) -> None:
    order, page = screen.desk.buys(2), screen.page
    number = order_of(screen, order)["number"]
    page.goto("/desk/orders/to-pack")
    for box in page.locator("[name=order]").all():
        box.set_checked(box.get_attribute("value") == order)
    page.click("button:text-is('Slips of the chosen')")
    page.get_by_role("heading", name=f"Order {number}").wait_for()
    assert page.locator(".slip").count() == 2
    page.emulate_media(media="print")
    assert not page.locator("nav.side").is_visible()
    page.emulate_media(media="screen")
    page.go_back()
    page.click(f"tbody a[href$='{order}']")

    page.click("button:text-is('Pack')")
    screen.shows("Packed.")
    screen.sends("Dispatch", carrier="DHL", tracking_number="0034", tracking_url="https://dhl.example/0034")
    screen.shows("Dispatched.")

    assert page.get_by_role("link", name="Follow it").get_attribute("href") == "https://dhl.example/0034"
    assert order_of(screen, order)["fulfilment"] == "dispatched"


@in_ci("embedded", "without script")
def test_correct_an_address_and_cancel_the_order(screen: Screen) -> None:
    """A mistake is shown where it was made, with what was typed."""
    order, page = screen.desk.buys(1), screen.page
    page.goto(f"/desk/orders/{order}")
    address = {"name": "Ada", "line1": "Am Markt 1", "postal_code": "89073", "city": "Ulm", "reason": "she wrote"}
    screen.sends("Change the address", country="Germany", **address)
    screen.shows("Nothing was changed.")
    assert page.input_value("[name=country]") == "Germany"
    assert page.input_value("[name=city]") == "Ulm"
    screen.watch.expected = ["422"]
    page.fill("[name=country]", "DE")
    page.locator("details[open] button:text-is('Change the address')").click()
    screen.shows("The address was changed.")
    assert "Am Markt 1" in page.text_content("address")

    screen.sends("Cancel the order", reason="she has changed her mind")
    screen.shows("The order was cancelled.")
    screen.desk.shop.settle()
    assert order_of(screen, order)["status"] in {"cancelled", "refunded"}


@in_ci("embedded")
def test_two_edit_one_product_and_a_variant_gets_another_price(screen: Screen) -> None:
    page, staff = screen.page, screen.desk.shop.as_staff()
    name, sku = f"Bowl {new_id()}", f"BOWL-{str(new_id())[-8:]}"
    page.goto("/desk/catalog")
    screen.sends("Add a product", name=name, sku=sku, price="12.00", currency="EUR")
    screen.shows("The product was added.")
    screen.desk.shop.settle()
    product = until(lambda: found_by(staff, name.split(" ")[1]), "the product is found")
    page.goto(f"/desk/catalog/products/{product}")
    tag = staff.get(f"/products/{product}").headers["ETag"]

    answer = staff.patch(f"/products/{product}", {"description": "By Bob."}, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    page.fill("textarea[name=description]", "By Ann.")
    page.click("button:text-is('Save the product')")
    screen.shows("Nothing was changed.")
    screen.watch.expected = ["412"]
    assert page.input_value("textarea[name=description]") == "By Ann."
    page.goto(f"/desk/catalog/products/{product}")
    assert page.input_value("textarea[name=description]") == "By Bob."
    page.fill("textarea[name=description]", "By Bob and Ann.")
    page.click("button:text-is('Save the product')")
    screen.shows("The product was saved.")

    screen.sends("Change", "Save the variant", price="9.50")
    screen.shows("The variant was saved.")
    assert "9.50" in page.text_content("table")


@in_ci("embedded")
def test_receive_goods_and_correct_a_count(screen: Screen) -> None:
    page = screen.page
    page.goto(f"/desk/catalog/products/{screen.desk.product()}")
    page.click("table a:has-text('MUG')")
    on_hand = page.locator(".tile", has_text="on hand").locator("b")
    before = int(on_hand.inner_text())

    screen.sends("Goods arrived", quantity="12", reason="delivery 4711")
    screen.shows("The goods were received.")
    screen.sends("Correct the count", quantity="-2", reason="two were broken")
    screen.shows("The count was corrected.")

    assert int(on_hand.inner_text()) == before + 10
    assert "delivery 4711" in page.text_content("table")
    assert "the ledger agrees" in page.text_content("main")


@in_ci("embedded")
def test_find_a_customer_change_the_role_and_shut_out(screen: Screen) -> None:
    email, page = f"carl-{new_id()}@example.com", screen.page
    signs_up(screen.desk.shop, email)
    screen.is_a("admin")
    page.goto("/desk/users")
    page.fill("#find", email.upper())
    page.press("#find", "Enter")
    if not screen.has_script:
        page.click("text=Customers: on a page of their own")
    page.click(f"a:has-text('{email}')")

    form = screen.opens("Change the role")
    form.locator("[name=role]").select_option("staff")
    form.locator("[name=reason]").fill("a new colleague")
    form.locator("button:text-is('Change the role')").click()
    screen.shows("The role was changed.")
    screen.sends("Shut out", reason="has left")
    screen.shows("The account is shut out")
    screen.sends("Let in again", reason="is back")
    screen.shows("The account can sign in again.")

    page.goto("/desk/users?role=staff")
    assert email in page.text_content("table")
    page.goto("/desk/users/health/trail")
    assert "a new colleague" in page.text_content("main")


@in_ci("embedded")
def test_run_a_promotion(screen: Screen) -> None:
    page, id = screen.page, f"spring-{str(new_id())[-8:]}"
    page.goto("/desk/orders/promotions")
    form = screen.opens("Add a promotion")
    for name, text in {"id": id, "name": "Spring", "percent": "12.5", "reason": "a season"}.items():
        form.locator(f"[name={name}]").fill(text)
    form.locator("[name=active]").check()
    form.locator("button:text-is('Add a promotion')").click()
    screen.shows("The promotion was added.")

    page.goto(f"/desk/orders/promotions/{id}/try")
    page.fill("[name=items]", "MUG 2")
    page.click("button:text-is('Try')")
    assert "−2.25\u00a0EUR" in page.text_content("main")
    page.click(f"nav.side ~ main a[href$='{id}']")
    page.click("a:text-is('Codes')")
    screen.sends("Make codes", count="2", reason="letters")
    screen.shows("made")
    assert page.locator("tbody th").count() == 2
    page.goto(f"/desk/orders/promotions/{id}")
    screen.sends("End it now", reason="it is over")

    shown: Any = screen.desk.shop.as_staff().get(f"/promotions/{id}").json
    assert (shown["ppm"], shown["active"]) == (125_000, False)


@in_ci("embedded")
def test_offer_another_way_of_shipping(screen: Screen) -> None:
    page, code = screen.page, f"m-{str(new_id())[-8:]}"
    page.goto("/desk/orders/shipping")
    screen.sends("Add a zone", id=code, name="Austria", areas="AT", reason="we ship there now")
    screen.shows("The zone was added.")
    form = screen.opens("Add a method")
    for name, text in {"code": code, "name": "Parcel to Austria", "min_days": "2", "max_days": "4"}.items():
        form.locator(f"[name={name}]").fill(text)
    form.locator("[name=zone_id]").fill(code)
    form.locator("[name=reason]").fill("a carrier")
    form.locator("button:text-is('Add a method')").click()
    screen.shows("The method was added")
    page.goto(f"/desk/orders/shipping/methods/{code}")
    page.locator("[name=rates]").fill("EUR 0 50.00 4.90\nEUR 50.00 - 0.00")
    page.locator("form:has([name=rates]) [name=reason]").fill("as agreed")
    page.locator("form:has([name=rates]) button").click()
    screen.shows("The rates were replaced.")
    page.check("[name=active]")
    page.locator("form:has([name=active]) [name=reason]").fill("from today")
    page.locator("form:has([name=active]) button").click()
    screen.shows("The method was saved.")

    page.goto("/desk/orders/shipping")
    row = page.locator("tr", has_text=code)
    assert row.locator(".tag").inner_text() == "offered"
    row.locator("a[href*='/methods/']").click()
    page.uncheck("[name=active]")
    page.locator("form:has([name=active]) [name=reason]").fill("the carrier does not come")
    page.locator("form:has([name=active]) button").click()
    screen.shows("The method was saved.")
    shown: Any = screen.desk.shop.as_staff().get(f"/shipping/methods/{code}").json
    assert shown["active"] is False


@in_ci("embedded")
def test_set_a_tax_rate_and_read_the_report_and_an_invoice(screen: Screen) -> None:
    page, desk = screen.page, screen.desk
    order = desk.buys(2)
    page.goto("/desk/orders/tax/rates")
    form = screen.opens("Add a rate")
    values = {"country": "FR", "name": f"TVA {new_id()}"[:30], "percent": "20", "valid_from": "2026-01-01"}
    for name, text in {**values, "reason": "the law"}.items():
        form.locator(f"[name={name}]").fill(text)
    form.locator("button:text-is('Add a rate')").click()
    screen.shows("The rate was added.")
    assert values["name"] in page.text_content("table")
    page.goto("/desk/orders/tax")
    page.click("a:text-is('Report')")
    page.fill("[name=since]", "2026-01-01")
    page.fill("[name=until]", "2029-12-31")
    page.click("button:text-is('Filter')")
    page.get_by_role("heading", name="Tax report").wait_for()

    page.goto(f"/desk/orders/{order}")
    page.locator(".card:has(h2:text-is('Documents')) a").first.click()
    page.get_by_text("Mugs & Co").first.wait_for()
    page.goto("/desk/orders/documents")
    assert order_of(screen, order)["number"] in page.text_content("table")


@in_ci("embedded", "split")
def test_find_a_parked_event_and_have_it_consumed(screen: Screen) -> None:
    """Beside one that never can be, which is discarded."""
    page, desk = screen.page, screen.desk
    order = desk.buys(1)
    event = RefundFailed(
        order_id=order, payment_id=str(new_id()), refund_id=str(new_id()), code="expired_card", state="failed",
        amount=900, refunded=0, captured=900, currency="EUR", version=99,
    )  # fmt: skip
    parks_what_can_be_consumed(desk.shop, event, "orders")
    parks_an_event(desk.shop)
    page.goto("/desk/orders/health")
    if screen.has_script:
        page.click("section[aria-label=orders] a:has-text('parked events of')")
    else:
        page.click("a[href='/desk/orders/health/parked']")
    page.click("tr:has-text('the database did not answer') >> a:text-is('an example')")
    screen.sends("Try again", reason="the database is back")
    screen.shows("It is tried again now")
    is_consumed(desk, "the database did not answer")

    page.goto("/desk/orders/health/parked")
    assert "the database did not answer" not in page.text_content("main")
    page.goto("/desk/orders/stuck")
    page.click(f"a[href$='{order}']")
    screen.sends("Write the refund off", reason="paid back by bank transfer")
    screen.shows("The failed refund was written off.")
    page.goto("/desk/orders/health/parked")
    page.locator("a[href*='/health/parked/']").first.click()
    screen.sends("Discard it for good", reason="this order was never ours")
    screen.shows("It was discarded")


@in_ci("embedded")
def test_arrange_categories_and_put_a_product_into_one(screen: Screen) -> None:
    page, slug = screen.page, f"c-{str(new_id())[-8:]}"
    page.goto("/desk/catalog/categories")
    screen.sends("Add a category", slug=slug, name="Cups", parent="mugs")
    screen.shows("The category was added.")
    row = page.locator("tr", has_text=slug)
    row.locator("summary:text-is('Change')").click()
    row.locator("[name=name]").fill("Cups & saucers")
    row.locator("button:text-is('Save')").click()
    screen.shows("The category was saved.")
    product = f"/desk/catalog/products/{screen.desk.product()}"
    page.goto(product)
    page.fill("form [name=category]", slug)
    page.click("button:text-is('Save the product')")
    screen.shows("The product was saved.")

    page.goto("/desk/catalog/categories")
    row = page.locator("tr", has_text=slug)
    row.locator("summary:text-is('Remove')").click()
    row.locator("button:text-is('Remove')").click()
    screen.shows("Nothing was changed.")
    screen.watch.expected = ["409"]
    page.goto(product)
    page.fill("form [name=category]", "")
    page.click("button:text-is('Save the product')")
    screen.shows("The product was saved.")


def test_in_german(chromium: Any, desk: Desk, address: str) -> None:
    """Pack, with what another module answers, and with a module that is away."""
    screen, order = Screen(chromium, desk, address, locale="de-DE"), desk.buys(1)
    page = screen.page
    page.goto("/desk/orders/to-pack")
    page.get_by_role("heading", name="Zu packen", level=1).wait_for()
    page.route("**/desk/catalog/**", lambda route: route.abort())
    screen.watch.expected = ["ERR_FAILED", "htmx:"]
    page.click(f"tbody a[href$='{order}']")
    page.get_by_text("catalog antwortet gerade nicht.").wait_for()
    screen.part("payment", "Eingezogen")
    page.click("button:text-is('Packen')")
    screen.shows("Gepackt.")

    assert page.evaluate("document.documentElement.lang") == "de"
    screen.context.close()
    assert screen.watch.complaints() == []
