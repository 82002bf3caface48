"""What staff do, in Chromium: with script and without it, and nothing on the console."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.desk.steps import ROLES, Desk
from tests.journeys.test_the_tour import served
from tests.screenshots.homes import transferred

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if not CHROMIUM and os.environ.get("REQUIRE_SERVERS") != "1":
    pytest.skip("there is no Chromium", allow_module_level=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with served(desk.shop) as port:
        yield f"http://localhost:{port}"


class Screen:
    """A page in a browser, and what its console had."""

    def __init__(self, chromium: Any, desk: Desk, address: str, **options: Any) -> None:
        self.context = chromium.new_context(base_url=address, **options)
        token = desk.shop.token(ROLES["staff"], "staff")
        self.context.add_cookies([{"name": "desk_token", "value": token, "url": f"{address}/desk"}])
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("response", self._answered)

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status} {response.url}")


@pytest.fixture(params=["with script", "without script"])
def screen(request: pytest.FixtureRequest, chromium: Any, desk: Desk, address: str) -> Iterator[Screen]:
    made = Screen(chromium, desk, address, java_script_enabled=request.param == "with script")
    yield made
    made.context.close()
    assert made.wrong == []


def test_pack_and_dispatch(screen: Screen, desk: Desk) -> None:
    order, page = desk.buys(2), screen.page
    page.goto("/desk/orders/to-pack")
    page.click(f"tbody a[href$='{order}']")

    page.click("button:text-is('Pack')")
    assert "Packed." in page.text_content("main")
    page.click("summary:text-is('Dispatch')")
    page.fill("[name=carrier]", "DHL")
    page.fill("[name=tracking_number]", "0034")
    page.click("button:text-is('Dispatch')")

    assert "Dispatched." in page.text_content("main")
    shown: Any = desk.shop.as_staff().get(f"/orders/{order}").json
    assert shown["fulfilment"] == "dispatched"


def test_refund_from_the_page_of_the_order(screen: Screen, desk: Desk, request: pytest.FixtureRequest) -> None:
    order, page = desk.buys(1), screen.page
    page.goto(f"/desk/orders/{order}")
    if "without" in request.node.name:
        page.click("text=Open payment on its own page")

    page.click("summary:has-text('Refund up to')")
    page.fill("[name=amount]", "1.00")
    page.fill("details[open] [name=reason]", "a crack")
    page.click("details[open] button:text-is('Refund')")

    assert "The refund was requested" in page.text_content("main")


def test_a_mistake_is_shown_where_it_was_made(screen: Screen, desk: Desk) -> None:
    order, page = desk.buys(1), screen.page
    page.goto(f"/desk/orders/{order}")
    page.click("summary:text-is('Change the address')")
    page.fill("[name=country]", "Germany")
    page.fill("details[open] [name=reason]", "he wrote")
    page.click("details[open] button:text-is('Change the address')")

    assert "Nothing was changed." in page.text_content("main")
    assert page.input_value("[name=country]") == "Germany"
    expected = {"the server responded with a status of 422", "422 "}
    screen.wrong = [each for each in screen.wrong if not any(part in each for part in expected)]


def test_sign_in_and_out(chromium: Any, desk: Desk, address: str) -> None:
    """A customer may sign in, and gets no further; the cookies come and go."""
    from tests.journeys.steps import PASSWORD

    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("/desk")
    page.fill("[name=email]", "alice@example.com")
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")
    assert "This is not yours to see" in page.text_content("main")
    assert {each["name"] for each in context.cookies()} >= {"desk_token", "desk_refresh"}
    page.click("text=Sign out")

    assert page.url.endswith("/desk/users/sign-in")
    assert not {each["name"] for each in context.cookies()} & {"desk_token", "desk_refresh"}
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_screen_in_both_schemes(chromium: Any, desk: Desk, address: str, scheme: str) -> None:
    screen = Screen(chromium, desk, address, viewport={"width": 320, "height": 640}, color_scheme=scheme)
    for path in (
        "/desk/orders/home",
        "/desk/orders",
        f"/desk/orders/{desk.paid}",
        "/desk/orders/health",
        "/desk/catalog",
    ):
        screen.page.goto(path)
        screen.page.wait_for_load_state("networkidle")
        width = screen.page.evaluate("document.documentElement.scrollWidth")

        assert width <= 320, path
    screen.context.close()
    assert screen.wrong == []


def test_home_is_small_with_all_that_it_loads(chromium: Any, desk: Desk, address: str) -> None:
    """Bytes as they are transferred: tests/screenshots/homes.py prints them."""
    screen = Screen(chromium, desk, address)

    sizes = transferred(screen.page, "/desk/orders/home")

    assert len(sizes) >= 6  # the page, its four files, and the section of payments
    assert 5_000 < sum(sizes) < 60_000, sizes
    screen.context.close()
    assert screen.wrong == []


def test_a_module_that_is_away_leaves_a_section_that_says_so(chromium: Any, desk: Desk, address: str) -> None:
    screen = Screen(chromium, desk, address)
    screen.page.route("**/desk/payments/**", lambda route: route.abort())

    screen.page.goto(f"/desk/orders/{desk.paid}")
    screen.page.wait_for_selector("text=payments does not answer just now")
    screen.page.unroute("**/desk/payments/**")
    screen.page.click("text=Ask again")

    screen.page.wait_for_selector("text=captured")
    screen.context.close()


def test_add_a_promotion_make_codes_and_end_it(screen: Screen, desk: Desk, request: pytest.FixtureRequest) -> None:
    page, id = screen.page, f"b{'without' in request.node.name:d}"
    page.goto("/desk/orders/promotions")
    page.click("summary:text-is('Add a promotion')")
    for name, text in {"id": id, "name": "In a browser", "percent": "12.5", "reason": "a test"}.items():
        page.fill(f"[name={name}]", text)
    page.check("[name=active]")
    page.click("button:text-is('Add a promotion')")
    assert "The promotion was added." in page.text_content("main")

    page.goto(f"/desk/orders/promotions/{id}")
    page.click("a:text-is('Codes')")
    page.click("summary:text-is('Make codes')")
    page.fill("[name=count]", "2")
    page.fill("[name=reason]", "letters")
    page.click("button:text-is('Make codes')")
    assert page.locator("tbody th").count() == 2

    page.goto(f"/desk/orders/promotions/{id}")
    page.click("summary:text-is('End it now')")
    page.fill("details [name=reason]", "it is over")
    page.click("button:text-is('End it now')")
    shown: Any = desk.shop.as_staff().get(f"/promotions/{id}").json
    assert (shown["ppm"], shown["active"]) == (125_000, False)


def test_search_for_an_order_by_its_address(screen: Screen, desk: Desk, request: pytest.FixtureRequest) -> None:
    """The address is in no address of a page; a module that is away leaves a section that says so."""
    page, urls = screen.page, list[str]()
    page.on("request", lambda sent: urls.append(sent.url))
    page.goto("/desk/catalog")
    page.fill("#find", "mug")
    page.click("form.search button")
    if "without" in request.node.name:
        page.click("text=Search products on a page of their own")

    page.click("main a:has-text('Mug')")
    assert "/desk/catalog/products/" in page.url
    page.fill("#find", "nobody@example.com")
    page.press("#find", "Enter")
    if "without" in request.node.name:
        page.click("text=Search orders on a page of their own")
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
