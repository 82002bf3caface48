"""Buy some units, get others for less: which units are discounted."""

from collections.abc import Sequence

from app.modules.orders.domain.promotions.promotion import Goods, Rule


def discounted_units(rule: Rule, goods: Sequence[Goods]) -> list[int]:
    """The number of discounted units of each line. As many sets as possible are formed, and a unit serves one of them.

    Of the units that a set may discount, the cheapest are taken, by their unit price.
    """
    buys, gets = rule.buy.among(goods), rule.target.among(goods)
    only_bought = only_got = either = 0
    for each, buy, get in zip(goods, buys, gets, strict=True):
        if buy and get:
            either += each.quantity
        elif buy:
            only_bought += each.quantity
        elif get:
            only_got += each.quantity
    sets = _sets(rule, only_bought, only_got, either)
    # Units that may be on either side are discounted only as far as enough of them are left to be bought.
    rest, spare = sets * rule.get_quantity, either - max(0, sets * rule.buy_quantity - only_bought)
    units = [0] * len(goods)
    for n in sorted((n for n, get in enumerate(gets) if get), key=lambda n: (goods[n].unit_price, n)):
        units[n] = min(goods[n].quantity, rest, spare if buys[n] else rest)
        rest -= units[n]
        spare -= units[n] if buys[n] else 0
    return units


def _sets(rule: Rule, only_bought: int, only_got: int, either: int) -> int:
    low, high = 0, (only_bought + only_got + either) // (rule.buy_quantity + rule.get_quantity)
    while low < high:
        middle = (low + high + 1) // 2
        lacking = max(0, middle * rule.buy_quantity - only_bought) + max(0, middle * rule.get_quantity - only_got)
        low, high = (middle, high) if lacking <= either else (low, middle - 1)
    return low
