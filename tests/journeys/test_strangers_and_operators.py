"""Foreign programs read and write the topics with their own tools; operators create and rewind them."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
from sqlalchemy import delete, select, text

from app.bus import parking
from app.bus.contracts import PUBLISHERS
from app.bus.contracts.catalog import OfferChanged
from app.bus.tables import inbox
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.ops import operations
from tests.conftest import until
from tests.journeys.steps import buys, places, signs_up, stocks
from tests.servers import program
from tests.topologies import ShopOnServers

PRICE = Money(900, "EUR")
GARBAGE: list[tuple[bytes | None, bool, str]] = [  # value, whether it has a key, version
    (b"not JSON", True, ".v1"),
    (b"{}", True, ".v1"),  # every field is missing
    (b"{}", True, ".v99"),
    (b"x" * 2_000_000, True, ".v1"),
    (None, True, ".v1"),
    (b"{}", False, ".v1"),
]


def kcat(shop: ShopOnServers, *options: str, published: str | None = None) -> str:
    """Run kcat on the shop's broker; returns its output."""
    command = [program("kcat"), "-b", shop.settings.kafka_servers, *options]
    return subprocess.run(
        command, input=published, check=True, capture_output=True, text=True, errors="replace", timeout=150
    ).stdout


def produce(shop: ShopOnServers, publisher: str, value: bytes | None, key: str | None, type: str) -> None:
    """Write an event to a topic, as a foreign program would."""
    producer = Producer({"bootstrap.servers": shop.settings.kafka_servers, "message.max.bytes": 4_000_000})
    headers: dict[str, str | bytes | None] = {"ce_specversion": "1.0", "ce_id": str(new_id()), "ce_type": type}
    producer.produce(shop.settings.topic_prefix + publisher, value, key, headers=headers)
    assert producer.flush(10) == 0


def takes_much(shop: ShopOnServers, publisher: str) -> None:
    """Raise the maximum size of an event in a topic: the default of the broker would refuse two megabytes."""
    entry = ConfigEntry("max.message.bytes", "4000000", incremental_operation=AlterConfigOpType.SET)
    topic = shop.settings.topic_prefix + publisher
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": shop.settings.kafka_servers})
    for done in admin.incremental_alter_configs([resource]).values():
        done.result()


def parked_in(shop: ShopOnServers) -> dict[str, int]:
    """The number of parked events of each module."""
    counts = {}
    for name, module in shop.modules.items():
        with module.database.read() as connection:
            counts[name] = parking.depth(connection)
    return counts


def flask(shop: ShopOnServers, *command: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=list(command))


def test_an_orders_life_can_be_read_with_kcat(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=5)
    order_id = buys(split, signs_up(split, "kate@example.com"), "MUG", 2, PRICE)

    topic = f"{split.settings.topic_prefix}orders"
    lines = kcat(split, "-C", "-e", "-q", "-t", topic, "-f", "%k\t%h\t%s\n").splitlines()

    life = [line.split("\t") for line in lines if line.startswith(order_id)]
    headers = [dict(pair.split("=", 1) for pair in each.split(",")) for _, each, _ in life]
    assert [each["ce_type"] for each in headers] == [
        "orders.order_placed.v1",
        "orders.payment_requested.v1",
        "orders.order_confirmed.v1",
        "orders.order_paid.v1",
    ]
    assert {(each["ce_specversion"], each["ce_source"], each["content-type"]) for each in headers} == {
        ("1.0", "/quartet/orders", "application/json")
    }
    assert all(json.loads(body)["order_id"] == order_id for _, _, body in life)


def test_an_event_made_with_kcat_is_consumed(split: ShopOnServers) -> None:
    offer = OfferChanged(
        sku="AFAR", product_id=str(new_id()), name="From afar", price=900, currency="EUR", on_sale=True, version=1
    )
    headers = {"ce_specversion": "1.0", "ce_id": str(new_id()), "ce_type": OfferChanged.event_type()}
    headers |= {"ce_source": "/elsewhere", "content-type": "application/json"}
    options = [word for name, value in headers.items() for word in ("-H", f"{name}={value}")]

    topic = f"{split.settings.topic_prefix}catalog"
    kcat(split, "-P", "-t", topic, "-k", "AFAR", *options, published=offer.to_json().decode())

    customer = split.as_customer(new_id())
    until(lambda: customer.orders({"AFAR": 1}, PRICE).status_code == 201, "the offer is consumed")
    split.settle()


