"""Someone at the desk, at a browser."""

from typing import Any

import pytest

from tests.chromium import Watch
from tests.desk.steps import ROLES, Desk

WAYS = ("embedded", "without script", "split")


def in_ci(*ways: str) -> Any:
    """A journey in these ways; in the other ways it is a repeat, which `make test-all` runs."""
    params = [pytest.param(way, id=way, marks=() if way in ways else pytest.mark.thorough) for way in WAYS]
    return pytest.mark.parametrize("screen", params, indirect=True)


class Screen:
    """A page of the desk in a browser of its own, signed in as staff or with another role."""

    def __init__(
        self, chromium: Any, desk: Desk, address: str, role: str | None = "staff", has_script: bool = True, **looks: Any
    ) -> None:
        self.desk, self.address, self.has_script = desk, address, has_script
        self.context = chromium.new_context(base_url=address, java_script_enabled=has_script, **looks)
        if role:
            self.is_a(role)
        self.page = self.context.new_page()
        self.watch = Watch(self.page)

    def is_a(self, role: str) -> None:
        """Sign in by the cookie alone."""
        token = self.desk.shop.token(ROLES[role], role)
        self.context.add_cookies([{"name": "desk_token", "value": token, "url": f"{self.address}/desk"}])

    def opens(self, act: str) -> Any:
        """Open the form behind a button; returns it."""
        self.page.click(f"summary:has-text('{act}')")
        return self.page.locator(f"details.act[open]:has(summary:has-text('{act}'))")

    def sends(self, act: str, button: str = "", **fields: str) -> None:
        """Fill in the form behind a button, and send it."""
        form = self.opens(act)
        for name, text in fields.items():
            form.locator(f"[name={name}]").fill(text)
        form.locator(f"button:text-is('{button or act}')").click()

    def shows(self, sentence: str) -> None:
        """The page says that it was done, or why not."""
        self.page.locator("main .says", has_text=sentence).wait_for()

    def part(self, title: str, seen: str) -> None:
        """The part of the page that another module answers; without script it is a page of its own."""
        if not self.has_script:
            self.page.click(f"text=Open {title} on its own page")
        self.page.locator("main", has_text=seen).wait_for()
