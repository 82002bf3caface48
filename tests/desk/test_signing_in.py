"""Sign in and out by cookies; a session that ends while someone works; forms that were sent from elsewhere."""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.desk.links import local
from tests.desk.steps import OURS, Browser, Desk, Page, text_of
from tests.journeys.steps import PASSWORD

SIGN_IN, REFRESH = "/desk/users/sign-in", "/desk/users/refresh"


def signs_in(desk: Desk, **more: str) -> tuple[Browser, TestResponse]:
    browser = desk.browser(None)
    form = {"email": "alice@example.com", "password": PASSWORD, "next": "/desk/orders", **more}
    answer = browser.post(SIGN_IN, form)
    desk.shop.settle()
    return browser, answer


def cookies_of(answer: TestResponse) -> dict[str, Any]:
    return {
        name: morsel for header in answer.headers.getlist("Set-Cookie") for name, morsel in SimpleCookie(header).items()
    }


def test_two_cookies_that_no_script_and_no_other_site_gets(desk: Desk) -> None:
    _, answer = signs_in(desk)
    cookies = cookies_of(answer)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/orders")
    assert cookies["desk_token"]["path"] == "/desk"
    assert cookies["desk_refresh"]["path"] == REFRESH
    assert {(each["httponly"], each["samesite"]) for each in cookies.values()} == {(True, "Strict")}
    assert {each["secure"] for each in cookies.values()} == {""}  # this is a loopback address


def test_elsewhere_than_here_cookies_are_secure(desk: Desk) -> None:
    form = {"email": "alice@example.com", "password": PASSWORD}
    answer = desk.browser(None).client.post(SIGN_IN, data=form, headers=OURS, base_url="http://shop.example")

    assert {each["secure"] for each in cookies_of(answer).values()} == {True}


def test_a_wrong_password_shows_the_form_again(desk: Desk) -> None:
    answer = desk.browser(None).post(
        SIGN_IN, {"email": "alice@example.com", "password": "wrong", "next": "/desk/users"}
    )
    page = Page(answer.text)

    assert answer.status_code == 401
    assert "the password is wrong" in text_of(answer.text)
    assert page.wrong == page.unlabelled() == []
    assert page.form(SIGN_IN)["next"] == "/desk/users"
    assert page.form(SIGN_IN)["password"] == ""
    assert not cookies_of(answer)


def test_a_customer_gets_no_further_than_the_door(desk: Desk) -> None:
    browser, _ = signs_in(desk)

    assert browser.get("/desk/orders").status_code == 403


def test_a_page_renews_the_session_by_itself(desk: Desk) -> None:
    browser, _ = signs_in(desk)
    browser.client.delete_cookie("desk_token", path="/desk")

    to_refresh = browser.get("/desk/orders?status=paid")
    back = browser.get(to_refresh.headers["Location"])

    assert to_refresh.status_code == 303
    assert (back.status_code, back.headers["Location"]) == (303, "/desk/orders?status=paid")
    assert "desk_token" in cookies_of(back)


def test_a_form_goes_through_although_the_token_has_expired(desk: Desk) -> None:
    """307: the browser sends the form again, first to where the session is renewed, then to its page."""
    browser, _ = signs_in(desk)
    browser.client.delete_cookie("desk_token", path="/desk")
    action = f"/desk/orders/{desk.paid}/nudge"

    first = browser.post(action, {"reason": "he called"})
    second = browser.post(first.headers["Location"], {"reason": "he called"})

    assert (first.status_code, second.status_code) == (307, 307)
    assert first.headers["Location"].startswith(REFRESH)
    assert second.headers["Location"] == action


def test_a_form_is_kept_when_the_session_is_over(desk: Desk) -> None:
    browser = desk.browser(None)
    action = f"/desk/orders/{desk.paid}/nudge"
    sent = {"reason": "he <called> & asked", "key": "k1"}

    first = browser.post(action, sent)
    asked = browser.post(first.headers["Location"], sent)
    form = Page(asked.text).form(SIGN_IN)
    resumed = browser.post(SIGN_IN, {**form, "email": "alice@example.com", "password": PASSWORD})
    again = Page(resumed.text)

    assert (asked.status_code, resumed.status_code) == (401, 200)
    assert again.form(action) == sent
    assert again.wrong == Page(asked.text).wrong == []
    assert "password" not in again.form(action)


def test_a_part_of_a_page_says_that_the_session_is_over(desk: Desk) -> None:
    browser = desk.browser(None)
    first = browser.get(f"/desk/payments/of-order/{desk.paid}", **{"HX-Request": "true"})
    over = browser.get(first.headers["Location"], **{"HX-Request": "true"})

    assert over.status_code == 401
    assert "<html" not in over.text
    assert "Your session is over" in over.text


def test_a_new_token_that_is_refused_is_not_renewed_for_ever(desk: Desk) -> None:
    browser, _ = signs_in(desk)
    browser.client.set_cookie("desk_token", "nonsense", path="/desk")

    first = browser.get("/desk/orders")
    second = browser.get(first.headers["Location"])

    assert "over=1" in first.headers["Location"]
    assert second.headers["Location"].startswith(SIGN_IN)


def test_signing_out_ends_the_session(desk: Desk) -> None:
    browser, _ = signs_in(desk)
    token = browser.client.get_cookie("desk_token", path="/desk")
    assert token is not None

    out = browser.post("/desk/users/sign-out", {})
    refreshed = browser.get(REFRESH)

    assert (out.status_code, out.headers["Location"]) == (303, SIGN_IN)
    assert browser.client.get_cookie("desk_token", path="/desk") is None
    assert refreshed.headers["Location"].startswith(SIGN_IN)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://evil.example"},
    ],
)
def test_a_form_from_elsewhere_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    client = desk.browser("admin").client
    for path in (f"/desk/orders/{desk.paid}/cancel", SIGN_IN, "/desk/users/sign-out", REFRESH):
        answer = client.post(path, data={"reason": "gone"}, headers=headers)

        assert answer.status_code == 403
        assert "sent_from_elsewhere" in answer.text
    assert desk.alice.get(f"/orders/{desk.paid}").json["status"] == "paid"  # type: ignore[index]


def test_a_form_of_an_old_browser_is_ours_by_its_origin(desk: Desk) -> None:
    client = desk.browser("staff").client

    answer = client.post("/desk/users/sign-out", headers={"Origin": "http://localhost"})

    assert answer.status_code == 303


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/desk",
        "//evil.example/desk",
        "/desk//evil.example",
        "/desk/../api",
        "/desk\\evil",
        "/deskevil",
        "/desk/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/desk/" + "a" * 3_000,
        "",
        None,
    ],
)
def test_nobody_is_sent_elsewhere(url: str | None) -> None:
    assert local(url) is None


def test_no_desk_where_it_is_off(desk: Desk) -> None:
    off = type(desk.shop.settings).from_environment({"DESK": "off"})
    default = type(desk.shop.settings).from_environment({})

    assert (off.has_desk, default.has_desk, desk.shop.settings.has_desk) == (False, True, True)
