"""What comes between: sessions that end, late answers, corrected addresses, goods that are gone, scripts that fail."""

import re
from typing import Any

import pytest

from tests.conftest import until
from tests.storefront.conftest import Running
from tests.storefront.steps import PASSWORD, Buyer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def once(page: Any, pattern: str, status: int, code: str) -> None:
    """The next request is refused."""
    answer = {"status": status, "code": code, "detail": f"a sentence of the API about {code}"}
    page.route(pattern, lambda route: route.fulfill(status=status, json=answer), times=1)


def at_the_checkout(buyer: Buyer) -> None:
    buyer.puts_in_cart()
    buyer.page.goto("/checkout")
    buyer.registers()
    buyer.gives_address()
    buyer.page.get_by_text("€23.80").wait_for()


def test_an_address_that_is_saved_may_be_corrected_before_the_order(buyer: Buyer) -> None:
    page = buyer.page
    buyer.watch.expected = ["409"]
    at_the_checkout(buyer)
    page.get_by_label("Save this address").check()
    once(page, "**/api/v1/orders", 409, "too_many_units_held")
    buyer.orders()
    page.get_by_text("You have too much in unpaid orders").wait_for()

    page.get_by_label("Street and number").fill("Unter den Linden 2")
    buyer.orders()
    buyer.pays()
    buyer.sees_paid()

    page.goto("/account/addresses")
    page.locator(".rows").get_by_text("Unter den Linden 1").wait_for()
    page.locator(".rows").get_by_text("Unter den Linden 2").wait_for()


def test_a_session_that_ends_in_the_middle_is_renewed_beside_the_form(buyer: Buyer) -> None:
    page = buyer.page
    buyer.watch.expected = ["401"]
    at_the_checkout(buyer)
    page.context.clear_cookies()
    once(page, "**/api/v1/orders", 401, "token_expired")
    buyer.orders()

    with page.expect_popup() as opened:
        page.get_by_role("link", name="Your session has ended").click()
    known = opened.value.locator("section", has_text="You have an account?")
    known.get_by_label("E-mail").fill(buyer.email)
    known.get_by_label("Password").fill(PASSWORD)
    known.get_by_role("button").click()
    opened.value.get_by_role("heading", name="Hello").wait_for()
    assert page.get_by_label("City").input_value() == "Berlin"
    buyer.orders()
    buyer.pays()
    buyer.sees_paid()


def test_a_price_that_comes_late_does_not_replace_a_newer_one(buyer: Buyer) -> None:
    page, held = buyer.page, list[Any]()
    buyer.watch.expected = ["422"]
    at_the_checkout(buyer)
    page.route("**/api/v1/cart/quote", lambda route: held.append(route))
    for country in ("JP", "DE"):
        before = len(held)
        page.get_by_label("Country").select_option(country)
        until(lambda before=before: page.evaluate("true") and len(held) > before, "its price is asked for")
    elsewhere, here = held
    here.continue_()
    page.locator(".checkout button:enabled", has_text="Order and pay").wait_for()
    with page.expect_response("**/api/v1/cart/quote") as late:
        elsewhere.continue_()
    late.value.finished()
    page.evaluate("() => fetch('/storefront/config.json').then((answer) => answer.json())")  # after that answer

    assert page.get_by_label("Express").count() == 1
    assert page.get_by_role("button", name="Order and pay").is_enabled()


def test_the_keyboard_stays_where_it_is_and_nothing_typed_is_lost(buyer: Buyer) -> None:
    page, held = buyer.page, list[Any]()
    for slug in ("enamel-mug-blue", "brass-table-lamp-blue"):
        buyer.puts_in_cart(slug)
    page.goto("/cart")
    first, second = page.get_by_label("Quantity").nth(0), page.get_by_label("Quantity").nth(1)
    first.fill("3")
    first.press("Tab")
    page.locator(".cart-lines li").first.get_by_text("€41.70").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Remove: ")

    page.route("**/api/v1/cart/items/*", lambda route: held.append(route), times=1)
    first.fill("2")
    first.press("Tab")
    page.keyboard.press("Tab")
    second.fill("4")
    held[0].continue_()
    page.locator(".cart-lines li").first.get_by_text("€27.80").wait_for()
    fields = "[...document.querySelectorAll('.cart-lines input')]"  # in one step: the answer to it draws them again
    assert page.evaluate(f"[{fields}.indexOf(document.activeElement), document.activeElement.value]") == [1, "4"]
    second.press("Tab")

    def is_stored() -> bool:
        page.reload()
        page.locator(".cart-lines li").first.wait_for()
        return str(second.input_value()) == "4"

    until(is_stored, "what was typed in the second line is stored")


