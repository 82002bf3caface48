"""A form that someone else was faster with, and one that is sent again after the browser's back button."""

from tests.desk.steps import Desk, Page, text_of


def test_a_form_that_came_too_late_shows_what_is_there_now_and_can_be_sent_again(desk: Desk) -> None:
    staff, page = desk.browser("staff"), f"/desk/catalog/products/{desk.product()}"
    seen = staff.page(page).form(page)
    other = staff.post(page, {**seen, "name": "A big mug", "key": "other"})
    late = staff.post(page, {**seen, "name": "A blue mug", "description": "Blue."})
    form = Page(late.text).form(page)
    again = staff.post(page, form)

    assert (other.status_code, late.status_code, again.status_code) == (303, 412, 303)
    assert (form["name"], form["description"]) == ("A blue mug", "Blue.")
    assert text_of(late.text).count("It says now:") == 2
    assert "It says now: A big mug" in text_of(late.text)
    assert Page(late.text).wrong == []
    assert staff.page(page).form(page)["name"] == "A blue mug"


def test_a_checkbox_that_someone_else_has_changed(desk: Desk) -> None:
    staff, page = desk.browser("staff"), f"/desk/catalog/products/{desk.product()}"
    seen = staff.page(page).form(page)
    off = {name: value for name, value in seen.items() if name != "on_sale"}
    other = staff.post(page, {**off, "key": "off"})
    late = staff.post(page, seen)
    back = staff.post(page, Page(late.text).form(page))

    assert (other.status_code, late.status_code, back.status_code) == (303, 412, 303)
    assert "It says now: no" in text_of(late.text)


def test_a_form_that_was_sent_before_can_be_sent_with_other_values(desk: Desk) -> None:
    staff, page, action = desk.browser("staff"), "/desk/catalog/stock/MUG", "/desk/catalog/receive/MUG"
    form = {**staff.page(page).form(action), "quantity": "3", "reason": "a delivery"}
    first = staff.post(action, form)
    back = staff.post(action, {**form, "quantity": "4"})
    shown = Page(back.text).form(action)
    again = staff.post(action, shown)

    assert (first.status_code, back.status_code, again.status_code) == (303, 422, 303)
    assert "this form was sent before, with other values" in text_of(back.text)
    assert shown["quantity"] == "4" and "Idempotency-Key" not in back.text
