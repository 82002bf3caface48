"""Operations in the split shop: through the gateway, in each module separately."""

from typing import Any

from confluent_kafka import Producer
from sqlalchemy import text

from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.conftest import until
from tests.journeys.steps import stocks
from tests.ops.steps import WHO, asked, done, trail
from tests.shop import ALICE
from tests.topologies import ShopOnServers

PRICE = Money(900, "EUR")
OFFER = "catalog.offer_changed.v1"


def produce(shop: ShopOnServers, topic: str, type: str, key: str, body: bytes) -> None:
    """Write an event to a topic, as a foreign program would."""
    producer = Producer({"bootstrap.servers": shop.settings.kafka_servers})
    headers: dict[str, str | bytes | None] = {"ce_id": str(new_id()), "ce_type": type, "ce_specversion": "1.0"}
    producer.produce(shop.settings.topic_prefix + topic, body, key, headers=headers)
    assert producer.flush(10) == 0


def test_an_event_parked_in_one_module_is_found_and_discarded_there(split: ShopOnServers) -> None:
    sam, key = split.as_staff(), str(new_id())
    produce(split, "orders", "orders.payment_requested.v1", key, b"\xff not JSON")
    parked = until(lambda: asked(sam, "/ops/payments/parked")["items"], "it is parked", seconds=30)

    [cause] = asked(sam, "/ops/payments/parked/causes")["items"]
    whole = asked(sam, f"/ops/payments/parked/{cause['example']}")
    elsewhere = asked(sam, "/ops/orders/parked")["items"]
    refused = split.as_customer(ALICE).get("/ops/payments/parked")
    done(sam, f"/ops/payments/parked/{parked[0]['id']}/discard", {"reason": "a stranger's noise"}, status=204)
    unparked = until(lambda: not asked(sam, "/ops/payments/bus")["parked"]["keys"], "the key flows again", seconds=30)
    recorded = trail(sam, "payments")

    assert cause["cause"].startswith("Unreadable: orders.payment_requested.v")
    assert (whole["key"], whole["does"], whole["payload_is"]) == (
        key,
        "Open a payment for the order and create it at Stripe.",
        "base64",
    )
    assert elsewhere == []
    assert (refused.status_code, refused.json["code"]) == (403, "role_missing")  # type: ignore[index]
    assert unparked
    assert recorded == [(WHO, "parked.discard", "a stranger's noise")]


def test_a_lost_projection_is_rebuilt_from_kafka(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=5)
    with split.modules["orders"].database.begin() as connection:
        connection.execute(text("TRUNCATE offers"))
    sam, requested = split.as_staff(), {"since": "2026-01-01T00:00:00Z", "type": OFFER, "forget": True}
    lost = split.as_customer(ALICE).orders({"MUG": 1}, PRICE)

    preview = done(sam, "/ops/orders/replay", {**requested, "key": "MUG", "dry_run": True})
    begun = done(sam, "/ops/orders/replay", {**requested, "key": "MUG", "reason": "offers were truncated"}, status=202)

    def ended() -> Any:
        reported = asked(sam, f"/ops/orders/replays/{begun['id']}")
        return reported if reported["ended_at"] else None

    reported = until(ended, "the replay is done", seconds=40)
    placed = split.as_customer(ALICE).orders({"MUG": 1}, PRICE)
    split.settle()

    assert lost.status_code == 422
    assert preview["by_type"][0]["to_handle"] >= 1 and preview["complete"]
    assert reported["counts"] == {"handled": preview["events"]}
    assert placed.status_code == 201


def test_republished_events_are_sent_again_by_the_relay_and_have_no_second_effect(split: ShopOnServers) -> None:
    stocks(split, "PEN", PRICE, on_hand=5)
    sam = split.as_staff()

    published = done(sam, "/ops/catalog/republish", {"since": "2026-01-01T00:00:00Z", "reason": "the broker lost it"})
    until(lambda: not asked(sam, "/ops/catalog/bus")["outbox"]["waiting"], "it is sent", seconds=30)

    def consumed() -> Any:
        lag: list[Any] = asked(sam, "/ops/orders/bus")["lag"]
        return lag if not any(each["events"] for each in lag) else None

    lag = until(consumed, "orders has consumed it", seconds=30)
    # The previous test has emptied the table of leases: the holder writes its lease again when it renews it.
    until(
        lambda: asked(sam, "/ops/catalog/bus")["relay"]["active"],
        "some process holds the lease of the relay",
        seconds=15,
    )
    parked = split.parked()
    split.settle()

    assert published["events"] >= 1
    assert {each["topic"] for each in lag} == {"catalog", "payments", "users"}
    assert parked == 0
