"""Zones: which one a destination is in, what staff may set up, and who wins."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.modules.orders.domain.shipping.zone import Area, Destination, Zone, checked_area, zone_of
from tests.orders.methods import V1, WHY, refusal, trail, zone
from tests.shop import Shop


def of(country: str, region: str = "", postal_code: str = "") -> Destination:
    return Destination(country=country, region=region, postal_code=postal_code)


def zones(**areas: Area) -> list[Zone]:
    return [Zone(id=id, name=id, areas=(checked_area(area),)) for id, area in areas.items()]


WORLD = zones(
    us=Area(country="US"),
    texas=Area(country="US", region="TX"),
    austin=Area(country="US", postal_from="78701", postal_to="78799"),
    gb=Area(country="GB"),
    islands=Area(country="GB", postal_prefix="BT"),
    canada=Area(country="CA", postal_prefix="k1a"),
    pl=Area(country="PL", postal_from="00-001", postal_to="04-999"),
    nl=Area(country="NL", postal_from="1000", postal_to="1999"),
)


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        (of("US", "NY", "10001"), "us"),
        (of("US", "TX", "75001"), "texas"),
        (of("US", "TX", "78701"), "austin"),
        (of("US", "TX", "78799-1234"), "austin"),
        (of("US", "TX", "78800"), "texas"),
        (of("US"), "us"),
        (of("GB", "", "BT1 5GS"), "islands"),
        (of("GB", "", "B33 8TH"), "gb"),
        (of("CA", "ON", "K1A 0B1"), "canada"),
        (of("CA", "ON", "K2A 0B1"), None),
        (of("PL", "", "00-950"), "pl"),
        (of("PL", "", "05-000"), None),
        (of("NL", "", "1999 ZZ"), "nl"),
        (of("NL", "", "2000 AA"), None),
        (of("NL"), None),
        (of("FR", "", "75001"), None),
    ],
    ids=str,
)
def test_the_most_specific_area_decides(destination: Destination, expected: str | None) -> None:
    assert zone_of(WORLD, destination) == expected


def test_of_equally_specific_areas_the_priority_decides_and_then_the_id() -> None:
    area = (Area(country="DE"),)
    low, high, same = (Zone(id=id, name="", priority=n, areas=area) for id, n in (("a", 1), ("z", 2), ("b", 1)))

    assert zone_of([low, high, same], of("DE")) == "z"
    assert zone_of([same, low], of("DE")) == "a"


@given(
    st.lists(
        st.builds(
            Zone,
            id=st.sampled_from("abcd"),
            name=st.just(""),
            priority=st.integers(0, 2),
            areas=st.lists(
                st.builds(Area, country=st.sampled_from(["DE", "US"]), postal_prefix=st.sampled_from(["", "1", "12"])),
                max_size=4,
            ).map(tuple),
        ),
        max_size=4,
    ),
    st.permutations(range(4)),
)
def test_a_destination_is_in_one_zone_whatever_their_order(some: list[Zone], order: list[int]) -> None:
    destination = of("DE", "", "12345")

    shuffled = [some[n] for n in order if n < len(some)]

    assert zone_of(some, destination) == zone_of(shuffled, destination)


@pytest.mark.parametrize(
    "bad",
    [
        {"country": "DE", "region": "BE"},
        {"country": "US", "region": "XX"},
        {"country": "DE", "postal_prefix": "1", "postal_from": "1", "postal_to": "2"},
        {"country": "DE", "postal_from": "20000", "postal_to": "10000"},
        {"country": "DE", "postal_from": "1", "postal_to": "10000"},
        {"country": "GB", "postal_from": "AA", "postal_to": "BB"},
        {"country": "DE", "postal_from": "10000"},
        {"country": "DE", "postal_to": "10000"},
    ],
    ids=str,
)
def test_an_area_that_no_address_can_be_in_is_refused(shop: Shop, bad: dict[str, str]) -> None:
    assert refusal(zone(shop, "bad", bad)) == (422, "bad_area")
    assert shop.as_staff().get("/shipping/zones").json == {"items": [], "next": None}
    assert trail(shop) == []


@pytest.mark.parametrize(
    "bad",
    [
        {"areas": [{"country": "ZZ"}]},
        {"areas": [{"country": "DE", "postal_prefix": "%"}]},
        {"areas": [{"country": "DE", "city": "Berlin"}]},
        {"areas": [{"country": "DE"}] * 501},
        {"priority": -1},
        {"priority": 1001},
        {"id": "Not A Slug"},
        {"reason": ""},
    ],
    ids=lambda bad: str(bad)[:40],
)
def test_hostile_zones_are_refused(shop: Shop, bad: dict[str, Any]) -> None:
    body = {"id": "eu", "name": "EU", "areas": [], **WHY, **bad}

    answer = shop.as_staff().post("/shipping/zones", body)

    assert refusal(answer) == (422, "invalid_request")


def test_a_zone_is_added_shown_and_changed_with_its_reason(shop: Shop) -> None:
    staff = shop.as_staff()

    added = zone(shop, "eu", "DE", {"country": "ES", "postal_prefix": "3 5"}, priority=2)
    tag = {"If-Match": added.headers["ETag"]}
    changed = staff.patch("/shipping/zones/eu", {"areas": [{"country": "FR"}], "reason": "no more"}, headers=tag)
    same = staff.patch("/shipping/zones/eu", {"priority": 2, **WHY}, headers={"If-Match": changed.headers["ETag"]})

    first: Any = added.json
    assert (added.status_code, added.headers["Location"]) == (201, "/api/v1/shipping/zones/eu")
    assert [each["postal_prefix"] for each in first["areas"]] == ["", "35"]
    assert staff.get("/shipping/zones/eu").json == changed.json == same.json
    assert changed.json["areas"] == [dict.fromkeys(first["areas"][0], "") | {"country": "FR"}]  # type: ignore[index]
    listed: Any = staff.get("/shipping/zones").json
    assert listed["items"] == [{"id": "eu", "name": "Eu", "priority": 2, "areas": 1, "version": 2}]
    assert trail(shop) == [("add zone", "eu", WHY["reason"]), ("change zone", "eu", "no more")]
    assert staff.get("/shipping/zones/eu", headers={"If-None-Match": '"v2"'}).status_code == 304


def test_a_change_names_the_version_that_was_read(shop: Shop) -> None:
    zone(shop, "eu", "DE")
    staff = shop.as_staff()

    assert refusal(staff.patch("/shipping/zones/eu", {"name": "EU", **WHY})) == (428, "precondition_required")
    assert staff.patch("/shipping/zones/eu", {"name": "EU", **WHY}, headers=V1).status_code == 200
    assert refusal(staff.patch("/shipping/zones/eu", {"name": "E", **WHY}, headers=V1)) == (412, "stale_version")
    assert refusal(staff.patch("/shipping/zones/us", {"name": "US", **WHY}, headers=V1)) == (404, "no_such_zone")
    assert refusal(staff.get("/shipping/zones/us")) == (404, "no_such_zone")
    assert refusal(zone(shop, "eu", "DE")) == (409, "zone_exists")
    assert [what for what, *_ in trail(shop)] == ["add zone", "change zone"], "what was refused left no trace"


def test_there_are_at_most_100(shop: Shop) -> None:
    for n in range(100):
        assert zone(shop, f"z-{n}").status_code == 201

    assert refusal(zone(shop, "one-more")) == (409, "too_many_zones")
