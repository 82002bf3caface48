"""Browsers sign in with a cookie: scripts cannot read it, other sites cannot use it."""

from typing import Any

import pytest

from app.bus.contracts.users import SessionEnded
from tests.shop import Shop
from tests.users.people import ALICES, PASSWORD, joins, refreshes, registers, signs_in, two_seconds_pass

OURS = {"Sec-Fetch-Site": "same-origin"}
BY_ORIGIN = {"Origin": "http://localhost"}
OTHERS = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "cross-site", **BY_ORIGIN},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost@evil.example"},
    {"Origin": "http://localhost:81"},
    {"Origin": "//[broken"},
]
CREDENTIALS = {"email": ALICES, "password": PASSWORD, "cookie": True}


class Browser:
    """A client that stores cookies as a browser does."""

    def __init__(self, shop: Shop, base: str = "http://localhost") -> None:
        self.client, self.base = shop.app.test_client(), base

    def posts(self, path: str, json: Any = None, headers: Any = OURS) -> Any:
        return self.client.post(f"/api/v1{path}", json=json, headers=headers, base_url=self.base)

    @property
    def token(self) -> str:
        found = self.client.get_cookie("quartet_refresh", path="/api/v1/auth")
        return found.value if found else ""


def signed_in(shop: Shop) -> tuple[Browser, Any]:
    registers(shop, ALICES)
    browser = Browser(shop)
    answer = browser.posts("/auth/login", CREDENTIALS)
    assert answer.status_code == 200, answer.json
    return browser, answer


def test_the_refresh_token_is_in_the_cookie_alone(shop: Shop) -> None:
    browser, answer = signed_in(shop)

    assert answer.json["refresh_token"] == "" and answer.json["access_token"]
    assert len(browser.token) == 43 and browser.token.encode() not in answer.data
    [cookie] = answer.headers.getlist("Set-Cookie")
    parts = {part.strip() for part in cookie.split(";")}
    assert {"HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"} <= parts and "Domain" not in cookie
    assert "Secure" not in parts, "this machine has no https"
    assert answer.headers["Cache-Control"] == "no-store"


def test_elsewhere_it_is_sent_by_https_only(shop: Shop) -> None:
    registers(shop, ALICES)

    for name in ("shop.example.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.7:5000"):
        answer = Browser(shop, f"http://{name}").posts("/auth/login", CREDENTIALS)
        assert "; Secure" in answer.headers["Set-Cookie"], name
    for name in ("127.0.0.1:5000", "[::1]:5000", "localhost:5000"):
        assert "; Secure" not in Browser(shop, f"http://{name}").posts("/auth/login", CREDENTIALS).headers["Set-Cookie"]


def test_a_refresh_takes_it_from_the_cookie_and_sets_the_next(shop: Shop) -> None:
    browser, signed = signed_in(shop)
    first = browser.token

    answer = browser.posts("/auth/refresh", {"cookie": True})

    assert answer.status_code == 200 and answer.json["session_id"] == signed.json["session_id"]
    assert answer.json["refresh_token"] == "" and browser.token not in {"", first}
    assert browser.posts("/auth/refresh", {"cookie": True}, BY_ORIGIN).status_code == 200


@pytest.mark.parametrize("headers", OTHERS)
def test_other_sites_neither_sign_in_nor_refresh_nor_sign_out(one_shop: Shop, headers: dict[str, str]) -> None:
    browser, signed = signed_in(one_shop)
    before = browser.token

    token = {"Authorization": f"Bearer {signed.json['access_token']}"}
    for path, body in (("login", CREDENTIALS), ("refresh", {"cookie": True}), ("logout", None)):
        answer = browser.posts(f"/auth/{path}", body, headers | (token if path == "logout" else {}))
        assert (answer.status_code, answer.json["code"]) == (403, "other_site"), path
        assert "Set-Cookie" not in answer.headers
    assert browser.token == before and browser.posts("/auth/refresh", {"cookie": True}).status_code == 200


