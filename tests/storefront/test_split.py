"""The shop window where each module runs by itself, behind the gateway: it waits for what is away."""

from pathlib import Path
from typing import Any

import pytest

from tests.storefront.steps import Buyer
from tests.topologies import live_shop

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_purchase_waits_for_payments_and_the_window_stays_without_orders(tmp_path: Path, chromium: Any) -> None:
    with live_shop(tmp_path, split=True) as shop:
        live = shop.live
        for module in ("catalog", "users"):
            live.runs(module, "demo", "load")
        shop.settle()
        context = chromium.new_context(base_url=live.url, locale="en-DE")
        buyer = Buyer(context.new_page(), "ada@example.com")
        buyer.watch.expected = ["503"]
        page = buyer.page

        live.kill("payments")
        buyer.puts_in_cart()
        page.goto("/checkout")
        buyer.registers()
        page.locator(".checkout").wait_for()
        buyer.orders()
        page.get_by_text("The shop does not answer.").wait_for()
        live.start("payments")
        buyer.pays()
        buyer.sees_paid()

        page.goto("/product/enamel-mug-blue")
        live.kill("orders")
        page.goto("/product/enamel-mug-blue")
        page.get_by_role("heading", name="Enamel mug, blue").wait_for()
        assert buyer.watch.complaints() == []
        context.close()
