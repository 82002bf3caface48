"""Addresses of the desk that no page leads to, on both databases: they are refused, or find nothing."""

import base64
import json
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from app.modules.catalog.module import catalog
from tests.catalog.steps import added
from tests.desk.steps import Browser
from tests.servers import fresh_databases
from tests.shop import SAM, Shop


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def staff(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    servers = fresh_databases("catalog") if request.param == "postgresql" else nullcontext({})
    with servers as variables:
        shop = Shop(tmp_path_factory.mktemp("desk"), catalog, DESK="on", **variables)
        added(shop, "Enamel mug", "MUG")
        shop.settle()
        client = shop.app.test_client()
        client.set_cookie("desk_token", shop.token(SAM, "staff"), path="/desk")
        yield Browser(client)
        shop.close()


@pytest.mark.parametrize("sku", ["%00", "M%00UG", "..", "%E2%80%AE", "x" * 5000, "", "%20"])
def test_the_stock_of_what_is_no_sku(staff: Browser, sku: str) -> None:
    answer = staff.get(f"/desk/catalog/stock-of?sku=MUG&sku={sku}")

    assert answer.status_code == 200
    assert "/desk/catalog/stock/MUG" in answer.text


@pytest.mark.parametrize("rank", [10**30, -(10**30), 2**63, -(2**53) - 1])
def test_a_forged_position_in_a_list_of_products(staff: Browser, rank: int) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps([rank, "x"]).encode()).decode().rstrip("=")

    assert staff.get(f"/desk/catalog?q=mug&cursor={cursor}").status_code == 422
