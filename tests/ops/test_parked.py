"""A parked event can be found, understood and retried with the API alone."""

import base64
from typing import Any

import pytest
from sqlalchemy import update

from app.bus.tables import parked
from tests.ops.steps import BECAUSE, WHO, asked, consumes, done, drains, offer, trail, without_table
from tests.shop import ALICE, Shop

PARKED = "/ops/orders/parked"


@pytest.fixture
def stuck(shop: Shop) -> Shop:
    """orders could not store two offers, since a table was missing; another event waits behind one of them."""
    with without_table(shop, "orders", "offers"):
        consumes(shop, "orders", offer("MUG"))
        consumes(shop, "orders", offer("MUG", version=2))
        consumes(shop, "orders", offer("PEN"))
    return shop


def test_stuck_events_are_found_understood_and_mended_over_http_alone(stuck: Shop) -> None:
    sam = stuck.as_staff()

    bus = asked(sam, "/ops/orders/bus")
    [cause] = asked(sam, f"{PARKED}/causes")["items"]
    whole = asked(sam, f"{PARKED}/{cause['example']}")
    retried = done(sam, f"{PARKED}/retry", {"cause": cause["cause"], "type": cause["type"], **BECAUSE})
    handled = drains(stuck, "orders")

    assert (bus["parked"]["events"], bus["parked"]["keys"]) == (3, 2)
    assert (cause["keys"], cause["events"]) == (2, 3)
    assert "no such table: offers" in cause["cause"]
    assert whole["does"] == (
        "Store a copy of the offer: its price, weight and categories, whether it is on sale, and whether it ships."
    )
    assert whole["kind"] == "projection"
    assert (whole["payload_is"], whole["payload"]["sku"]) == ("json", "MUG")
    assert whole["headers"]["ce_requestid"] == "r-1"
    assert whole["queued"]["count"] == 1
    assert retried == {"keys": 2}
    assert handled == 3
    assert asked(sam, PARKED)["items"] == []
    assert trail(sam, "orders") == [(WHO, "parked.retry", "it is mended")]
    assert stuck.as_customer(ALICE).put("/cart/items/MUG", {"quantity": 1}).status_code == 200


@pytest.mark.parametrize(
    "error",
    [
        "AssertionError: ",
        "X:\tone \r",
        "X: a\u00a0",
        "X: \u202eend",
        "X: e\u0301",
        f"X: {'a' * 296} b",
        "X: \u0958" * 60,
    ],
    ids=["empty", "tab", "blank", "turned", "decomposed", "cut", "longer in NFC"],
)
def test_every_cause_that_is_listed_can_be_sent_back(stuck: Shop, error: str) -> None:
    with stuck.modules["orders"].database.begin() as connection:
        connection.execute(update(parked).values(error=error))
    sam = stuck.as_staff()

    [cause] = asked(sam, f"{PARKED}/causes")["items"]

    assert done(sam, f"{PARKED}/retry", {"cause": cause["cause"], **BECAUSE}) == {"keys": 2}


def test_the_list_says_what_each_waits_for(stuck: Shop) -> None:
    first, missing_migrations, other = asked(stuck.as_staff(), PARKED)["items"]

    assert (first["key"], first["waits_for"], first["tries"]) == ("MUG", "its next try", 0)
    assert first["next_try_at"] > first["parked_at"]
    assert (missing_migrations["key"], missing_migrations["waits_for"]) == ("MUG", "an earlier event of its key")
    assert (other["key"], other["waits_for"], other["topic"]) == ("PEN", "its next try", "catalog")
    assert (other["partition"], other["offset"]) == (0, 7)


def test_what_nothing_frees_by_itself_waits_for_a_person(stuck: Shop) -> None:
    with stuck.modules["orders"].database.begin() as connection:
        connection.exec_driver_sql("UPDATE parked_keys SET next_try_at = NULL, tries = 3")
    sam = stuck.as_staff()

    first = asked(sam, PARKED)["items"][0]

    assert (first["waits_for"], first["next_try_at"], first["tries"]) == ("a person", None, 3)
    assert asked(sam, "/ops/orders/bus")["parked"]["waiting_for_a_person"] == 2