def test_a_form_of_another_site_is_no_json(one_shop: Shop) -> None:
    browser, _ = signed_in(one_shop)

    answer = browser.client.post("/api/v1/auth/refresh", data='{"cookie": true}', content_type="text/plain")

    assert answer.status_code == 415


@pytest.mark.parametrize("value", ["", "x", "x" * 201, "x" * 5000, "%00", "é", "a;b", '"'])
def test_a_cookie_that_is_not_ours_is_refused(one_shop: Shop, value: str) -> None:
    headers = {**OURS, "Cookie": f"quartet_refresh={value}"}

    answer: Any = one_shop.as_guest().post("/auth/refresh", {"cookie": True}, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (401, "refresh_refused")


@pytest.mark.parametrize(
    "body", [{}, {"cookie": False}, {"cookie": 1}, {"cookie": "true"}, {"cookie": True, "refresh_token": "x"}]
)
def test_a_refresh_says_where_its_token_is(one_shop: Shop, body: dict[str, Any]) -> None:
    browser, _ = signed_in(one_shop)

    assert browser.posts("/auth/refresh", body).status_code == 422


def test_the_cookie_alone_opens_no_other_route(one_shop: Shop) -> None:
    browser, _ = signed_in(one_shop)

    for path in ("/api/v1/users/me", "/api/v1/auth/validate"):
        assert (
            browser.client.get(path, headers=OURS | {"Cookie": f"quartet_refresh={browser.token}"}).status_code == 401
        )


def test_signing_out_ends_the_session_and_deletes_the_cookie(shop: Shop) -> None:
    browser, signed = signed_in(shop)
    token = browser.token

    assert browser.posts("/auth/logout").status_code == 401, "the cookie alone says that to nobody"
    answer = browser.posts("/auth/logout", headers=OURS | {"Authorization": f"Bearer {signed.json['access_token']}"})

    assert answer.status_code == 204 and browser.token == ""
    assert [event.reason for event in shop.published(SessionEnded)] == ["logout"]
    assert refreshes(shop, token).status_code == 401


def test_signing_out_ends_the_session_in_the_cookie_too(shop: Shop) -> None:
    """Another tab may have signed in since: its session is the one in the cookie."""
    browser, _ = signed_in(shop)
    other = signs_in(shop, ALICES)

    answer = browser.posts("/auth/logout", headers=OURS | other.headers)

    assert answer.status_code == 204
    two_seconds_pass(shop)
    assert other.get("/users/me").status_code == 401 and len(shop.published(SessionEnded)) == 2


def test_signing_out_twice_is_signing_out(shop: Shop) -> None:
    browser, answer = signed_in(shop)
    token = {"Authorization": f"Bearer {answer.json['access_token']}", "Cookie": f"quartet_refresh={browser.token}"}

    for _ in range(2):
        assert shop.app.test_client().post("/api/v1/auth/logout", headers=OURS | token).status_code == 204

    assert len(shop.published(SessionEnded)) == 1


def test_a_new_password_sets_a_new_cookie(shop: Shop) -> None:
    browser, answer = signed_in(shop)
    first = browser.token
    change = {"old_password": PASSWORD, "new_password": f"{PASSWORD} and more", "cookie": True}
    token = {"Authorization": f"Bearer {answer.json['access_token']}"}

    assert browser.posts("/users/me/password", change, token).json["code"] == "other_site"
    changed = browser.posts("/users/me/password", change, OURS | token)

    assert changed.status_code == 200 and changed.json["refresh_token"] == ""
    assert browser.token not in {"", first} and browser.posts("/auth/refresh", {"cookie": True}).status_code == 200


def test_clients_without_cookies_go_on_as_before(shop: Shop) -> None:
    alice = joins(shop, ALICES)

    answer = refreshes(shop, alice.refresh_token)

    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
