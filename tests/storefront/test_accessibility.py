"""axe on each page, in light and dark and at 320 px; nothing is cut off, and targets are large enough."""

from typing import Any

import pytest

from tests.storefront.conftest import Running
from tests.storefront.steps import LONG, Buyer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
OWN = ["/orders", "/account", "/account/addresses", "/account/sessions", "/product/there-is-none"]
SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=checkbox], [type=radio]), select, summary')]
  .filter((each) => {
    const box = each.getBoundingClientRect()
    const covers = each.closest('.card, .tile, .skip, p:not([class]), .added') || each.matches('.unseen, .skip')
    return box.width && box.height < 44 && !covers
  }).map((each) => each.outerHTML.slice(0, 100))"""
WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize(
    "looks",
    [
        {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
        {"viewport": {"width": 320, "height": 800}, "color_scheme": "dark", "reduced_motion": "reduce"},
    ],
    ids=["light", "dark and narrow"],
)
def test_each_page_is_for_everyone(running: Running, chromium: Any, looks: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(base_url=running.url, locale="en-DE", bypass_csp=True, **looks)  # for axe's script
    page = context.new_page()
    buyer = Buyer(page, f"axe-{looks['color_scheme']}-{running.port}@example.com")

    def look(ready: str) -> None:
        page.locator(ready).first.wait_for(state="attached", timeout=LONG)
        page.wait_for_load_state("networkidle") if "orders/" not in page.url else None
        wrong = [(each["id"], each["nodes"][0]["html"]) for each in Axe().run(page).response["violations"]]
        assert wrong == [], page.url
        assert page.locator("h1").count() == 1 and not page.evaluate(WIDE), page.url
        assert page.evaluate(SMALL) == [], page.url

    for path, ready in (("/", ".grid a"), ("/category/kitchen", ".facets fieldset"), ("/search?q=xyzzy", ".nothing")):
        page.goto(path)
        look(ready)
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


def test_everything_is_reached_by_keyboard(buyer: Buyer) -> None:
    page = buyer.page
    page.goto("/product/enamel-mug-blue")
    page.get_by_role("button", name="Add to cart").wait_for()

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    for _ in range(3):  # version, quantity, button
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Add to cart"
    page.keyboard.press("Enter")
    page.get_by_text("In your cart.").wait_for()


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
