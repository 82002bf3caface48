"""Parameters of a query are read as strictly as fields of a body."""

from typing import Any

import pytest

from app.kernel.ids import new_id
from tests.shop import ALICE, Shop
from tests.web.steps import assert_problem

METHODS = ("get", "post", "put", "patch", "delete")


def routes(shop: Shop) -> list[tuple[str, str]]:
    """Every method and path of the API, with a value for each variable."""
    reported: Any = shop.as_guest().get("/openapi.json").json
    filled = {
        path: "/".join(str(new_id()) if "{" in part else part for part in path.split("/")) for path in reported["paths"]
    }
    return [
        (method, filled[path])
        for path, item in reported["paths"].items()
        for method in METHODS
        if method in item and path.startswith("/api/v1/") and "webhooks" not in path
    ]


@pytest.mark.slow
def test_an_unknown_parameter_is_refused_on_every_route(shop: Shop) -> None:
    admin = shop.as_staff(role="admin")
    asked = routes(shop)
    assert len(asked) >= 40

    for method, path in asked:
        answer = getattr(admin, method)(f"{path}?surprise=1")

        problem = assert_problem(answer, 422, "invalid_request")
        assert problem["errors"] == {"surprise": ["Unknown parameter."]}, (method, path)


def test_what_webhooks_of_others_bring_with_their_address_is_theirs(shop: Shop) -> None:
    answer: Any = shop.as_guest().post("/payments/webhooks/stripe?surprise=1", {})

    assert answer.json["code"] != "invalid_request"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/openapi.json"])
def test_pages_that_are_not_of_the_api_take_any(shop: Shop, path: str) -> None:
    guest = shop.as_guest()

    assert guest.get(f"{path}?surprise=1").status_code == guest.get(path).status_code


@pytest.mark.parametrize("query", ["limit=1&limit=2", "limit=1&limit=1", "limit=1&%6cimit=1"])
def test_a_parameter_that_is_given_twice_is_refused(shop: Shop, query: str) -> None:
    problem = assert_problem(shop.as_customer(ALICE).get(f"/orders?{query}"), 422, "invalid_request")

    assert problem["errors"] == {"limit": ["Given more than once."]}


@pytest.mark.parametrize("query", ["Limit=1", "limit%20=1", "limit[]=1", "=1", "x", "limit%00=1", "attr.colour=blue"])
def test_a_name_that_resembles_a_known_one_is_unknown(shop: Shop, query: str) -> None:
    assert_problem(shop.as_customer(ALICE).get(f"/orders?{query}"), 422, "invalid_request")


def test_attributes_of_products_have_names_of_their_own(shop: Shop) -> None:
    guest = shop.as_guest()

    assert guest.get("/products?attr.colour=blue&attr.colour=red").status_code == 200
    assert guest.get("/products?attribute.colour=blue").status_code == 422


def test_who_may_not_ask_learns_that_first(shop: Shop) -> None:
    assert shop.as_guest().get("/orders?surprise=1").status_code == 401
    assert shop.as_customer(ALICE).get("/ops/orders/parked?surprise=1").status_code == 403


def test_a_refusal_is_no_longer_for_a_thousand_wrong_names(shop: Shop) -> None:
    asked = "&".join(f"{'n' * 100}{n}" for n in range(60))

    problem = assert_problem(shop.as_guest().get(f"/products?{asked}"), 422, "invalid_request")

    assert len(str(problem)) < 3_000


def test_asking_for_the_headers_alone_is_held_to_the_same(shop: Shop) -> None:
    guest = shop.as_guest()

    assert guest._open("HEAD", "/products?q=mug").status_code == 200
    assert guest._open("HEAD", "/products?surprise=1").status_code == 422
