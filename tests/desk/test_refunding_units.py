"""Refund units from the page of an order: what was paid for them, once, and only what is left."""

from tests.desk.steps import Desk, order_of, text_of


def test_refund_a_unit_from_the_page_of_the_order(desk: Desk) -> None:
    order, staff = desk.buys(2), desk.browser("staff")
    page, action = f"/desk/orders/{order}", f"/desk/orders/{order}/refund-units"
    form = staff.page(page).form(action) | {"refunded:MUG": "1", "reason": "a crack"}

    answers = [staff.post(action, form) for _ in range(2)]
    shown = text_of(staff.get(page).text)
    desk.shop.settle()

    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["Location"].startswith(f"{page}?done=The+refund+was+requested")
    assert "requested 1 × MUG : 9.00" in shown
    assert "made 1 × MUG : 9.00" in text_of(staff.get(page).text)
    assert order_of(desk, order)["refunded"] == {"amount": 900, "currency": "EUR"}
    assert [line["refunded"] for line in order_of(desk, order)["lines"]] == [1]
    assert staff.page(page).form(action)["refunded:MUG"] == "0"


def test_what_the_form_refuses(desk: Desk) -> None:
    order, staff = desk.buys(2), desk.browser("staff")
    page, action = f"/desk/orders/{order}", f"/desk/orders/{order}/refund-units"
    form = staff.page(page).form(action) | {"reason": "a crack"}

    too_many = staff.post(action, form | {"refunded:MUG": "3"})
    none = staff.post(action, form | {"refunded:MUG": "0"})
    without = staff.post(action, form | {"refunded:MUG": "1", "reason": ""})

    assert (too_many.status_code, none.status_code, without.status_code) == (409, 409, 422)
    assert "2 MUG is left to refund" in text_of(too_many.text)
    assert order_of(desk, order)["refunded"]["amount"] == 0


def test_an_order_without_money_has_no_such_form(desk: Desk) -> None:
    order, staff = desk.buys(1), desk.browser("staff")
    page = f"/desk/orders/{order}"
    staff.sends(page, f"{page}/cancel", reason="the customer rang")
    desk.shop.settle()

    assert "refund-units" not in staff.get(page).text
    assert staff.post(f"{page}/refund-units", {"key": "k", "refunded:MUG": "1", "reason": "x"}).status_code in {
        403,
        409,
        422,
    }
