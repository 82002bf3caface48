"""What staff do at the desk: the same use cases as those of the API, once for each form, with who and why."""

from typing import Any
from uuid import UUID

from app.kernel.money import Money
from tests.desk.steps import Desk, Page, order_of, shipments_of, text_of, trail_of
from tests.journeys.steps import places, signs_up


def test_pack_and_dispatch_a_part_then_the_rest(desk: Desk) -> None:
    order, staff = desk.buys(2), desk.browser("staff")
    page = f"/desk/orders/{order}"

    packed = staff.sends(page, f"{page}/pack", **{"unit:MUG": "1"})
    (shipment,) = shipments_of(desk, order)
    at = f"{page}/shipments/{shipment['id']}"
    sent = staff.sends(page, f"{at}/dispatch", carrier="DHL", tracking_number="0034")
    arrived = staff.sends(page, f"{at}/delivered")

    assert {each.status_code for each in (packed, sent, arrived)} == {303}
    assert packed.headers["Location"] == f"{page}?done=Packed."
    assert "Packed." in staff.get(packed.headers["Location"]).text
    assert shipments_of(desk, order)[0]["status"] == "delivered"
    assert order_of(desk, order)["fulfilment"] == "part"
    assert staff.page(page).form(f"{page}/pack")["unit:MUG"] == "1"


def test_a_form_that_is_sent_twice_has_one_effect(desk: Desk) -> None:
    order, staff = desk.buys(2), desk.browser("staff")
    page = f"/desk/orders/{order}"
    form = staff.page(page).form(f"{page}/pack") | {"unit:MUG": "1"}

    answers = [staff.post(f"{page}/pack", form) for _ in range(2)]
    other = staff.post(f"{page}/pack", form | {"unit:MUG": "2"})

    assert [each.status_code for each in answers] == [303, 303]
    assert len(shipments_of(desk, order)) == 1
    assert other.status_code == 422


def test_a_refused_form_says_why_and_keeps_what_was_typed(desk: Desk) -> None:
    order, staff = desk.buys(1), desk.browser("staff")
    page = f"/desk/orders/{order}"
    staff.sends(page, f"{page}/pack")
    (shipment,) = shipments_of(desk, order)
    action = f"{page}/shipments/{shipment['id']}/dispatch"

    answer = staff.sends(page, action, carrier="A <b>carrier</b>", tracking_number="")
    shown = Page(answer.text)

    assert answer.status_code == 422
    assert shown.form(action)["carrier"] == "A <b>carrier</b>"
    assert "Tracking number: Fill this in." in text_of(answer.text)
    assert [each for each in shown.all("input") if each.attrs.get("aria-invalid") == "true"]
    assert shown.wrong == []
    assert shipments_of(desk, order)[0]["status"] == "packed"


def test_no_unit_is_packed_twice(desk: Desk) -> None:
    order, staff = desk.buys(1), desk.browser("staff")
    page = f"/desk/orders/{order}"
    form = staff.page(page).form(f"{page}/pack")

    too_many = staff.post(f"{page}/pack", form | {"unit:MUG": "2"})
    none = staff.post(f"{page}/pack", form | {"unit:MUG": "0"})
    nonsense = [staff.post(f"{page}/pack", form | {"unit:MUG": each}) for each in ("-1", "1e3", "９", "99999")]

    assert (too_many.status_code, none.status_code) == (409, 409)
    assert {each.status_code for each in nonsense} == {422}
    assert shipments_of(desk, order) == []


def test_cancel_an_order_with_a_reason(desk: Desk) -> None:
    order, staff = desk.buys(1), desk.browser("staff")
    page = f"/desk/orders/{order}"

    without = staff.sends(page, f"{page}/cancel")
    before = order_of(desk, order)["status"]
    cancelled = staff.sends(page, f"{page}/cancel", reason="he called")
    desk.shop.settle()

    assert (without.status_code, before, cancelled.status_code) == (422, "paid", 303)
    assert order_of(desk, order)["status"] == "refunded"
    assert ("cancel", order, "he called") in [(what.split()[0], on, why) for what, on, why in trail_of(desk, "orders")]
    actions = [form.attrs.get("action") for form, _ in staff.page(page).forms]
    assert f"{page}/cancel" not in actions
    assert f"{page}/pack" not in actions


def test_nudge_and_note_the_external_reference(desk: Desk) -> None:
    order, staff = desk.buys(1), desk.browser("staff")
    page = f"/desk/orders/{order}"
    stale = staff.page(page).form(f"{page}/reference")

    nudged = staff.sends(page, f"{page}/nudge", reason="it hangs")
    first = staff.sends(page, f"{page}/reference", external_reference=f"SO-{order}", reason="exported")
    second = staff.post(f"{page}/reference", stale | {"external_reference": "SO-2", "reason": "exported"})

    assert (nudged.status_code, first.status_code) == (303, 303)
    assert second.status_code == 412
    assert f"SO-{order}" in text_of(second.text)
    assert Page(second.text).form(f"{page}/reference")["external_reference"] == "SO-2"


