"""Shipping methods and their rates: bands without gaps and overlaps, replaced as a whole, active only with rates."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import Money
from app.modules.orders.domain.shipping.shipping import Method, Parcel, Rate, RatedBy, checked_rates
from tests.orders.methods import FLAT, FREE_ABOVE_50, V1, V2, V3, WHY, method, offers, rates, refusal, trail, zone
from tests.shop import Shop


@pytest.fixture
def shop(shop: Shop) -> Shop:
    zone(shop, "eu", "DE", "FR")
    return shop


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=49, unique=True).map(sorted),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_any_weight_meets_one_band_or_none_beyond_the_end(bounds: list[int], ends: bool, weight: int) -> None:
    edges: list[int | None] = [0, *bounds] if ends else [0, *bounds, None]
    bands = [Rate(currency="EUR", from_=a or 0, below=b, amount=n) for n, (a, b) in enumerate(pairwise(edges))]
    sold = Method(code="m", name="M", zone_id="eu", rated_by=RatedBy.WEIGHT, rates=checked_rates(bands[::-1]))

    found = sold.price_of(Parcel(goods=Money(0, "EUR"), weight_g=weight))

    assert sum(rate.has(weight) for rate in sold.rates) == (not ends or weight < bounds[-1])
    assert (found is None) == (ends and weight >= bounds[-1])
    assert sold.price_of(Parcel(goods=Money(0, "USD"), weight_g=weight)) is None


@pytest.mark.parametrize(
    "bands",
    [
        [{"currency": "EUR", "from": 1, "amount": 1}],
        [{"currency": "EUR", "from": 0, "below": 5, "amount": 1}, {"currency": "EUR", "from": 6, "amount": 1}],
        [{"currency": "EUR", "from": 0, "below": 5, "amount": 1}, {"currency": "EUR", "from": 4, "amount": 1}],
        [{"currency": "EUR", "from": 0, "amount": 1}, {"currency": "EUR", "from": 4, "amount": 1}],
        [{"currency": "EUR", "from": 0, "amount": 1}, {"currency": "EUR", "from": 0, "amount": 1}],
        [
            {"currency": "EUR", "from": 0, "below": 5, "amount": 1},
            {**FLAT[0], "from": 5, "below": 2},
        ],
        [{"currency": "XXX", "from": 0, "amount": 1}],
        [{"currency": "KWD", "from": 0, "amount": 1}],
    ],
    ids=str,
)
def test_bands_with_a_gap_or_an_overlap_are_refused(shop: Shop, bands: Any) -> None:
    method(shop, "standard", "eu")

    assert refusal(rates(shop, "standard", bands)) == (422, "bad_bands")
    assert shop.as_staff().get("/shipping/methods/standard/rates").json["rates"] == []  # type: ignore[index]


@pytest.mark.parametrize(
    "bad",
    [
        {"rates": FLAT * 51},
        {"rates": [{**FLAT[0], "amount": -1}]},
        {"rates": [{**FLAT[0], "amount": 10**9 + 1}]},
        {"rates": [{**FLAT[0], "from": 10**12 + 1}]},
        {"rates": [{**FLAT[0], "below": 0}]},
        {"rates": [{**FLAT[0], "more": 0}]},
        {"by": "size"},
        {"reason": ""},
    ],
    ids=lambda bad: str(bad)[:40],
)
def test_hostile_rates_are_refused(shop: Shop, bad: dict[str, Any]) -> None:
    method(shop, "standard", "eu")

    answer = shop.as_staff().put(
        "/shipping/methods/standard/rates", {"by": "price", "rates": FLAT, **WHY, **bad}, headers=V1
    )

    assert refusal(answer) == (422, "invalid_request")


def test_rates_are_replaced_as_a_whole(shop: Shop) -> None:
    offers(shop, "standard", "eu", FREE_ABOVE_50)
    weights = [{"currency": "EUR", "from": 0, "below": 2000, "amount": 400}]

    answer: Any = rates(shop, "standard", weights, V3, by="weight")

    assert answer.json == {"method": "standard", "by": "weight", "rates": weights, "version": 4}
    assert shop.as_staff().get("/shipping/methods/standard/rates").json == answer.json
    assert shop.as_staff().get("/shipping/methods/standard").json["version"] == 4  # type: ignore[index]


def test_a_method_is_active_only_with_rates(shop: Shop) -> None:
    staff = shop.as_staff()
    active = {"active": True, **WHY}
    assert method(shop, "standard", "eu").json["active"] is False  # type: ignore[index]

    assert refusal(staff.patch("/shipping/methods/standard", active, headers=V1)) == (409, "rates_needed")
    rates(shop, "standard", FLAT)
    assert staff.patch("/shipping/methods/standard", active, headers=V2).status_code == 200
    assert refusal(rates(shop, "standard", [], V3)) == (409, "rates_needed")


def test_a_change_names_the_version_that_was_read_and_leaves_a_trace(shop: Shop) -> None:
    staff, change = shop.as_staff(), {"name": "Slow", "max_days": 5, "reason": "they are late"}
    created = method(shop, "standard", "eu", carrier="DHL", tracking_url="https://dhl.example/{number}", max_days=3)
    path = "/shipping/methods/standard"

    assert refusal(staff.patch(path, change)) == (428, "precondition_required")
    assert refusal(staff.put(f"{path}/rates", {"by": "price", "rates": FLAT, **WHY})) == (428, "precondition_required")
    changed = staff.patch(path, change, headers={"If-Match": created.headers["ETag"]})
    assert refusal(staff.patch(path, change, headers=V1)) == (412, "stale_version")
    assert refusal(rates(shop, "standard", FLAT, V1)) == (412, "stale_version")
    assert refusal(method(shop, "standard", "eu")) == (409, "shipping_method_exists")
    assert staff.patch(path, change, headers=V2).json == changed.json, "no change, no version"

    assert created.headers["Location"] == "/api/v1/shipping/methods/standard"
    assert staff.get("/shipping/methods").json == {"items": [changed.json], "next": None}
    assert changed.json == {
        "code": "standard",
        "name": "Slow",
        "zone_id": "eu",
        "carrier": "DHL",
        "tracking_url": "https://dhl.example/{number}",
        "min_days": 0,
        "max_days": 5,
        "active": False,
        "tax_category": "standard",
        "version": 2,
    }
    assert trail(shop)[1:] == [
        ("add shipping method", "standard", WHY["reason"]),
        ("change shipping method", "standard", "they are late"),
    ]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"zone_id": "us"}, "unknown_zone"),
        ({"min_days": 4, "max_days": 3}, "bad_days"),
        ({"max_days": 366}, "invalid_request"),
        ({"tracking_url": "http://dhl.example/"}, "invalid_request"),
        ({"tracking_url": "https://dhl.example/ onclick"}, "invalid_request"),
        ({"tracking_url": "javascript:alert(1)"}, "invalid_request"),
        ({"code": "A B"}, "invalid_request"),
        ({"active": True}, "invalid_request"),
    ],
    ids=str,
)
def test_hostile_methods_are_refused(shop: Shop, bad: dict[str, Any], code: str) -> None:
    body = {"code": "standard", "name": "Standard", "zone_id": "eu", **WHY, **bad}

    assert refusal(shop.as_staff().post("/shipping/methods", body)) == (422, code)


def test_what_is_not_there_is_404(shop: Shop) -> None:
    staff, gone = shop.as_staff(), (404, "no_such_shipping_method")

    assert refusal(staff.get("/shipping/methods/none")) == gone
    assert refusal(staff.get("/shipping/methods/none/rates")) == gone
    assert refusal(staff.patch("/shipping/methods/none", {"name": "N", **WHY}, headers=V1)) == gone
    assert refusal(rates(shop, "none", FLAT)) == gone


def test_there_are_at_most_100(shop: Shop) -> None:
    for n in range(100):
        assert method(shop, f"m-{n}", None).status_code == 201

    assert refusal(method(shop, "one-more", None)) == (409, "too_many_shipping_methods")
