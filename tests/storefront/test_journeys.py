"""Six journeys through the shop window in Chromium. Nothing may appear in the console but what the journey causes."""

import re
from contextlib import suppress
from typing import Any

import pytest

from app.kernel.money import CHARGES, Money
from tests.chromium import Watch
from tests.storefront.conftest import Running
from tests.storefront.steps import Buyer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_guest_fills_the_cart_registers_and_buys(buyer: Buyer, running: Running) -> None:
    page = buyer.page
    buyer.puts_in_cart()
    page.get_by_role("link", name="View the cart").click()
    page.get_by_label("Quantity").fill("2")
    page.get_by_label("Quantity").blur()
    page.get_by_text("€27.80").first.wait_for()

    page.get_by_role("link", name="To the checkout").click()
    buyer.registers()
    buyer.orders()
    top = page.locator(".errors:not([hidden])")
    top.wait_for()
    assert "Street and number" in top.inner_text() and top.evaluate("each => each === document.activeElement")
    buyer.gives_address()
    page.get_by_text("€37.70").wait_for()
    buyer.orders()
    buyer.pays()
    buyer.sees_paid()

    assert page.locator("h1").count() == 1 and "Express" in page.locator(".side").inner_text()
    if running.is_demo:
        page.locator(".events").get_by_text("payment captured").wait_for()
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])").find("Ada") == -1


def test_in_german(running: Running, chromium: Any) -> None:
    context = chromium.new_context(base_url=running.url, locale="de-DE")
    page = context.new_page()
    watch = Watch(page)
    page.goto("/product/enamel-mug-blue")
    page.get_by_role("button", name="In den Warenkorb").click()
    page.get_by_text("Liegt in Ihrem Warenkorb.").wait_for()
    page.goto("/cart")
    page.get_by_role("heading", level=1, name="Warenkorb").wait_for()
    page.get_by_text("13,90 €").first.wait_for()

    assert page.evaluate("document.documentElement.lang") == "de"
    context.close()
    assert watch.complaints() == []


def test_amounts_in_every_currency_are_what_the_shop_means(buyer: Buyer) -> None:
    amounts = [Money(1_234_500, currency) for currency in sorted(CHARGES)]
    given = [{"amount": each.amount, "currency": each.currency} for each in amounts]
    buyer.page.goto("/")

    shown = buyer.page.evaluate(
        """async (given) => {
            const { money } = await import(new URL('format.js', document.querySelector('script[src]').src))
            return given.map((each) => money(each).replace(/[^0-9.]/g, ''))
        }""",
        given,
    )

    assert dict(zip(sorted(CHARGES), shown, strict=True)) == {
        each.currency: str(each).split(" ")[0] for each in amounts
    }


def test_a_declined_card_then_a_good_one(buyer: Buyer) -> None:
    buyer.watch.expected = ["402"]
    buyer.puts_in_cart("brass-table-lamp-blue")
    buyer.page.goto("/checkout")
    buyer.registers()
    buyer.gives_address()
    buyer.orders()

    buyer.pays("Card that is declined")
    buyer.page.get_by_text("Nothing was charged").wait_for()
    buyer.pays()
    buyer.sees_paid()


def test_search_with_suggestions_and_facets(buyer: Buyer) -> None:
    page = buyer.page
    page.goto("/")
    box = page.get_by_role("combobox", name="Search")
    box.fill("kett")
    page.get_by_role("option").first.wait_for()
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "suggestion-0"
    box.press("Escape")
    box.fill("kettle")
    box.press("Enter")

    page.wait_for_url(re.compile("q=kettle"))
    page.get_by_text("18 products").first.wait_for()
    page.get_by_label("blue", exact=False).first.check()
    page.get_by_text("3 products").first.wait_for()
    assert "attr.colour=blue" in page.url
    page.reload()
    page.get_by_text("3 products").first.wait_for()
    page.locator(".grid a").first.click()
    page.get_by_role("heading", level=1, name=re.compile("kettle, blue")).wait_for()


def test_my_orders_addresses_and_devices(buyer: Buyer) -> None:
    page = buyer.page
    page.goto("/orders")
    buyer.registers()
    page.get_by_text("You have not ordered anything yet.").wait_for()

    page.goto("/account/addresses")
    for label, text in {"Name": "<b>Ada</b>", "Street and number": "Am Markt 1", "City": "Ulm"}.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Country").select_option("DE")
    buyer.watch.expected = ["422"]
    page.get_by_role("button", name="Save").click()
    page.locator(".error").get_by_text("postal code").wait_for()
    page.get_by_label("Postal code").fill("89073")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("<b>Ada</b>").wait_for()

    page.goto("/account/sessions")
    page.get_by_text("this device").wait_for()
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/$"))
    page.goto("/orders")
    page.get_by_text("New here?").wait_for()


