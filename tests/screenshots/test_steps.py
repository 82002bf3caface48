"""The pictures in docs/screenshots: each step of the program that takes them reaches its page, and none is missing."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.screenshots.demo_shop import demo_shop
from tests.screenshots.steps import STEPS, Walk

FOLDER = ROOT / "docs/screenshots"
MAX_BYTES = 100_000  # bytes
REACHED = {  # the end of the address, and what is to be read on the page
    "window": (r"/", "New in the shop"),
    "product": (r"/product/porcelain-mug-mustard", "View the cart"),
    "checkout": (r"/checkout", "Order and pay"),
    "paid": (r"/orders/[\w-]{36}", "payment captured"),
    "desk": (r"/desk/orders/home", "Waiting for someone"),
    "order": (r"/desk/orders/[\w-]{36}", "nothing has left"),
    "packed": (r"/desk/orders/[\w-]{36}\?done=.*", "Packed."),
    "dispatched": (r"/desk/orders/[\w-]{36}\?done=.*", "0034 0434 1616 0940"),
    "refunded": (r"/desk/orders/[\w-]{36}", "Refunded"),
    "health": (r"/desk/orders/health", "parked events of 1 key"),
    "parked": (r"/desk/orders/health/parked/\d+", "payments.payment_authorized.v1"),
    "mended": (r"/desk/orders/[\w-]{36}", "it was inserted by SQL"),
}


@pytest.mark.browser
@pytest.mark.slow
def test_each_step_reaches_its_page(tmp_path: Path, chromium: Any) -> None:
    with demo_shop(tmp_path, sold=(1,)) as (shop, url):
        window, desk = (chromium.new_context(base_url=url, locale="en-DE").new_page() for _ in range(2))
        walk = Walk(shop, window, desk)
        for name, step in STEPS:
            page = step(walk)
            address, text = REACHED[name]

            assert re.fullmatch(address, page.url.removeprefix(url)), (name, page.url)
            assert text in page.inner_text("body"), name
        assert [each.complaints() for each in walk.watches] == [[], []]
        for each in (window, desk):
            each.context.close()


def test_each_step_has_its_picture_which_is_small() -> None:
    pictures = {path.stem: path.read_bytes() for path in FOLDER.glob("*")}

    assert set(pictures) == {name for name, _ in STEPS} == set(REACHED)
    for name, content in pictures.items():
        assert content.startswith(b"\x89PNG"), name
        assert len(content) <= MAX_BYTES, name


def test_each_picture_is_shown_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {each for page in pages for each in re.findall(r"screenshots/(\w+)\.png", page.read_text(encoding="utf-8"))}

    assert shown == {name for name, _ in STEPS}
