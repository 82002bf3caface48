"""What waits to be packed: whatever the page offers can be printed at once."""

from urllib.parse import urlencode

import pytest

from app.modules.orders.desk.orders import packing
from tests.desk.steps import Desk, text_of


def test_all_that_the_page_offers_can_be_printed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    staff, limit = desk.browser("staff"), 2
    monkeypatch.setattr(packing, "PER_PAGE", limit)
    for _ in range(limit + 1):
        desk.buys(1)

    page = staff.page("/desk/orders/to-pack")
    chosen = [each.attrs["value"] for each in page.all("input") if each.attrs.get("name") == "order"]
    sheets = staff.get(f"/desk/orders/packing-slips?{urlencode({'order': chosen}, doseq=True)}")

    assert len(chosen) == limit and 2 * packing.PER_PAGE <= packing.MAX_SHEETS
    assert sheets.status_code == 200 and "2 of them" in text_of(sheets.text)
    assert "more wait behind these" in text_of(staff.get("/desk/orders/to-pack").text)
