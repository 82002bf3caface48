"""Every route that changes something, with a competing request between any two of its statements, on PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.architecture.test_access import routes
from tests.races import (
    catalog,
    listings,
    operations,
    orders,
    payments,
    promotions,
    shipments,
    shipping,
    tax,
    unit_refunds,
    users,
)
from tests.races.rivals import MEETINGS, Meeting, run
from tests.shop import Shop

assert all(
    (catalog, listings, operations, orders, payments, promotions, shipments, shipping, tax, unit_refunds, users)
), "importing each registers its races"


def test_every_route_that_changes_something_has_a_race(racing: Shop) -> None:
    changing = {f"{method} {rule}" for method, rule in routes(racing) if method != "GET"}
    raced = {route: [each.name for each in MEETINGS if route in each.routes] for route in sorted(changing)}

    for route, names in raced.items():
        print(f"{route}: {', '.join(names)}")
    assert [route for route, names in raced.items() if not names] == []
    assert {route for each in MEETINGS for route in each.routes} == changing


@pytest.mark.parametrize("meeting", MEETINGS, ids=lambda meeting: meeting.name)
def test_whenever_the_rival_comes_the_outcome_is_one_of_those_allowed(
    racing: Shop, numbers: Iterator[int], meeting: Meeting
) -> None:
    assert run(racing, meeting, numbers) > 1, "it came at no place at all"
