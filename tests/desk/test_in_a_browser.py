"""What is in no journey, in Chromium: a stranger, and a module that is away."""

from typing import Any

import pytest

from tests.desk.screens import Screen
from tests.desk.steps import Desk
from tests.journeys.steps import PASSWORD

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


def test_a_module_that_is_away_leaves_a_section_that_says_so(chromium: Any, desk: Desk, address: str) -> None:
    screen = Screen(chromium, desk, address)
    screen.page.route("**/desk/payments/**", lambda route: route.abort())

    screen.page.goto(f"/desk/orders/{desk.paid}")
    screen.page.wait_for_selector("text=payments does not answer just now")
    screen.page.unroute("**/desk/payments/**")
    screen.page.click("text=Ask again")

    screen.page.wait_for_selector("text=captured")
    screen.context.close()
