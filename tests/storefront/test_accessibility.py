"""axe on each page, in light, and in dark as at 400 % zoom; nothing is cut off, and targets are large enough."""

from typing import Any

import pytest

from tests.chromium import LONG, WIDE, violations
from tests.storefront.conftest import Running
from tests.storefront.steps import PASSWORD, Buyer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OWN = ["/orders", "/account", "/account/addresses", "/account/sessions", "/product/there-is-none"]
SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=checkbox], [type=radio]), select, summary')]
  .filter((each) => {
    const box = each.getBoundingClientRect()
    const covers = each.closest('.card, .tile, .skip, p:not([class]), .added') || each.matches('.unseen, .skip')
    return box.width && box.height < 44 && !covers
  }).map((each) => each.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize(
    "looks",
    [
        {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
        {  # a window of 1280 by 1024 pixels
            "viewport": {"width": 320, "height": 256},
            "device_scale_factor": 4,
            "color_scheme": "dark",
            "reduced_motion": "reduce",
        },
    ],
    ids=["light", "dark, at 400 %"],
)
def test_each_page_is_for_everyone(running: Running, chromium: Any, looks: Any) -> None:
    context = chromium.new_context(base_url=running.url, locale="en-DE", bypass_csp=True, **looks)  # for axe's script
    page = context.new_page()
    buyer = Buyer(page, f"axe-{looks['color_scheme']}-{running.port}@example.com")

    def look(ready: str) -> None:
        page.locator(ready).first.wait_for(state="attached", timeout=LONG)
        page.wait_for_function("() => !document.querySelector('main .busy')", timeout=LONG)
        assert violations(page) == [], page.url
        assert page.locator("h1").count() == 1 and not page.evaluate(WIDE), page.url
        assert page.evaluate(SMALL) == [], page.url

    page.goto("/")
    look(".grid a")
    buyer.opens_with_facets("/category/kitchen")
    look(".facets fieldset")
    page.goto("/search?q=xyzzy")
    look(".nothing")
    buyer.puts_in_cart("enamel-mug-white")
    look(".added a")
    page.goto("/cart")
    look(".cart-lines li")
    page.goto("/checkout")
    look(".two .panel")
    buyer.registers()
    buyer.gives_address()
    look(".totals")
    buyer.orders()
    page.locator("[data-card]").first.wait_for()
    look("[data-card]")
    buyer.pays()
    buyer.sees_paid()
    look(".steps")
    for path in OWN:
        page.goto(path)
        look("h1")
    context.close()


def test_a_purchase_by_keyboard(buyer: Buyer) -> None:
    page = buyer.page
    page.goto("/product/enamel-mug-blue")
    page.get_by_role("button", name="Add to cart").wait_for()

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    tabs_to(page, "Add to cart")
    page.keyboard.press("Enter")
    page.get_by_text("In your cart.").wait_for()
    tabs_to(page, "View the cart")
    page.keyboard.press("Enter")
    page.locator(".cart-lines li").wait_for()
    tabs_to(page, "To the checkout")
    page.keyboard.press("Enter")
    page.get_by_text("New here?").wait_for()
    tabs_to(page, "Name")
    types(page, "Ada Lovelace", buyer.email, PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".checkout").wait_for()
    tabs_to(page, "Name")
    types(page, "Ada Lovelace")
    tabs_to(page, "Street and number")
    types(page, "Unter den Linden 1")
    for label, text in (("Postal code", "10117"), ("City", "Berlin"), ("Country", "Germany")):
        tabs_to(page, label)
        types(page, text)
    page.get_by_label("Express").wait_for()
    page.get_by_role("button", name="Order and pay", disabled=False).wait_for()
    tabs_to(page, "Order and pay")
    page.keyboard.press("Enter")
    page.locator("[data-card]").first.wait_for()
    tabs_to(page, "Card that works")
    page.keyboard.press("Enter")
    buyer.sees_paid()


NAMED = """() => {
  const each = document.activeElement
  return each.labels?.length ? each.labels[0].textContent.trim() : each.textContent.trim()
}"""


def tabs_to(page: Any, name: str) -> None:
    """Press Tab until the control with this text or label has the focus, which is to be seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(NAMED) == name:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", name
            return
    raise AssertionError(f"no Tab leads to {name}")


def types(page: Any, *texts: str) -> None:
    """Type, and go on to the next field with Tab."""
    for number, text in enumerate(texts):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(text)


def test_home_moves_nothing_and_is_small(buyer: Buyer) -> None:
    """Bytes as they are transferred, with headers, as the browser counts them."""
    page, received = buyer.page, list[int]()
    page.on("requestfinished", lambda request: received.append(request.sizes()["responseBodySize"]))
    page.add_init_script(
        "window.shifts = 0; new PerformanceObserver((list) => { for (const each of list.getEntries()) "
        "window.shifts += each.value }).observe({ type: 'layout-shift', buffered: true })"
    )
    page.goto("/")
    page.locator(".grid a").first.wait_for()
    page.wait_for_load_state("networkidle")

    assert page.evaluate("window.shifts") < 0.1
    assert 5_000 < sum(received) < 60_000, sum(received)
