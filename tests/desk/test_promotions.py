"""Promotions at the desk: added, changed and ended, their codes, and what one would give."""

from typing import Any

import pytest

from app.kernel.errors import Invalid
from app.modules.orders.desk.percentages import percent_text, ppm_of
from app.modules.orders.desk.promotions.texts import (
    amounts_of,
    amounts_text,
    countries_of,
    target_of,
    target_text,
)
from app.modules.orders.domain.promotions.promotion import Target
from tests.desk.steps import Desk, Page, text_of
from tests.desk.test_forms import trail_of

ALL = "/desk/orders/promotions"
NEW = {"kind": "percent", "starts_at": "2026-01-01", "percent": "25", "active": "on", "reason": "a season"}


def promotion(desk: Desk, id: str) -> Any:
    return desk.shop.as_staff().get(f"/promotions/{id}").json


def test_a_promotion_is_added_with_all_that_the_api_knows(desk: Desk) -> None:
    staff = desk.browser("staff")
    more = {
        "id": "all-of-it",
        "name": "Two for one",
        "kind": "buy_get",
        "percent": "12.5",
        "target": "category mugs\nsku MUG",
        "buy": "sku MUG",
        "buy_quantity": "1",
        "get_quantity": "2",
        "min_items": "EUR 10.00\nJPY 1000",
        "max_discount": "JPY 500\nEUR 5",
        "ship_to": "DE, at",
        "first_order": "on",
        "total_limit": "10",
        "per_customer_limit": "1",
        "ends_at": "2027-01-01T00:30:00+01:00",
        "combines": "alone",
    }

    added = staff.sends(ALL, ALL, **{**NEW, **more})
    found = promotion(desk, "all-of-it")

    assert added.status_code == 303, text_of(added.text)
    assert (found["kind"], found["ppm"], found["combines"], found["automatic"]) == ("buy_get", 125_000, "alone", False)
    assert found["target"] == {"skus": ["MUG"], "products": [], "categories": ["mugs"]}
    assert found["min_items"] == [{"amount": 1000, "currency": "EUR"}, {"amount": 1000, "currency": "JPY"}]
    assert (found["starts_at"], found["ends_at"]) == ("2026-01-01T00:00:00Z", "2026-12-31T23:30:00Z")
    assert (found["ship_to"], found["first_order"], found["total_limit"]) == (["AT", "DE"], True, 10)
    assert ("add promotion", "all-of-it", "a season") in trail_of(desk, "orders")

    one = f"{ALL}/all-of-it"
    same = staff.sends(one, one, reason="nothing to change")
    assert same.status_code == 303
    assert promotion(desk, "all-of-it") == found


def test_a_promotion_is_changed_and_ended_by_the_version_that_was_seen(desk: Desk) -> None:
    staff, one = desk.browser("staff"), f"{ALL}/changing"
    staff.sends(ALL, ALL, **NEW, id="changing", name="Less")
    seen = staff.page(one).form(one)

    changed = staff.sends(one, one, percent="30", reason="more")
    stale = staff.post(one, seen | {"percent": "40", "reason": "even more"})
    refused = staff.sends(one, one, percent="0", reason="none")
    ended = staff.sends(one, f"{one}/end", reason="it is over")

    assert [each.status_code for each in (changed, stale, refused, ended)] == [303, 412, 422, 303]
    assert Page(stale.text).form(one)["percent"] == "40"
    assert (promotion(desk, "changing")["ppm"], promotion(desk, "changing")["active"]) == (300_000, False)
    assert f"{one}/end" not in [form.attrs.get("action") for form, _ in staff.page(one).forms]
    assert ("change promotion", "changing", "it is over") in trail_of(desk, "orders")


def test_codes_are_made_once_or_brought_along(desk: Desk) -> None:
    staff, page = desk.browser("staff"), f"{ALL}/codes/coupons"
    staff.sends(ALL, ALL, **NEW, id="codes", name="By code")
    form = staff.page(page).form(page) | {"count": "3", "use_limit": "1", "reason": "letters"}

    made = [staff.post(page, form) for _ in range(2)]
    own = staff.sends(page, page, codes="summer-26\nAUTUMN26", reason="posters")
    again = staff.sends(page, page, codes="SUMMER26", reason="posters")
    both = staff.sends(page, page, count="1", codes="WINTER26", reason="posters")
    neither = staff.sends(page, page, reason="posters")

    found: Any = desk.shop.as_staff().get("/promotions/codes/coupons").json
    assert [each.status_code for each in made] == [303, 303]
    assert [each.status_code for each in (own, again, both, neither)] == [303, 409, 422, 422]
    assert len(found["items"]) == 5
    assert all(each["code"] in staff.get(page).text for each in found["items"])