def test_goods_that_are_gone_are_named_in_the_cart_not_at_the_checkout(buyer: Buyer, running: Running) -> None:
    page, price = buyer.page, {"amount": 900, "currency": "EUR"}
    slug = f"gone-{running.port}"
    made = running.as_staff(
        "POST", "/products", {"name": "Gone", "slug": slug, "variants": [{"sku": slug, "name": "", "price": price}]}
    )
    running.as_staff("POST", f"/stock/{slug}/movements", {"kind": "received", "quantity": 5, "reason": "a delivery"})
    buyer.puts_in_cart(slug)
    running.as_staff("PATCH", f"/products/{made['id']}", {"on_sale": False}, **{"If-Match": '"v1"'})

    def is_gone() -> bool:
        page.goto("/cart")
        page.locator(".cart-lines li").first.wait_for()
        return page.get_by_text("This is not sold any more.").count() > 0

    until(is_gone, "the cart knows it")
    page.get_by_role("link", name="To the checkout").click(force=True)
    buyer.registers()

    page.wait_for_url(re.compile("/cart$"))
    page.get_by_text("This is not sold any more.").first.wait_for()


def test_what_has_no_text_of_the_window_is_shown_behind_one(running: Running, chromium: Any) -> None:
    context = chromium.new_context(base_url=running.url, locale="de-DE")
    page = context.new_page()
    page.goto("/")
    script = "async (of) => (await import('/storefront/-/js/texts.js')).explained(of)"

    known = page.evaluate(script, {"code": "too_many", "status": 422, "detail": "an order can have at most 1000 units"})
    unknown = page.evaluate(script, {"code": "unheard_of", "status": 409, "detail": "ask the shop"})
    ended = page.evaluate(script, {"code": "token_revoked", "status": 401, "detail": "this sign-in is over"})
    context.close()

    assert known == "So viel von einer Ware lässt sich nicht bestellen: Wählen Sie weniger."
    assert unknown == "Das hat nicht geklappt. (ask the shop)"
    assert ended.startswith("Ihre Sitzung ist zu Ende")


def test_more_than_there_is_says_so_in_the_cart(buyer: Buyer, running: Running) -> None:
    slug, price = f"few-{running.port}", {"amount": 900, "currency": "EUR"}
    variant = {"sku": slug, "name": "", "price": price}
    running.as_staff("POST", "/products", {"name": "Few", "slug": slug, "variants": [variant]})
    running.as_staff("POST", f"/stock/{slug}/movements", {"kind": "received", "quantity": 2, "reason": "a delivery"})
    buyer.puts_in_cart(slug)
    buyer.page.goto("/cart")
    buyer.page.get_by_label("Quantity").fill("3")
    buyer.page.get_by_label("Quantity").blur()

    def is_named() -> bool:
        buyer.page.reload()
        buyer.page.locator(".cart-lines li").first.wait_for()
        return buyer.page.locator(".cart-lines").get_by_text("Only 2 left").count() > 0

    until(is_named, "orders knows the stock, and the cart says it")


def test_one_who_is_impatient_gets_each_product_once(buyer: Buyer) -> None:
    page = buyer.page
    buyer.opens_with_facets("/search")
    before = page.locator(".grid li").count()
    page.evaluate("() => { const more = document.querySelector('.more button'); more.click(); more.click() }")
    until(lambda: page.locator(".grid li").count() > before, "there are more")
    page.locator(".more button[aria-busy=false]").wait_for(state="attached")
    links = page.locator(".grid a").evaluate_all("all => all.map((each) => each.href)")

    assert len(links) == len(set(links)) > before


@pytest.mark.parametrize("away", ["**/storefront/config.json", "**/js/pages/home.js"])
def test_a_page_that_is_not_loaded_says_so(buyer: Buyer, away: str) -> None:
    page = buyer.page
    buyer.watch.expected = ["503", "ERR_FAILED", "Failed to fetch dynamically", "pageerror"]
    if away.endswith(".json"):
        page.route(away, lambda route: route.fulfill(status=503, body="<h1>503</h1>"))
        page.goto("/")
        page.get_by_text("The shop does not answer.").wait_for()
        page.unroute(away)
    else:
        page.route(away, lambda route: route.abort())
        page.goto("/")
        again = page.get_by_role("button", name="Try again")
        again.wait_for()
        page.unroute(away)
        again.click()

    page.locator(".grid a").first.wait_for()
    page.get_by_text("The shop does not answer.").wait_for(state="hidden")


def test_one_who_gave_up_does_not_say_that_it_goes_on(buyer: Buyer) -> None:
    page = buyer.page
    buyer.watch.expected = ["503"]
    page.goto("/product/enamel-mug-blue")
    button = page.get_by_role("button", name="Add to cart")
    button.wait_for()
    page.route("**/api/v1/cart", lambda route: route.fulfill(status=503, json={"code": "busy", "detail": "try again"}))
    button.click()
    page.get_by_text("The shop does not answer.").wait_for()

    page.locator(".errors:not([hidden])").wait_for()
    assert page.locator("#notice").inner_text() == ""


def test_my_orders_say_what_is_on_its_way(buyer: Buyer) -> None:
    page = buyer.page

    def sent(route: Any) -> None:
        answer = route.fetch()
        orders = [{**each, "fulfilment": "dispatched"} for each in answer.json()["items"]]
        route.fulfill(response=answer, json={"items": orders, "next": None})

    at_the_checkout(buyer)
    buyer.orders()
    buyer.pays()
    buyer.sees_paid()
    page.route("**/api/v1/orders?limit=20", sent)
    page.goto("/orders")

    page.locator(".rows").get_by_text("On its way").wait_for()
