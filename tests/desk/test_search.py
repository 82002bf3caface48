"""One search over orders, customers and products, each answered by its module."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.desk.navigation import SEARCHED
from app.modules.users.module import users
from tests.desk.steps import Browser, Desk, Page, text_of
from tests.journeys.steps import signs_up
from tests.shop import SAM, Shop
from tests.topologies import MODULES
from tests.users.conftest import CHEAP

PART = {"HX-Request": "true"}


def found(desk: Desk, module: str, typed: str, role: str = "admin", **headers: str) -> Any:
    return desk.browser(role).post(f"/desk/{module}/found", {"q": typed}, **headers)


def test_an_order_by_its_number_its_id_or_its_address(desk: Desk) -> None:
    order: Any = desk.shop.as_staff().get(f"/orders/{desk.paid}").json

    assert found(desk, "orders", order["number"]).headers["Location"] == f"/desk/orders/{desk.paid}"
    assert found(desk, "orders", desk.paid).headers["Location"] == f"/desk/orders/{desk.paid}"
    for typed in (order["number"], desk.paid):
        assert f"/desk/orders/{desk.paid}" in Page(found(desk, "orders", typed, **PART).text).links()
    for typed in ("nobody@example.com", "261127-99999999", desk.user(), "mug", ""):
        assert "No order matches" in text_of(found(desk, "orders", typed).text), typed


def test_an_order_by_its_external_reference(desk: Desk) -> None:
    order, staff = desk.buys(), desk.shop.as_staff()
    tag = staff.get(f"/orders/{order}/record").headers["ETag"]
    change = {"external_reference": "ERP Größe/7", "reason": "from the ERP"}
    assert staff.patch(f"/orders/{order}/record", change, headers={"If-Match": tag}).status_code == 200

    for typed in ("ERP Größe/7", "ERP Gro\u0308ße/7", " ERP\u00a0Größe/7\t"):
        assert f"/desk/orders/{order}" in Page(found(desk, "orders", typed, **PART).text).links(), ascii(typed)
    assert "No order matches" in text_of(found(desk, "orders", "ERP Größe").text)


def test_words_between_blanks_of_any_kind_stay_apart(desk: Desk) -> None:
    """Japanese keyboards write a blank of their own, and pasted text has others."""
    ids = {}
    for sku, name in (("AKAI", "赤い マグ"), ("KUFL", "کوله\u200cپشتی آبی")):
        variant = {"sku": sku, "price": {"amount": 900, "currency": "EUR"}}
        made: Any = desk.shop.as_staff().post("/products", {"name": name, "variants": [variant]}).json
        ids[sku] = made["id"]
    desk.shop.settle()

    for sku, typed in (("AKAI", "赤い\u3000マグ"), ("AKAI", "赤い\tマグ"), ("KUFL", "کوله\u200cپشتی\u00a0آبی")):
        assert f"/desk/catalog/products/{ids[sku]}" in Page(found(desk, "catalog", typed).text).links(), ascii(typed)


def test_a_customer_by_id_or_for_admins_by_address(desk: Desk) -> None:
    link = f"/desk/users/{desk.user()}"

    for typed in ("alice@", "ALICE@example.com", desk.user()):
        assert link in Page(found(desk, "users", typed).text).links(), typed
    assert link in Page(found(desk, "users", desk.user(), "staff").text).links()
    for role, typed in (("staff", "alice@example.com"), ("admin", "zoe@example.com"), ("admin", desk.paid)):
        assert "No customer matches" in text_of(found(desk, "users", typed, role).text), typed


def test_a_customer_by_an_address_of_any_script(desk: Desk) -> None:
    who: Any = signs_up(desk.shop, "ina@münchen.de").get("/users/me").json

    for typed in ("Ina@münchen.de", "ina@xn--mn", "ｉｎａ@xn--mnchen-3ya.de"):
        assert f"/desk/users/{who['id']}" in Page(found(desk, "users", typed).text).links(), typed


def test_a_product_by_words_or_external_reference(desk: Desk) -> None:
    variant = {"sku": "POT", "price": {"amount": 900, "currency": "EUR"}, "external_reference": "ERP-78"}
    body = {"name": "A teapot", "variants": [variant], "external_reference": "ERP-77"}
    made: Any = desk.shop.as_staff().post("/products", body).json
    desk.shop.settle()

    for typed in ("teapot", "ERP-77", "ERP-78"):
        assert f"/desk/catalog/products/{made['id']}" in Page(found(desk, "catalog", typed).text).links(), typed
    assert "No product on sale matches" in text_of(found(desk, "catalog", "xyzzy").text)


@pytest.mark.parametrize("module", MODULES)
def test_the_box_asks_its_own_module_which_lets_the_browser_ask_each(desk: Desk, module: str) -> None:
    staff = desk.browser("staff")
    box = staff.page(f"/desk/{module}/health").form(f"/desk/{module}/search")
    assert box == {"q": ""}

    page = Page(staff.post(f"/desk/{module}/search", {"q": "alice@example.com"}).text)

    assert page.wrong == [] and page.unlabelled() == []
    sections = [each.attrs for each in page.all("section")]
    assert [each["hx-post"] for each in sections] == [f"/desk/{each}/found" for each, *_ in SEARCHED]
    for each in sections:
        assert page.form(each["hx-post"]) == {"q": "alice@example.com"}  # and so it goes without script
    assert not [link for link in page.links() if "alice" in link]


def test_what_only_orders_can_know_goes_there(desk: Desk) -> None:
    answer = desk.browser("staff").post("/desk/users/search", {"q": "261127-12"})

    assert (answer.status_code, answer.headers["Location"]) == (307, "/desk/orders/found")


def test_a_module_alone_searches_and_names_the_others(tmp_path: Path) -> None:
    shop = Shop(tmp_path, partial(users, passwords=CHEAP), DESK="on")
    client = shop.app.test_client()
    client.set_cookie("desk_token", shop.token(SAM, "staff"), path="/desk")

    page = Page(Browser(client).post("/desk/users/search", {"q": "mug"}).text)
    shop.close()

    assert [each.attrs["data-fragment"] for each in page.all("section")] == [each for each, *_ in SEARCHED]


@pytest.mark.parametrize("module", ["orders", "users", "catalog"])
def test_hostile_words_are_only_words(desk: Desk, module: str) -> None:
    for typed in (
        "<script>alert(1)</script>",
        "'; drop table orders --",
        "%",
        "\u202eabc",
        "x" * 10_000,
        "*:* AND (",
        "\0",
    ):
        answer = found(desk, module, typed)

        assert answer.status_code == 200, (typed[:40], answer.text[:300])
        assert "<script>alert" not in answer.text
        assert Page(answer.text).wrong == []