def test_one_code_is_switched_off_and_on(desk: Desk) -> None:
    staff, page = desk.browser("staff"), f"{ALL}/posters/coupons"
    staff.sends(ALL, ALL, **NEW, id="posters", name="Posters")
    staff.sends(page, page, codes="POSTER1\nPOSTER2", reason="posters")

    def states() -> dict[str, bool]:
        found: Any = desk.shop.as_staff().get("/promotions/posters/coupons").json
        return {each["code"]: each["active"] for each in found["items"]}

    without_reason = staff.sends(page, f"{page}/POSTER1/off", reason="")
    off = staff.sends(page, f"{page}/POSTER1/off", reason="it was photographed")
    shown = [form.attrs.get("action") for form, _ in staff.page(page).forms]

    assert [each.status_code for each in (without_reason, off)] == [422, 303]
    assert states() == {"POSTER1": False, "POSTER2": True}
    assert f"{page}/POSTER1/on" in shown and f"{page}/POSTER2/off" in shown and f"{page}/POSTER1/off" not in shown
    assert ("switch coupon off", "posters POSTER1", "it was photographed") in trail_of(desk, "orders")
    assert staff.sends(page, f"{page}/POSTER1/on", reason="it is allowed").status_code == 303
    assert states() == {"POSTER1": True, "POSTER2": True}


def test_trying_says_what_it_gives_or_why_not(desk: Desk) -> None:
    staff, page = desk.browser("staff"), f"{ALL}/mugs/try"

    gives = text_of(staff.get(f"{page}?items=MUG+2").text)
    too_early = text_of(staff.get(f"{page}?items=MUG+2&at=2020-01-01").text)
    unknown = text_of(staff.get(f"{page}?items=NOTHING+2").text)
    unread = staff.get(f"{page}?items=MUG")

    assert "−4.50" in gives.replace("\xa0", " ")
    assert "It gives nothing: not yet." in too_early
    assert "we do not sell NOTHING" in unknown
    assert "line 1: write MUG 2" in text_of(unread.text)
    assert Page(unread.text).wrong == []


def test_lists_that_people_type_read_as_they_were() -> None:
    target = Target(skus=frozenset({"A B", "MUG"}), categories=frozenset({"mugs"}))
    amounts = {"EUR": 1050, "JPY": 7, "KWD": 1005}

    assert target_of(target_text(target)) == target
    assert amounts_of(amounts_text(amounts)) == amounts
    assert [ppm_of(percent_text(each)) for each in (1, 125_000, 333_333, 1_000_000)] == [1, 125_000, 333_333, 1_000_000]
    assert countries_of(" de;AT at ") == ("AT", "DE")


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (ppm_of, "101"),
        (ppm_of, "٣"),
        (ppm_of, "-1"),
        (ppm_of, "1e2"),
        (ppm_of, "12.34567"),
        (amounts_of, "EUR 1\nEUR 2"),
        (amounts_of, "EUR 0"),
        (amounts_of, "EUR 999999999999"),
        (amounts_of, "EUR\n" * 51),
        (target_of, "sku ../x"),
        (target_of, "product 1"),
        (target_of, "MUG"),
        (target_of, "sku"),
        (target_of, "sku MUG\n" * 501),
        (countries_of, "XX"),
    ],
)
def test_what_cannot_be_read_is_refused(read: Any, text: str) -> None:
    with pytest.raises(Invalid):
        read(text)


def test_the_fields_of_a_promotion_stand_in_groups(desk: Desk) -> None:
    page = desk.browser("staff").page("/desk/orders/promotions/mugs")
    long = [form for form, _ in page.forms if form.attrs.get("class") == "stack wide"]

    assert [each.attrs["action"] for each in long] == ["/desk/orders/promotions/mugs"]
    assert [each.text for each in page.all("legend")] == [
        "What it is called, and when it is in force",
        "What it takes off",
        "For which orders",
        "How often, and beside which others",
    ]
