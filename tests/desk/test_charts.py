"""The pictures of the desk: what is drawn, and that it can be read without them."""

import pytest

from app.bus.measure import measure_lag
from app.desk.charts import bars, stacked
from app.ops.desk.health import lag_chart
from app.ops.views import TopicLag
from tests.desk.steps import MUG, Desk, text_of
from tests.journeys.steps import pays, places


def test_parts_of_a_column_stand_on_each_other() -> None:
    chart = stacked(
        [("1", [("good", "one", 1), ("bad", "three", 3)]), ("2", [("good", "two", 2), ("bad", "none", 0)])], "4"
    )
    one, three, two, none = chart.bars

    assert (one.y + one.height, three.y + three.height) == (chart.base, one.y)
    assert (three.height, two.height, none.height) == (3 * one.height, 2 * one.height, 0)
    assert three.y == bars([("", "", 1)], "1").bars[0].y
    assert [each.label for each in chart.bars] == ["1", "", "2", ""]


def test_payments_by_outcome_as_a_picture_and_as_a_table(desk: Desk) -> None:
    """The shop of this file has one payment that is paid and one that is open."""
    cancelled = places(desk.shop, desk.alice, "MUG", 1, MUG)
    desk.alice.post(f"/orders/{cancelled}/cancel")
    declined = places(desk.shop, desk.alice, "MUG", 1, MUG)
    assert pays(desk.alice, declined, "pm_card_chargeDeclined").status_code == 402
    desk.shop.settle()

    page = desk.browser("staff").page("/desk/payments")
    (picture,) = page.all("svg")
    rows = text_of(desk.browser("staff").get("/desk/payments").text)

    assert picture.attrs["aria-label"].startswith("Payments by day: 1 paid, 2 open, 1 not paid")
    assert len([each for each in page.all("rect") if each.attrs["class"] == "bar bad"]) == 14
    assert "paid 1, open 2, not paid 1" in rows


def test_what_a_module_has_not_consumed_by_topic(desk: Desk) -> None:
    chart = lag_chart([TopicLag("orders", 12), TopicLag("users", 0)])

    assert chart is not None
    assert [(each.label, each.title) for each in chart.bars] == [("orders", "orders 12"), ("users", "users 0")]
    assert lag_chart(None) is None and lag_chart([]) is None
    page = desk.browser("staff").page("/desk/orders/health/state")
    assert any(each.attrs["aria-label"].startswith("Events to consume: ") for each in page.all("svg"))


def test_a_page_that_is_polled_does_not_ask_for_the_lag_that_was_just_measured(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport, asked = desk.shop.background.transport, list[float]()
    measure_lag(transport)
    monkeypatch.setattr(transport, "lag", lambda seconds: asked.append(seconds) or {})

    page = desk.browser("staff").page("/desk/orders/health/state")

    assert any(each.attrs["aria-label"].startswith("Events to consume: ") for each in page.all("svg"))
    assert asked == []
    assert desk.shop.as_staff().get("/ops/orders/bus").status_code == 200
    assert len(asked) == 1
