"""Switching from all modules in one process to one process per module, and back, under load: no request is lost."""

from pathlib import Path

import pytest

from tests.chaos.load import PRICE, all_are_paid, buying
from tests.gateway import points_at
from tests.journeys.steps import stocks
from tests.topologies import both_ways

pytestmark = pytest.mark.alone


@pytest.mark.parametrize(("orders", "pause"), [(10, 0.5), pytest.param(40, 0.1, marks=pytest.mark.thorough)])
def test_the_shop_is_split_and_joined_while_customers_buy(
    tmp_path: Path, sandbox: str, orders: int, pause: float
) -> None:
    with both_ways(tmp_path, sandbox) as shop:
        live, apart = shop.live, ("catalog", "orders", "payments", "users")
        live.start("whole")
        stocks(shop, "MUG", PRICE, on_hand=100_000)

        with buying(shop, "MUG", pause=pause) as load:
            load.goes_on(orders)
            live.start(*apart)
            points_at(live.folder, {name: live.ports[name] for name in apart})
            live.stop("whole")
            load.goes_on(orders)
            live.start("whole")
            points_at(live.folder, dict.fromkeys(apart, live.ports["whole"]))
            live.stop(*apart)
            load.goes_on(orders)

        assert set(load.answers) == {201}, load.answers
        all_are_paid(shop, load)
