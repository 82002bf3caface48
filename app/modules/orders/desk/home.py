"""The home of the desk: today's orders and money, and what waits for someone."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from flask import redirect
from flask.typing import ResponseReturnValue

from app.desk.charts import Bars, bars
from app.desk.pages import Pages, render
from app.desk.shown import day, money
from app.kernel import clock
from app.kernel.money import Money
from app.modules.orders.domain.orders.overview import MAX_COUNT, Overview, Placed

DAYS = 14


def add_home(pages: Pages, overview: Callable[[datetime, datetime], Overview]) -> None:
    pages.record_once(lambda state: state.app.add_url_rule("/desk", "desk_orders.start", start))
    pages.page("/home", "home", partial(home_page, overview))


def start() -> ResponseReturnValue:
    return redirect("/desk/orders/home", 303)


def home_page(overview: Callable[[datetime, datetime], Overview]) -> str:
    now = clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = overview(midnight - timedelta(days=DAYS - 1), now)
    today = [each for each in found.hours if each.hour >= midnight]
    yesterday = [each for each in found.hours if midnight - timedelta(days=1) <= each.hour < midnight]
    main = _main_currency(found.hours)
    return render(
        "orders/home.html",
        now=now,
        count=sum(each.orders for each in today),
        cancelled=sum(each.cancelled for each in today),
        count_before=sum(each.orders for each in yesterday),
        totals=_totals(today),
        totals_before=_totals(yesterday),
        waiting=found.waiting,
        max_count=MAX_COUNT,
        by_hour=_by_hour(found.hours, now),
        by_day=_by_day(found.hours, midnight, main) if main else None,
        currency=main,
    )


def _totals(placed: Sequence[Placed]) -> list[Money]:
    """The sum for each currency, the largest first."""
    sums: dict[str, int] = defaultdict(int)
    for each in placed:
        sums[each.total.currency] += each.total.amount
    return [Money(amount, currency) for currency, amount in sorted(sums.items(), key=lambda each: -each[1])]


def _main_currency(placed: Sequence[Placed]) -> str | None:
    totals = _totals(placed)
    return totals[0].currency if totals else None


def _by_hour(placed: Sequence[Placed], now: datetime) -> Bars:
    last = now.replace(minute=0, second=0, microsecond=0)
    counts: dict[datetime, int] = defaultdict(int)
    for each in placed:
        counts[each.hour] += each.orders
    hours = [last - timedelta(hours=back) for back in range(23, -1, -1)]
    values = [
        (f"{hour:%H}" if hour.hour % 3 == 0 else "", f"{hour:%H}:00 UTC: {counts[hour]}", counts[hour])
        for hour in hours
    ]
    return bars(values, str(max(value for _, _, value in values)))


def _by_day(placed: Sequence[Placed], midnight: datetime, currency: str) -> Bars:
    sums: dict[datetime, int] = defaultdict(int)
    for each in placed:
        if each.total.currency == currency:
            sums[each.hour.replace(hour=0)] += each.total.amount
    days = [midnight - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    shown = {each: money(Money(sums[each], currency)) for each in days}
    values = [(day(each) if each.day % 2 else "", f"{day(each)}: {shown[each]}", sums[each]) for each in days]
    return bars(values, money(Money(max(sums[each] for each in days), currency)))
