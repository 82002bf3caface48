"""Addresses that others have made: links of newsletters, of thieves, and those that were cut; and amounts of money."""

import re
from urllib.parse import urlencode

import pytest

from app.kernel.money import CHARGES, Money
from tests.storefront.conftest import Running
from tests.storefront.steps import Buyer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("path", ["/search?q=kettle&", "/category/kitchen?", "/search?q=kettle&sort=price&"])
def test_a_link_may_have_parameters_of_others(buyer: Buyer, path: str) -> None:
    """The API refuses what it does not know, as a client that misspells a filter must learn it."""
    page = buyer.page

    buyer.opens_with_facets(f"{path}utm_source=newsletter&fbclid=IwAR0&gclid=x&q=&sort=")
    page.get_by_label("blue", exact=False).first.check()
    page.wait_for_url("**attr.colour=blue**")
    page.locator(".grid a").first.wait_for()

    assert "utm_source=newsletter" in page.url  # it stays for those who count visits


@pytest.mark.parametrize("path", ["/product/%E0%A4", "/category/%FF", "/orders/%FF"])
def test_an_address_that_was_cut_says_that_nothing_is_there(buyer: Buyer, path: str) -> None:
    buyer.page.goto("/account")
    buyer.registers()
    buyer.page.get_by_role("button", name="Sign out").wait_for()

    buyer.page.goto(path)

    buyer.page.get_by_role("heading", name="There is nothing here").wait_for()


@pytest.mark.parametrize(
    "after", ["/.//other.example/", "{here}//other.example/", "http://[", "//other.example", "/orders"]
)
def test_nobody_is_sent_to_another_shop(buyer: Buyer, running: Running, after: str) -> None:
    page = buyer.page
    buyer.watch.expected = ["404"]  # the shop has nothing there
    page.route("**://other.example/**", lambda route: route.fulfill(body="another shop"))
    page.goto(f"/account?{urlencode({'next': after.format(here=running.url)})}")
    buyer.registers()

    page.wait_for_url(lambda url: "next=" not in url)

    assert page.url.startswith(f"{running.url}/")


def test_amounts_have_the_decimals_that_the_shop_counts(buyer: Buyer) -> None:
    """Browsers write forints and rupiahs without any, so that prices would be a hundred times as high."""
    buyer.page.goto("/")
    script = "async (currency) => (await import('/storefront/-/js/format.js')).money({ amount: 1234567, currency })"

    shown = {code: re.sub(r"[^0-9.]", "", buyer.page.evaluate(script, code)) for code in sorted(CHARGES)}

    assert shown == {code: str(Money(1_234_567, code)).partition(" ")[0] for code in sorted(CHARGES)}