def test_refund_a_part_from_the_page_of_the_order(desk: Desk) -> None:
    order, staff = desk.buys(2), desk.browser("staff")
    found: Any = desk.alice.get(f"/payments?order_id={order}").json
    action, part = f"/desk/payments/{found['items'][0]['id']}/refund", f"/desk/payments/of-order/{order}"

    refunded = staff.sends(f"{part}?back=/desk/orders/{order}", action, amount="9.00", reason="a crack")
    too_much = staff.sends(part, action, amount="9.01", reason="another crack")
    wrong = [staff.sends(part, action, amount=each, reason="x") for each in ("1.234", "-1", "nine", "1e3")]
    desk.shop.settle()

    assert refunded.headers["Location"].startswith(f"/desk/orders/{order}?done=")
    assert too_much.status_code == 409
    assert {each.status_code for each in wrong} == {422}
    assert order_of(desk, order)["refunded"] == {"amount": 900, "currency": "EUR"}


def test_correct_an_address(desk: Desk) -> None:
    order, staff = desk.buys(1), desk.browser("staff")
    page = f"/desk/orders/{order}"
    address = {"name": "Ada", "line1": "Invalidenstr. 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}

    changed = staff.sends(page, f"{page}/address", **address, email="ada@example.com", reason="a mistake")
    wrong = staff.sends(page, f"{page}/address", postal_code="nonsense!", reason="a mistake")

    assert (changed.status_code, wrong.status_code) == (303, 422)
    assert "Invalidenstr. 1" in text_of(staff.get(page).text)


def test_zones_methods_and_rates(desk: Desk) -> None:
    staff, page = desk.browser("staff"), "/desk/orders/shipping"
    zone = {"id": "islands", "name": "Islands", "areas": "ES 35*\nES 38000..38999\nUS-HI", "reason": "new"}
    method = {"code": "boat", "name": "Boat", "zone_id": "islands", "min_days": "3", "max_days": "9", "reason": "new"}

    staff.sends(page, f"{page}/zones", **zone)
    staff.sends(page, f"{page}/methods", **method)
    one = f"{page}/methods/boat"
    rates = staff.sends(one, f"{one}/rates", by="price", rates="EUR 0 50.00 4.90\nEUR 50 - 0", reason="free above")
    wrong = staff.sends(one, f"{one}/rates", by="price", rates="EUR 10 - 0", reason="free above")
    unread = staff.sends(one, f"{one}/rates", by="price", rates="EUR free", reason="free above")
    offered = staff.sends(one, one, active="on", tax_category="proportional", reason="it has rates")
    unknown = staff.sends(one, one, tax_category="nothing", reason="a mistake")

    areas: Any = desk.shop.as_staff().get("/shipping/zones/islands").json
    bands: Any = desk.shop.as_staff().get("/shipping/methods/boat/rates").json
    active: Any = desk.shop.as_staff().get("/shipping/methods/boat").json
    assert [each["postal_prefix"] or each["postal_from"] or each["region"] for each in areas["areas"]] == [
        "35",
        "38000",
        "HI",
    ]
    assert [(each["from"], each["below"], each["amount"]) for each in bands["rates"]] == [
        (0, 5000, 490),
        (5000, None, 0),
    ]
    assert (rates.status_code, wrong.status_code, unread.status_code, offered.status_code) == (303, 422, 422, 303)
    assert (active["active"], active["tax_category"], unknown.status_code) == (True, "proportional", 422)
    staff.sends(one, one, active="", reason="no longer")


def test_only_admins_change_roles(desk: Desk) -> None:
    bob = signs_up(desk.shop, "bob@example.com")
    me: Any = bob.get("/users/me").json
    page = f"/desk/users/{me['id']}"

    refused = desk.browser("staff").post(f"{page}/role", {"role": "admin", "reason": "me"})
    given = desk.browser("admin").sends(page, f"{page}/role", role="staff", reason="she works here now")
    out = desk.browser("admin").sends(page, f"{page}/shut-out", reason="she left")

    account: Any = desk.shop.as_staff().get(f"/users/{me['id']}").json
    assert (refused.status_code, given.status_code, out.status_code) == (403, 303, 303)
    assert (account["role"], account["disabled"]) == ("staff", True)
    assert f"{page}/role" not in [form.attrs.get("action") for form, _ in desk.browser("staff").page(page).forms]


def test_a_parked_event_is_tried_again_and_discarded(desk: Desk) -> None:
    staff, id = desk.browser("staff"), desk.parked()
    page = f"/desk/orders/health/parked/{id}"

    again = staff.sends(page, f"{page}/retry", reason="it may pass now")
    without = staff.sends(page, f"{page}/discard")
    gone = staff.sends(page, f"{page}/discard", reason="nobody needs it")
    twice = staff.post(f"{page}/discard", {"reason": "nobody needs it"})

    assert [each.status_code for each in (again, without, gone, twice)] == [303, 422, 303, 404]
    assert ("parked.discard", "nobody needs it") in [(what, why) for what, _, why in trail_of(desk, "orders")]


def test_a_list_goes_on_where_a_page_ends(desk: Desk) -> None:
    for number in range(51):  # never so many at once that the shop refuses more
        places(desk.shop, desk.alice, "MUG", 1, Money(900, "EUR"), settle=number % 10 == 9)
    desk.shop.settle()
    staff = desk.browser("staff")
    for address in ("/desk/orders", "/desk/orders?sort=total&status=awaiting_payment"):
        first = staff.page(address)
        (following,) = [each.attrs["href"] for each in first.all("a") if each.attrs.get("rel") == "next"]
        second = staff.page(following)

        rows = [{each.text for each in page.all("th") if each.attrs["scope"] == "row"} for page in (first, second)]
        assert len(rows[0]) == 50
        assert not rows[0] & rows[1]
    assert staff.get("/desk/orders?cursor=nonsense").status_code == 422
    assert UUID(desk.paid)
