"""From one shop of all modules to each by itself, and back, while customers buy: no request is lost."""

from pathlib import Path

import pytest

from tests.chaos.load import PRICE, all_are_paid, buying
from tests.gateway import points_at
from tests.journeys.steps import stocks
from tests.topologies import both_ways

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]


def test_the_shop_is_split_and_joined_while_customers_buy(tmp_path: Path, sandbox: str) -> None:
    with both_ways(tmp_path, sandbox) as shop:
        live, apart = shop.live, ("catalog", "orders", "payments", "users")
        live.start("whole")
        stocks(shop, "MUG", PRICE, on_hand=100_000)

        with buying(shop, "MUG", pause=0.1) as load:
            load.goes_on(40)
            live.start(*apart)
            points_at(live.folder, {name: live.ports[name] for name in apart})
            live.stop("whole")
            load.goes_on(40)
            live.start("whole")
            points_at(live.folder, dict.fromkeys(apart, live.ports["whole"]))
            live.stop(*apart)
            load.goes_on(40)

        assert set(load.answers) == {201}, load.answers
        all_are_paid(shop, load)