def test_the_list_has_pages_and_filters(stuck: Shop) -> None:
    sam = stuck.as_staff()

    first = asked(sam, f"{PARKED}?limit=2")
    second = asked(sam, f"{PARKED}?limit=2&cursor={first['next']}")
    pens = asked(sam, f"{PARKED}?key=PEN")
    none = asked(sam, f"{PARKED}?type=catalog.sneezed.v1")

    assert [each["key"] for each in first["items"]] == ["MUG", "MUG"]
    assert ([each["key"] for each in second["items"]], second["next"]) == (["PEN"], None)
    assert [each["key"] for each in pens["items"]] == ["PEN"]
    assert none["items"] == []


def test_one_event_is_tried_again_with_its_key_and_no_other(stuck: Shop) -> None:
    sam = stuck.as_staff()
    pen = asked(sam, f"{PARKED}?key=PEN")["items"][0]

    done(sam, f"{PARKED}/{pen['id']}/retry", BECAUSE)

    assert drains(stuck, "orders") == 1
    assert [each["key"] for each in asked(sam, PARKED)["items"]] == ["MUG", "MUG"]


def test_giving_up_on_one_lets_the_others_go_on(stuck: Shop) -> None:
    sam = stuck.as_staff()
    first = asked(sam, PARKED)["items"][0]

    done(sam, f"{PARKED}/{first['id']}/discard", {"reason": "version 2 says it all"}, status=204)
    handled = drains(stuck, "orders")

    assert handled == 1
    assert [each["key"] for each in asked(sam, PARKED)["items"]] == ["PEN"]
    assert trail(sam, "orders") == [(WHO, "parked.discard", "version 2 says it all")]
    assert sam.post(f"{PARKED}/{first['id']}/discard", BECAUSE).status_code == 404
    assert sam.get(f"{PARKED}/{first['id']}").status_code == 404


def test_what_is_not_json_is_shown_in_base64(shop: Shop) -> None:
    consumes(shop, "orders", offer("MUG"), body=b"\xff\xfe")
    sam = shop.as_staff()

    [row] = asked(sam, PARKED)["items"]
    whole = asked(sam, f"{PARKED}/{row['id']}")

    assert whole["payload_is"] == "base64"
    assert base64.b64decode(whole["payload"]) == b"\xff\xfe"
    assert whole["error"].startswith("Unreadable: catalog.offer_changed.v1")


@pytest.mark.parametrize("path", ["1", "999", "x", "-1", "1.0", "9" * 30, "00000000-0000-7000-8000-000000000001"])
def test_what_is_not_parked_is_not_found(shop: Shop, path: str) -> None:
    sam = shop.as_staff()

    answers: list[Any] = [
        sam.get(f"{PARKED}/{path}"),
        sam.post(f"{PARKED}/{path}/retry", BECAUSE),
        sam.post(f"{PARKED}/{path}/discard", BECAUSE),
    ]

    assert {(each.status_code, each.json["code"]) for each in answers} == {(404, "not_parked")}
    assert trail(sam, "orders") == []


@pytest.mark.parametrize("path", ["retry", "1/retry", "1/discard"])
@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}, {"reason": 1}])
def test_nothing_is_done_without_a_reason(stuck: Shop, path: str, body: Any) -> None:
    sam = stuck.as_staff()

    answer: Any = sam.post(f"{PARKED}/{path}", body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["reason"])
    assert len(asked(sam, PARKED)["items"]) == 3
    assert trail(sam, "orders") == []


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "Wy0xXQ", "WzFlOTld", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OV0"])
def test_a_cursor_that_is_none_of_ours_is_refused(shop: Shop, cursor: str) -> None:
    answer: Any = shop.as_staff().get(f"{PARKED}?cursor={cursor}")

    assert (answer.status_code, answer.json["code"]) == (422, "bad_cursor")


def test_each_module_answers_for_itself(stuck: Shop) -> None:
    sam = stuck.as_staff()

    assert {name: len(asked(sam, f"/ops/{name}/parked")["items"]) for name in stuck.modules} == {
        "catalog": 0,
        "orders": 3,
        "payments": 0,
        "users": 0,
    }
