"""What `price` takes for a basket of 20 lines, without promotions and with three: `python -m bench.pricing`."""

import time
from collections.abc import Callable

from app.modules.orders.domain.carts.basket import RequestedItem
from app.modules.orders.domain.carts.price import price
from app.modules.orders.domain.promotions.candidate import NO_PROMOTIONS
from app.modules.orders.domain.promotions.promotion import Kind
from tests.orders.promoting import PERCENT, candidates, offer, promotion, skus

LINES, TIMES, BLOCKS = 20, 100, 50


def pricing() -> dict[str, float]:
    """Microseconds of one call, the fastest block of each."""
    offers = {f"SKU-{n:02}": offer(f"SKU-{n:02}", 1000 + 37 * n) for n in range(LINES)}
    basket = {sku: RequestedItem(3) for sku in offers}
    three = candidates(
        promotion(Kind.PERCENT, "ten", ppm=10 * PERCENT, target=skus(*list(offers)[:5])),
        promotion(Kind.FIXED_ONCE, "once", value={"EUR": 1000}),
        promotion(Kind.BUY_GET, "third", buy_quantity=2, get_quantity=1, ppm=100 * PERCENT),
    )
    return {
        "price() of 20 lines": _microseconds(lambda: price(basket, offers, promotions=NO_PROMOTIONS)),
        "price() of 20 lines with three promotions": _microseconds(lambda: price(basket, offers, promotions=three)),
    }


def _microseconds(call: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(BLOCKS):
        start = time.perf_counter()
        for _ in range(TIMES):
            call()
        best = min(best, (time.perf_counter() - start) / TIMES)
    return best * 1e6


def show_pricing(figures: dict[str, float]) -> None:
    print()
    for name, figure in figures.items():
        print(f"{name:<44}{figure:>8.0f} µs")


if __name__ == "__main__":
    show_pricing(pricing())
