"""A purchase in the window and what staff do with it on the desk, step by step; each step ends on a page."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from app.modules.users.use_cases.accounts.open_demo_accounts import PASSWORD
from tests.chromium import LONG, Watch
from tests.screenshots.demo_shop import DemoShop
from tests.storefront.steps import Buyer

EMAIL = "ada@example.com"


class Walk:
    """A buyer's page, a page at the desk, and the shop behind both."""

    def __init__(self, shop: DemoShop, window: Any, desk: Any) -> None:
        self.shop, self.buyer, self.desk = shop, Buyer(window, EMAIL), desk
        self.watches = self.buyer.watch, Watch(desk)
        self.order = ""  # the id of the order, once it is placed
        self.blocked = ""  # the id of an order whose events wait behind one that is parked

    def until(self, page: Any, selector: str) -> None:
        """Deliver events until the page shows what this selects."""
        end = time.monotonic() + LONG / 1000
        while not page.locator(selector).count():
            assert time.monotonic() < end, (selector, page.url, page.inner_text("main")[:1000])
            self.shop.settle()
            page.wait_for_timeout(50)


def opens_the_window(walk: Walk) -> Any:
    """The shop window"""
    walk.buyer.page.goto("/")
    walk.buyer.page.locator(".grid a").first.wait_for()
    return walk.buyer.page


def looks_at_a_product(walk: Walk) -> Any:
    """A product, in the cart"""
    walk.buyer.puts_in_cart("porcelain-mug-mustard")
    return walk.buyer.page


def checks_out(walk: Walk) -> Any:
    """The checkout on one page"""
    page = walk.buyer.page
    page.goto("/cart")
    page.get_by_label("Quantity").fill("2")
    page.get_by_label("Quantity").blur()
    page.get_by_role("link", name="To the checkout").click()
    walk.buyer.registers()
    walk.until(page, ".checkout")
    walk.buyer.gives_address()
    page.locator("button:enabled:text-is('Order and pay')").wait_for()
    return page


def buys(walk: Walk) -> Any:
    """Paid: the page moves by itself, and the strip shows what each module did"""
    page = walk.buyer.page
    walk.buyer.orders()
    walk.until(page, "[data-card]")
    walk.order = page.url.rsplit("/", 1)[1]
    walk.buyer.pays()
    walk.until(page, "[data-status=paid]")
    walk.until(page, ".events :text('payment captured')")
    return page


def signs_in_at_the_desk(walk: Walk) -> Any:
    """The desk: today, and what waits for someone"""
    walk.desk.goto("/desk")
    walk.desk.fill("[name=email]", "staff@quartet.example")
    walk.desk.fill("[name=password]", PASSWORD)
    walk.shop.settle()
    walk.desk.click("button.main")
    walk.until(walk.desk, "h1:text('Today')")
    return walk.desk


def finds_the_order(walk: Walk) -> Any:
    """The order, with its way through the four modules"""
    walk.desk.fill("input[type=search]", EMAIL)
    walk.desk.click("form.search button")
    walk.desk.click(f"a[href='/desk/orders/{walk.order}']")
    walk.desk.get_by_text("Refund up to").wait_for()
    return walk.desk


def packs(walk: Walk) -> Any:
    """Packed"""
    walk.shop.clock.moves(minutes=12)
    walk.desk.click("button:text-is('Pack')")
    walk.desk.get_by_text("Packed.").wait_for()
    walk.shop.settle()
    return walk.desk


def dispatches(walk: Walk) -> Any:
    """Dispatched, with its tracking number"""
    walk.shop.clock.moves(minutes=3)
    walk.desk.click("summary:text-is('Dispatch')")
    walk.desk.fill("[name=carrier]", "DHL")
    walk.desk.fill("[name=tracking_number]", "0034 0434 1616 0940")
    walk.desk.click("button:text-is('Dispatch')")
    walk.desk.get_by_text("Dispatched.").wait_for()
    walk.shop.settle()
    return walk.desk


def refunds_one_unit(walk: Walk) -> Any:
    """One of two mugs refunded"""
    walk.shop.clock.moves(hours=3)
    walk.desk.click("summary:text-is('Refund units')")
    walk.desk.fill("details[open] input[type=number] >> nth=0", "1")
    walk.desk.fill("details[open] [name=reason]", "one of them arrived broken")
    walk.desk.click("details[open] button:text-is('Refund units')")
    walk.desk.get_by_text("The refund was requested").wait_for()
    walk.shop.settle()
    walk.desk.goto(f"/desk/orders/{walk.order}")
    walk.desk.get_by_text("units of the order").wait_for()
    return walk.desk


def finds_a_parked_event(walk: Walk) -> Any:
    """Health: orders cannot consume an event"""
    walk.blocked = walk.shop.buys(1, poisoned=True)
    walk.desk.goto("/desk/orders/health")
    walk.desk.locator("svg[role=img]").nth(3).wait_for()
    walk.desk.get_by_text("parked events of").wait_for()
    return walk.desk


def sees_why(walk: Walk) -> Any:
    """The parked event: why, and what waits behind it"""
    walk.desk.click("a:has-text('parked events of')")
    walk.desk.click("a:text-is('an example')")
    walk.desk.get_by_role("heading", name="Why it was parked").wait_for()
    return walk.desk


def mends_it(walk: Walk) -> Any:
    """Discarded: the order that waited behind it is paid"""
    walk.desk.click("summary:text-is('Discard it for good')")
    walk.desk.fill("details[open] [name=reason]", "it was inserted by SQL")
    walk.desk.click("details[open] button:text-is('Discard it for good')")
    walk.desk.wait_for_load_state()
    walk.shop.drains()
    walk.desk.goto(f"/desk/orders/{walk.blocked}")
    walk.until(walk.desk, ".top .tag:text-is('paid')")
    return walk.desk


STEPS: Sequence[tuple[str, Callable[[Walk], Any]]] = (
    ("window", opens_the_window),
    ("product", looks_at_a_product),
    ("checkout", checks_out),
    ("paid", buys),
    ("desk", signs_in_at_the_desk),
    ("order", finds_the_order),
    ("packed", packs),
    ("dispatched", dispatches),
    ("refunded", refunds_one_unit),
    ("health", finds_a_parked_event),
    ("parked", sees_why),
    ("mended", mends_it),
)
