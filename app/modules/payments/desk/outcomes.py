"""The last two weeks of payments, by what has become of them; the home of the desk shows it as well."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from app.desk.charts import Bars, stacked
from app.desk.pages import Pages, render
from app.desk.shown import day, words
from app.kernel import clock
from app.modules.payments.domain.outcomes import DayOfPayments, Outcome

DAYS = 14
KINDS = {Outcome.PAID: "good", Outcome.OPEN: "wait", Outcome.NOT_PAID: "bad"}  # how each is drawn
NONE = dict.fromkeys(Outcome, 0)


def add_outcomes(pages: Pages, outcomes: Callable[[datetime, datetime], Sequence[DayOfPayments]]) -> None:
    pages.page("", "outcomes", partial(outcomes_page, outcomes))


def outcomes_page(outcomes: Callable[[datetime, datetime], Sequence[DayOfPayments]]) -> str:
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    found = {each.day: each.counts for each in outcomes(midnight - timedelta(days=DAYS - 1), midnight)}
    days = [midnight.date() - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    rows = [(day, found.get(day, NONE)) for day in days]
    return render("payments/outcomes.html", chart=_chart(rows), rows=rows, kinds=KINDS, totals=_totals(rows))


def _chart(rows: Sequence[tuple[date, dict[Outcome, int]]]) -> Bars:
    columns = [
        (
            day(at) if at.day % 2 else "",
            [(KINDS[each], f"{day(at)}: {counts[each]} {words(each)}", counts[each]) for each in Outcome],
        )
        for at, counts in rows
    ]
    return stacked(columns, str(max(sum(counts.values()) for _, counts in rows)))


def _totals(rows: Sequence[tuple[date, dict[Outcome, int]]]) -> dict[Outcome, int]:
    return {each: sum(counts[each] for _, counts in rows) for each in Outcome}
