"""Each page of the desk in light, and in dark as at 400 % zoom: axe finds nothing, and no page scrolls sideways."""

from typing import Any

import pytest

from tests.chromium import WIDE, violations
from tests.desk.screens import Screen
from tests.desk.steps import Desk, known_ids
from tests.desk.test_pages import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OTHER_MODULES = ("/desk/catalog/health", "/desk/payments/health", "/desk/users/health")  # as of orders: one template
LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 1024}, "color_scheme": "light"},
    "dark, at 400 %": {  # a window of 1280 by 1024 pixels
        "viewport": {"width": 320, "height": 256},
        "device_scale_factor": 4,
        "color_scheme": "dark",
        "reduced_motion": "reduce",
    },
}
PARTS_ARE_THERE = """() => [...document.querySelectorAll('[data-fragment]')]
  .every((each) => !each.querySelector(`:scope > p > a[href="${each.getAttribute('hx-get')}"]`))"""
SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=checkbox], [type=radio]), select, summary')]
  .filter((each) => {
    const box = each.getBoundingClientRect()
    const inText = each.closest('p, li, td, th, dd, dt, .skip') && each.tagName === 'A'
    return box.width && Math.min(box.width, box.height) < 24 && !inText && !each.matches('.skip')
  }).map((each) => each.outerHTML.slice(0, 100))"""

LOADED_AGAIN = "() => new Promise((go) => document.addEventListener('htmx:afterSettle', () => go(), { once: true }))"


def paths(desk: Desk) -> list[str]:
    """Every page, those of a list with and without a filter; the pages of orders stand for the same of others."""
    known = known_ids(desk)
    shown = [path.format(**known) for path in PAGES if not path.startswith(OTHER_MODULES)]
    document: Any = desk.shop.as_staff().get("/documents").json["items"][0]
    return [*shown, f"/desk/orders/documents/{document['series']}-{document['number']}", "/desk/nothing"]


OPEN = """() => {
    document.querySelectorAll('details').forEach((each) => { each.open = true })
    return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn))))
}"""  # the page then finds out what is wider than itself


@pytest.mark.parametrize("looks", LOOKS)
def test_each_page_is_for_everyone(chromium: Any, desk: Desk, address: str, looks: str) -> None:
    screen = Screen(chromium, desk, address, "admin", bypass_csp=True, **LOOKS[looks])  # for the script of axe
    screen.watch.expected = ["404", "422", "yyyy-MM-dd"]  # pages of what is not there, and of a date that is none
    wrong: list[Any] = []
    for path in [*paths(desk), "/desk/users/sign-in"]:
        screen.page.goto(path)
        screen.page.wait_for_function(PARTS_ARE_THERE)
        screen.page.evaluate(OPEN)
        wrong += [(path, *each) for each in violations(screen.page)]
        wrong += [(path, "scrolls sideways")] * screen.page.evaluate(WIDE)
        wrong += [(path, "too small", each) for each in screen.page.evaluate(SMALL)]
    screen.context.close()

    assert not wrong, "\n".join(map(repr, wrong))
    assert screen.watch.complaints() == []


CLICKABLE = """() => [...document.querySelectorAll('main :is(a, button, input, select, summary)')]
  .filter((each) => !each.closest('[data-fragment]'))
  .map((each) => {
    const box = each.getBoundingClientRect()
    return [each.textContent.trim().slice(0, 40), box.x + scrollX, box.y + scrollY]
  })"""


@pytest.mark.parametrize(
    "path", ["/desk/orders/home", "/desk/orders/{paid}", "/desk/orders/{unpaid}", "/desk/orders/health"]
)
def test_nothing_moves_when_the_parts_of_other_modules_arrive(
    chromium: Any, desk: Desk, address: str, path: str
) -> None:
    screen, waiting = Screen(chromium, desk, address, "admin"), []
    page = screen.page
    page.route(lambda url: "/desk/" in url, lambda route, request: comes_later(route, request, waiting))
    page.goto(path.format(**known_ids(desk)))
    page.wait_for_function("() => document.querySelector('.htmx-request')")
    before = page.evaluate(CLICKABLE)
    page.unroute_all()  # lets those that wait pass
    page.wait_for_function(PARTS_ARE_THERE)
    after = page.evaluate(CLICKABLE)
    screen.context.close()

    assert waiting and before == after


def comes_later(route: Any, request: Any, waiting: list[Any]) -> None:
    """Let the page itself pass, and keep the requests of its parts."""
    if request.is_navigation_request() or "/static/" in request.url:
        route.continue_()
    else:
        waiting.append(route)


def test_dispatch_by_keyboard(chromium: Any, desk: Desk, address: str) -> None:
    screen, order = Screen(chromium, desk, address), desk.buys(1)
    page = screen.page
    page.goto(f"/desk/orders/{order}")

    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    tabs_to(page, "Pack")
    page.keyboard.press("Enter")
    screen.shows("Packed.")
    assert "Packed." in focused(page)
    tabs_to(page, "Dispatch")
    page.keyboard.press("Enter")
    for typed in ("DHL", "0034"):
        page.keyboard.press("Tab")
        page.keyboard.type(typed)
    tabs_to(page, "Dispatch")
    page.keyboard.press("Enter")
    screen.shows("Dispatched.")
    assert "Dispatched." in focused(page)

    screen.context.close()
    assert screen.watch.complaints() == []


def test_a_part_that_is_loaded_again_keeps_the_focus_and_what_is_open(chromium: Any, desk: Desk, address: str) -> None:
    screen = Screen(chromium, desk, address)
    page = screen.page
    page.goto(f"/desk/orders/{desk.paid}")
    page.click("#live summary")
    page.locator("#live summary").focus()
    page.evaluate(LOADED_AGAIN)

    assert page.locator("#live details[open]").count() == 1
    assert focused(page) == "As a table"
    screen.context.close()


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def tabs_to(page: Any, text: str) -> None:
    """Press Tab until the control with this text has the focus, which is to be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == text:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"no Tab leads to {text}")