def test_topics_are_created_once_with_the_retention_of_the_settings(split: ShopOnServers) -> None:
    resources = [ConfigResource(ConfigResource.Type.TOPIC, split.settings.topic_prefix + name) for name in PUBLISHERS]

    published = flask(split, "bus", "topics")

    assert published.exit_code == 0
    assert published.output.count("exists, with 6 partitions; events are retained for 7 days") == 4
    admin = AdminClient({"bootstrap.servers": split.settings.kafka_servers})
    retention = [done.result()["retention.ms"].value for done in admin.describe_configs(resources).values()]
    assert retention == [str(7 * 86_400_000)] * 4


@pytest.mark.parametrize("publisher", sorted(PUBLISHERS))
def test_garbage_in_a_topic_is_parked_by_all_subscribers_and_an_unknown_type_is_skipped(
    split: ShopOnServers, publisher: str
) -> None:
    consumed = {
        name: {event.event_type() for event in module.all_subscriptions if event.topic() == publisher}
        for name, module in split.modules.items()
    }
    types = sorted(set().union(*consumed.values()))
    takes_much(split, publisher)

    for type in types:
        for value, keyed, version in GARBAGE:
            produce(split, publisher, value, str(new_id()) if keyed else None, type.partition(".v")[0] + version)
    produce(split, publisher, b"whatever", str(new_id()), f"{publisher}.sneezed.v1")

    expected = {name: len(own) * len(GARBAGE) for name, own in consumed.items()}
    until(lambda: parked_in(split) == expected, f"all unreadable events are parked: {expected}")
    mine = [(name, publisher) for name, own in consumed.items() if own]
    until(lambda: {split.background.transport.lag()[each] for each in mine} == {0}, "no consumer lags")
    assert mine, "each topic has a subscriber"


def test_events_parked_for_an_error_of_ours_are_consumed_once_it_is_fixed(split: ShopOnServers) -> None:
    database = split.modules["orders"].database
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE offers RENAME TO mislaid"))
    stocks(split, "MUG", PRICE, on_hand=5)
    parked = parked_in(split)
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE mislaid RENAME TO offers"))
        connection.execute(text("UPDATE parked_keys SET tries = 3, next_try_at = NULL"))  # no slow retries are left
        first = connection.execute(text("SELECT min(id) FROM parked")).scalar_one()

    published = flask(split, "bus", "parked", "retry", f"orders/{first}", "--reason", "the table is back")

    until(lambda: split.parked() == 0, "it is done")
    order_id = buys(split, signs_up(split, "mended@example.com"), "MUG", 1, PRICE)
    assert {name for name, events in parked.items() if events} == {"orders"}
    assert published.exit_code == 0, published.output
    assert order_id


def test_a_module_that_was_restored_from_a_backup_consumes_again_what_it_lost(split: ShopOnServers) -> None:
    backup = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)  # events of other tests are earlier
    stocks(split, "MUG", PRICE, on_hand=5)
    alice = signs_up(split, "restored@example.com")
    split.settle()
    until(lambda: datetime.now(UTC) > backup, "it is the time of the backup")
    with split.modules["catalog"].database.read() as connection:
        backed_up = list(connection.execute(select(inbox.c.event_id)).scalars())
    order_id = places(split, alice, "MUG", 2, PRICE)
    refused = flask(split, "bus", "rewind", "--to", f"{backup:%Y-%m-%dT%H:%M:%SZ}")
    split.live.stop()
    lost = "TRUNCATE holds, reservations; UPDATE stock SET held = 0; DELETE FROM movements WHERE kind = 'held'"
    with split.modules["catalog"].database.begin() as connection:
        connection.execute(text(lost))  # as it was before the order
        connection.execute(delete(inbox).where(inbox.c.event_id.not_in(backed_up)))

    rewound = flask(split, "bus", "rewind", "--to", f"{backup:%Y-%m-%dT%H:%M:%SZ}")
    split.live.start()
    split.settle()

    held: Any = split.as_staff().get("/stock/MUG").json
    status: Any = alice.get(f"/orders/{order_id}").json
    assert refused.exit_code == 1
    assert "Stop every process that consumes for" in refused.output
    assert rewound.exit_code == 0, rewound.output
    for module in split.modules.values():
        with module.database.read() as connection:
            assert [row.what for row in operations.newest(connection, None, 5)] == ["rewind"], module.name
    assert (held["on_hand"], held["held"]) == (5, 2)
    assert status["status"] == "awaiting_payment"
