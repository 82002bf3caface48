"""Refund units from the page of an order: what was paid for them, once, and only what is left."""

import re
from uuid import UUID

from sqlalchemy import update

from app.modules.orders.infrastructure.tables import orders
from tests.desk.steps import Browser, Desk, order_of, text_of


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


def test_a_refunded_unit_is_on_no_list_of_what_is_to_be_packed(desk: Desk) -> None:
    order, staff = desk.buys(2), desk.browser("staff")
    staff.sends(
        f"/desk/orders/{order}", f"/desk/orders/{order}/refund-units", reason="a crack", **{"refunded:MUG": "1"}
    )

    assert f"{order_of(desk, order)['number']} " in text_of(staff.get("/desk/orders/to-pack").text)
    slip = text_of(staff.get(f"/desk/orders/packing-slips?order={order}").text)
    assert "1 of 1 MUG" in slip and "of 2" not in slip
    desk.shop.settle()


def test_what_is_captured_at_dispatch_is_to_be_packed_and_an_unpaid_order_is_not(desk: Desk) -> None:
    order, unpaid, staff = desk.buys(2), desk.unpaid, desk.browser("staff")
    counted = to_pack(staff)
    with desk.shop.modules["orders"].database.begin() as connection:  # as with CAPTURE=shipment
        held = update(orders).where(orders.c.id == UUID(order))
        connection.execute(held.values(status="confirmed", capture="later"))

    listed = text_of(staff.get("/desk/orders/to-pack").text)

    assert (order_of(desk, order)["number"] in listed, to_pack(staff)) == (True, counted)
    assert order_of(desk, unpaid)["number"] not in listed
    assert "Nothing of these orders is left to pack" in text_of(
        staff.get(f"/desk/orders/packing-slips?order={unpaid}").text
    )


def to_pack(staff: Browser) -> int:
    """The number on the home of the desk."""
    found = re.search(r"(\d+) *to be packed, and nothing of it has left", text_of(staff.get("/desk/orders/home").text))
    assert found
    return int(found[1])
