"""Steps of the tests of orders whose money is taken when they are dispatched."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.bus.contracts import payments
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.modules.orders.module import orders
from app.modules.orders.schedules import sweep_holds
from tests.orders.steps import later, paid_by, places, receives
from tests.shop import Caller, Shop

HOLD = timedelta(days=7)


@contextmanager
def holding_shop(folder: Path, at_hold_end: str = "cancel") -> Iterator[Shop]:
    """A shop with the orders module only that takes money at dispatch."""
    shop = Shop(folder, orders, CAPTURE="shipment", AT_HOLD_END=at_hold_end)
    yield shop
    shop.close()


def authorized(order_id: str, ends: datetime | None) -> payments.PaymentAuthorized:
    about = paid_by(amount=1800, currency="EUR", capture_before=rfc3339(ends) if ends else "")
    return payments.PaymentAuthorized(order_id=order_id, **about)


def held(shop: Shop, customer: Caller, hold: timedelta | None = HOLD) -> str:
    """Place an order and authorize its payment; returns its id. `hold` None: it is not reported how long it lasts."""
    order_id = places(shop, customer)
    receives(shop, order_id, "stock_reserved")
    shop.receives(authorized(order_id, clock.now() + hold if hold else None))
    return order_id


def sweeps_holds(shop: Shop, after: timedelta) -> int:
    """Run the sweep of holds as it would run this long from now."""
    return sweep_holds(lambda: later(shop, after), lambda: later(shop, after))


def requests(shop: Shop, event: type[Any], order_id: str) -> list[Any]:
    """The events of this type about an order."""
    return [each for each in shop.published(event) if each.order_id == order_id]
