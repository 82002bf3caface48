"""The price of a basket: whole numbers that add up, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Invalid
from app.kernel.money import MAX_AMOUNT, Money
from app.modules.orders.domain.carts.basket import RequestedItem
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.domain.carts.price import price


def offer(sku: str, amount: int, currency: str = "EUR") -> Offer:
    return Offer(sku=sku, name=sku.title(), price=Money(amount, currency), on_sale=True, version=1)


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 10**6)), min_size=1, max_size=20))
def test_the_total_is_the_sum_of_its_lines(wanted: list[tuple[int, int]]) -> None:
    offers = {f"S{n}": offer(f"S{n}", amount) for n, (_, amount) in enumerate(wanted)}
    basket = {f"S{n}": RequestedItem(quantity) for n, (quantity, _) in enumerate(wanted)}

    priced = price(basket, offers)

    totals = priced.totals
    assert [line.sku for line in priced.lines] == sorted(basket)
    assert {(line.sku, line.quantity, line.unit_price) for line in priced.lines} == {
        (sku, item.quantity, offers[sku].price) for sku, item in basket.items()
    }
    assert totals.items.amount == sum(quantity * amount for quantity, amount in wanted)
    assert totals.total == totals.items + totals.shipping + totals.tax - totals.discount


@pytest.mark.parametrize(
    ("offers", "code"),
    [
        ([], "empty_order"),
        ([offer("A", 1), offer("B", 1, "USD")], "mixed_currencies"),
        ([offer("A", MAX_AMOUNT), offer("B", 1)], "total_too_large"),
    ],
)
def test_what_has_no_price_is_refused(offers: list[Offer], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        price({each.sku: RequestedItem(1) for each in offers}, {each.sku: each for each in offers})

    assert refused.value.code == code
