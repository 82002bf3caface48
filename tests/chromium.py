"""Debian's Chromium, driven by Playwright, and what a page complains about."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

REQUIRED = os.environ.get("REQUIRE_SERVERS") == "1"
PROGRAMS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
)  # the first has no window, and needs half the CPU
MISSING = "Chromium is not installed: apt-get install chromium-headless-shell"
LONG = 150_000  # milliseconds: the machine may be busy
WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


def installed() -> str | None:
    """The path of the Chromium of this machine."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def browsing() -> Iterator[Any]:
    """A browser; without one, the end of the program, with what to install."""
    program = installed() or sys.exit(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for the tests of a file; each person has a context of their own in it."""
    if not REQUIRED and installed() is None:
        pytest.skip(MISSING)
    with browsing() as browser:
        yield browser


class Watch:
    """Everything that must not happen on a page: violations of the policy, errors of scripts, failed loads.

    `expected`: parts of messages that the journey itself causes.
    """

    def __init__(self, page: Any) -> None:
        self.expected = list[str]()
        self._messages = list[str]()
        page.set_default_timeout(LONG)
        page.on("console", lambda message: self._messages.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self._messages.append(f"pageerror: {error}"))
        page.on("response", self._answered)

    def complaints(self) -> list[str]:
        return [each for each in self._messages if not any(part in each for part in self.expected)]

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self._messages.append(f"answered with {response.status}: {response.url}")


def violations(page: Any) -> list[tuple[str, str]]:
    """What axe finds, as pairs of its rule and the first element. The context must let its script in (bypass_csp)."""
    from axe_playwright_python.sync_playwright import Axe

    return [(each["id"], each["nodes"][0]["html"][:300]) for each in Axe().run(page).response["violations"]]
