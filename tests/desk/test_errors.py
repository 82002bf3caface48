"""What goes wrong is a page of the desk: 403, 404, 405 and 503, for each who may see it."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.desk.steps import Desk, Page, text_of

NO_ORDER = "/desk/orders/01a20d02-8961-757a-a059-97a01e45ea32"


def shown(answer: TestResponse, status: int) -> Page:
    """The page, once it is known to be one."""
    page = Page(answer.text)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert page.wrong == [] and len(page.all("h1")) == 1 and page.unlabelled() == []
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    return page


def test_what_is_not_there(desk: Desk) -> None:
    for role, path in (("staff", "/desk/nothing"), ("staff", NO_ORDER), (None, "/desk/nothing"), ("staff", "/desk/")):
        answer = desk.browser(role).get(path)
        page = shown(answer, 404)

        assert "There is nothing here" in text_of(answer.text)
        assert "/desk/orders/home" in page.links()
    static: Any = desk.browser(None).get("/desk/orders/static/nothing.css")
    assert static.status_code == 404


def test_what_is_not_theirs(desk: Desk) -> None:
    answer = desk.browser("customer").get("/desk/orders")
    page = shown(answer, 403)
    refused = desk.browser("staff").post(f"/desk/users/{desk.user()}/role", {"role": "admin"})
    forged = desk.browser("staff").post(f"/desk/orders/{desk.paid}/nudge", {}, **{"Sec-Fetch-Site": "cross-site"})

    assert "This is not yours to see" in text_of(answer.text)
    assert [form.attrs["action"] for form, _ in page.forms] == ["/desk/users/sign-out"]
    for each in (refused, forged):
        shown(each, 403)


def test_a_database_that_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise OperationalError("select", {}, ConnectionError("connection refused"), connection_invalidated=True)

    staff = desk.browser("staff")
    staff.page("/desk/payments")  # the token is known now
    monkeypatch.setattr(desk.shop.modules["payments"].database, "read", away)

    answer = staff.get("/desk/payments")
    page = shown(answer, 503)
    part = staff.get("/desk/payments", **{"HX-Request": "true"})
    other = staff.get("/desk/orders/home")

    assert "Not available just now" in text_of(answer.text)
    assert "/desk/orders/home" in page.links()
    assert part.status_code == 503 and "<h1" not in part.text  # the page that holds it says so
    assert other.status_code == 200


def test_a_method_that_a_page_does_not_have(desk: Desk) -> None:
    shown(desk.browser("staff").post("/desk/orders/home", {}), 405)
