"""SKUs that an address has to encode: their pages keep what was typed, also when the session is over."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.desk.steps import Desk, Page

SIGN_IN = "/desk/users/sign-in"
SKUS = ["A/B", "a b+c", "50%", "Größe 42", "M?#&L", "不锈钢", "100% A/B"]


@pytest.fixture(scope="module", params=SKUS)
def sku(request: pytest.FixtureRequest, desk: Desk) -> str:
    new = {"name": request.param, "variants": [{"sku": request.param, "price": {"amount": 900, "currency": "EUR"}}]}
    assert desk.shop.as_staff().post("/products", new).status_code == 201
    return str(request.param)


def test_a_refused_form_shows_what_was_typed(desk: Desk, sku: str) -> None:
    staff, encoded = desk.browser("staff"), quote(sku, safe="")
    action = f"/desk/catalog/correct/{encoded}"

    refused = staff.sends(f"/desk/catalog/stock/{encoded}", action, quantity="some", reason="a count")
    form = Page(refused.text).form(action)

    assert refused.status_code == 422
    assert (form["quantity"], form["reason"]) == ("some", "a count")
    assert "Write it as 3 or -2." in [each.text for each in Page(refused.text).all("span")]


def test_a_form_goes_on_when_the_session_is_over(desk: Desk, sku: str) -> None:
    browser = desk.browser(None)
    action = f"/desk/catalog/receive/{quote(sku, safe='')}"
    sent = {"quantity": "3", "reason": "a delivery", "key": "k1"}

    first = browser.post(action, sent)
    asked = browser.post(first.headers["Location"], sent)

    assert first.status_code == 307
    assert Page(asked.text).form(SIGN_IN)["next"] == action


def test_a_page_comes_back_when_the_session_was_renewed(desk: Desk, sku: str) -> None:
    here = f"/desk/catalog/stock/{quote(sku, safe='')}?a=1"

    first: Any = desk.browser(None).get(here)
    asked = desk.browser(None).get(first.headers["Location"])
    page = desk.browser(None).get(asked.headers["Location"])

    assert Page(page.text).form(SIGN_IN)["next"] == here


def test_the_next_page_of_its_ledger_has_an_address(desk: Desk, sku: str) -> None:
    staff, here = desk.browser("staff"), f"/desk/catalog/stock/{quote(sku, safe='')}"
    with desk.shop.modules["catalog"].transaction() as uow:
        for _ in range(51):
            uow.stock.receive(sku, 1, "test", "a delivery")

    [following] = [each for each in staff.page(here).links() if "cursor=" in each]
    page = staff.page(following)

    assert following.startswith(f"{here}?cursor=")
    assert here in page.links()  # the first page
