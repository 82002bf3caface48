"""What is in no journey, in Chromium: a stranger, and a module that is away."""

from typing import Any

import pytest

from tests.chromium import WIDE
from tests.desk.screens import Screen, in_ci
from tests.desk.steps import Desk
from tests.journeys.steps import PASSWORD
from tests.screenshots.homes import transferred

pytestmark = pytest.mark.browser


def test_a_customer_gets_no_further_than_the_door(chromium: Any, desk: Desk, address: str) -> None:
    """The cookies come and go."""
    screen = Screen(chromium, desk, address, role=None)
    page, screen.watch.expected = screen.page, ["403"]
    page.goto("/desk")
    page.fill("[name=email]", "alice@example.com")
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")
    assert "This is not yours to see" in page.text_content("main")
    assert {each["name"] for each in screen.context.cookies()} >= {"desk_token", "desk_refresh"}
    page.click("text=Sign out")

    assert page.url.endswith("/desk/users/sign-in")
    assert not {each["name"] for each in screen.context.cookies()} & {"desk_token", "desk_refresh"}
    screen.context.close()
    assert screen.watch.complaints() == []


def test_home_is_small_with_all_that_it_loads(chromium: Any, desk: Desk, address: str) -> None:
    """Bytes as they are transferred: tests/screenshots/homes.py prints them."""
    screen = Screen(chromium, desk, address)

    sizes = transferred(screen.page, "/desk/orders/home")

    assert len(sizes) >= 5  # the page, its files, and the section of payments; without a window, no icon is loaded
    assert 5_000 < sum(sizes) < 60_000, sizes
    screen.context.close()
    assert screen.watch.complaints() == []


def test_a_module_that_is_away_leaves_a_section_that_says_so(chromium: Any, desk: Desk, address: str) -> None:
    screen = Screen(chromium, desk, address)
    screen.page.route("**/desk/payments/**", lambda route: route.abort())

    screen.page.goto(f"/desk/orders/{desk.paid}")
    screen.page.wait_for_selector("text=payments does not answer just now")
    screen.page.unroute("**/desk/payments/**")
    screen.page.click("text=Ask again")

    screen.page.wait_for_selector("text=captured")
    screen.context.close()


@in_ci("embedded", "without script")
def test_search_for_an_order_by_its_address(screen: Screen) -> None:
    """The address is in no address of a page; a module that is away leaves a section that says so."""
    page, urls = screen.page, list[str]()
    page.on("request", lambda sent: urls.append(sent.url))
    page.goto("/desk/catalog")
    page.fill("#find", "mug")
    page.click("form.search button")
    if not screen.has_script:
        page.click("text=Products: on a page of their own")

    page.click("main a:has-text('Mug')")
    assert "/desk/catalog/products/" in page.url
    page.fill("#find", "nobody@example.com")
    page.press("#find", "Enter")
    if not screen.has_script:
        page.click("text=Orders: on a page of their own")
    page.get_by_text("No order matches").wait_for()

    assert not [url for url in urls if "nobody" in url]


def test_a_search_without_a_module(chromium: Any, desk: Desk, address: str) -> None:
    screen = Screen(chromium, desk, address)
    screen.page.route("**/desk/users/**", lambda route: route.abort())
    screen.page.goto("/desk/catalog")
    screen.page.fill("#find", "mug")
    screen.page.press("#find", "Enter")

    screen.page.get_by_text("users does not answer just now").wait_for()
    screen.page.locator("main a:has-text('Mug')").wait_for()
    screen.context.close()


PARTED = """() => {
    const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
    const parted = []
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        if (!node.parentElement.closest('.scroll td, .scroll tbody th') || node.parentElement.closest('.code')) continue
        for (const { 0: word, index } of node.data.matchAll(/[A-Za-z]{4,}/g)) {
            const range = document.createRange()
            range.setStart(node, index)
            range.setEnd(node, index + word.length)
            if (new Set([...range.getClientRects()].map((each) => each.top)).size > 1) parted.push(word)
        }
    }
    return parted
}"""


def test_no_word_in_a_table_is_parted_on_a_small_screen(chromium: Any, desk: Desk, address: str) -> None:
    """The table is wider than the screen then, and scrolls."""
    variant = {"sku": "HALLSTAND", "name": "charcoal", "price": {"amount": 900, "currency": "EUR"}}
    desk.shop.as_staff().post("/products", {"name": "Enamelled hallstand", "variants": [variant]})
    screen = Screen(chromium, desk, address, viewport={"width": 320, "height": 800})
    for path in ("/desk/catalog", f"/desk/orders/{desk.paid}", "/desk/orders/health/trail", "/desk/orders/tax/rates"):
        screen.page.goto(path)

        assert screen.page.evaluate(PARTED) == [], path
        assert not screen.page.evaluate(WIDE), path
    screen.context.close()
    assert screen.watch.complaints() == []