def test_the_shop_is_killed_in_the_middle_of_the_checkout(buyer: Buyer, running: Running) -> None:
    """The page goes on by itself when the shop is back: with the same keys, so there is one order, charged once."""
    buyer.watch.expected = ["ERR_CONNECTION", "ERR_EMPTY", "ERR_SOCKET", "503"]
    page, keys = buyer.page, dict[str, set[str]]()
    before = running.captures()

    def note(request: Any) -> None:
        path = request.url.partition("/api/v1")[2]
        if request.method == "POST" and (path == "/orders" or path.endswith("/confirm")):
            keys.setdefault(path, set()).add(request.headers["idempotency-key"])

    page.on("request", note)
    buyer.puts_in_cart()
    page.goto("/checkout")
    buyer.registers()
    buyer.gives_address()
    page.get_by_text("€23.80").wait_for()
    running.kill()
    buyer.orders()
    page.get_by_text("The shop does not answer.").wait_for()
    running.start()
    page.locator("[data-card]").first.wait_for()

    running.kill()
    buyer.pays()
    page.get_by_text("The shop does not answer.").wait_for()
    running.start()
    buyer.sees_paid()
    page.goto("/orders")
    page.locator(".rows li").first.wait_for()
    assert page.locator(".rows li").count() == 1
    assert [len(each) for each in keys.values()] == [1, 1]
    charged = {id: times for id, times in running.captures().items() if id not in before}
    assert list(charged.values()) == [1]


def test_a_page_that_was_closed_in_the_middle_goes_on_with_the_same_order(buyer: Buyer) -> None:
    page = buyer.page
    buyer.puts_in_cart()
    page.goto("/checkout")
    buyer.registers()
    buyer.gives_address()

    def loses_the_answer(route: Any) -> None:
        with suppress(Exception):  # the page is closed while it asks again
            route.fetch()
            route.abort()

    page.route("**/api/v1/orders", loses_the_answer)
    buyer.watch.expected = ["ERR_FAILED"]
    buyer.orders()
    page.get_by_text("The shop does not answer.").wait_for()
    page.unroute("**/api/v1/orders")
    page.goto("/checkout")
    buyer.pays()
    buyer.sees_paid()


def test_the_page_waits_for_payments_and_goes_on_by_itself(buyer: Buyer) -> None:
    """What the gateway answers for a module that is away."""
    page = buyer.page
    away = {"status": 503, "code": "module_unavailable", "detail": "The module payments does not answer: try again."}
    page.route("**/api/v1/payments*", lambda route: route.fulfill(status=503, json=away))
    buyer.watch.expected = ["503"]
    buyer.puts_in_cart()
    page.goto("/checkout")
    buyer.registers()
    buyer.gives_address()
    buyer.orders()
    page.get_by_text("Your payment is being prepared").wait_for()
    page.get_by_text("The shop does not answer.").wait_for()

    page.unroute("**/api/v1/payments*")
    buyer.pays()
    buyer.sees_paid()


def test_stripes_fields_where_the_shop_has_stripes_key(buyer: Buyer) -> None:
    """With a stand-in for Stripe's script, and for what the shop says of itself."""
    key, page = "pk_test_51window", buyer.page
    config: dict[str, Any] = {"stripe_publishable_key": key, "test_cards": False, "media_origins": []}
    page.route("**/storefront/config.json", lambda route: route.fulfill(json=config))
    page.route("https://js.stripe.com/**", lambda route: route.fulfill(content_type="text/javascript", body=STAND_IN))
    page.route("**/checkout/*", lambda route: named(route))
    buyer.puts_in_cart()
    page.goto("/checkout")
    buyer.registers()
    buyer.gives_address()
    buyer.orders()

    page.get_by_text(f"Stripe's fields of {key}, en").wait_for()
    page.get_by_role("button", name="Pay €23.80").click()
    page.get_by_text("the fields are incomplete").wait_for()


STAND_IN = """
window.Stripe = (key, { locale }) => ({
  elements: ({ clientSecret }) => ({
    create: (kind) => ({ mount: (box) => { box.textContent = `Stripe's fields of ${key}, ${locale}` } }),
  }),
  confirmPayment: async ({ redirect }) => ({ error: { message: 'the fields are incomplete' } }),
})
"""


def named(route: Any) -> None:
    """The page with the policy that it has where the shop has Stripe's key."""
    from app.web.storefront import policy

    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy([], by_stripe=True)})


def test_hostile_names_are_text_and_foreign_media_are_not_loaded(buyer: Buyer, running: Running) -> None:
    """The drawing stands in for an image that the policy would refuse, so that there is no violation either."""
    page, name = buyer.page, "<img src=x onerror=alert(1)>" + "W" * 170
    variant = {"sku": "HOSTILE/<b>&amp;", "name": "{{7*7}}", "price": {"amount": 900, "currency": "EUR"}}
    media = [{"url": "https://images.example.com/mug.jpg", "alt": '"><script>alert(1)</script>'}]
    new = {"name": name, "slug": "hostile", "description": "</p><script>alert(1)</script>", "media": media}
    running.as_staff("POST", "/products", {**new, "variants": [variant]})
    running.as_staff(
        "POST", "/stock/HOSTILE%2F%3Cb%3E&amp%3B/movements", {"kind": "received", "quantity": 5, "reason": "a delivery"}
    )
    page.set_viewport_size({"width": 320, "height": 800})

    buyer.puts_in_cart("hostile")
    shown = page.locator("main").inner_text()
    page.goto("/cart")
    page.locator(".cart-lines li").first.wait_for()

    assert name in shown and new["description"] in shown
    assert page.locator("main img").count() == 0
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
