"""What others do to the topics: strangers read and write them with their own tools, operators make and rewind them."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, text

from app.bus.contracts.catalog import OfferChanged
from app.bus.tables import inbox
from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.conftest import until
from tests.journeys.steps import buys, places, signs_up, stocks
from tests.servers import program
from tests.topologies import ShopOnServers

PRICE = Money(900, "EUR")


def kcat(shop: ShopOnServers, *options: str, said: str | None = None) -> str:
    """Run it on the shop's broker; what it printed."""
    command = [program("kcat"), "-b", shop.settings.kafka_servers, *options]
    return subprocess.run(command, input=said, check=True, capture_output=True, text=True, timeout=30).stdout


def flask(shop: ShopOnServers, *command: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=list(command))


def test_an_orders_life_can_be_read_with_kcat(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=5)
    order_id = buys(split, signs_up(split, "kate@example.com"), "MUG", 2, PRICE)

    topic = f"{split.settings.topic_prefix}orders"
    lines = kcat(split, "-C", "-e", "-q", "-t", topic, "-f", "%k\t%h\t%s\n").splitlines()
    split.forget()

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


def test_an_event_made_with_kcat_is_taken(split: ShopOnServers) -> None:
    offer = OfferChanged(
        sku="AFAR", product_id=str(new_id()), name="From afar", price=900, currency="EUR", on_sale=True, version=1
    )
    headers = {"ce_specversion": "1.0", "ce_id": str(new_id()), "ce_type": OfferChanged.event_type()}
    headers |= {"ce_source": "/elsewhere", "content-type": "application/json"}
    options = [word for name, value in headers.items() for word in ("-H", f"{name}={value}")]

    topic = f"{split.settings.topic_prefix}catalog"
    kcat(split, "-P", "-t", topic, "-k", "AFAR", *options, said=offer.to_json().decode())

    customer = split.as_customer(new_id())
    until(lambda: customer.orders({"AFAR": 1}, PRICE).status_code == 201, "the offer is heard")
    split.settle()
    split.forget()


def test_topics_are_made_once_and_keep_what_the_settings_say(whole: ShopOnServers) -> None:
    said = flask(whole, "bus", "topics")

    assert said.exit_code == 0
    assert said.output.count("there, with 6 partitions; kept 7 days") == 4


def test_a_module_that_was_restored_from_a_backup_meets_again_what_it_lost(whole: ShopOnServers) -> None:
    stocks(whole, "MUG", PRICE, on_hand=5)
    alice = signs_up(whole, "restored@example.com")
    whole.settle()
    backup = datetime.now(UTC) - timedelta(seconds=1)
    with whole.modules["catalog"].database.read() as connection:
        backed_up = list(connection.execute(select(inbox.c.event_id)).scalars())
    order_id = places(whole, alice, "MUG", 2, PRICE)
    refused = flask(whole, "bus", "rewind", "--to", f"{backup:%Y-%m-%dT%H:%M:%SZ}")
    whole.live.stop("whole")
    lost = "TRUNCATE holds, reservations; UPDATE stock SET held = 0; DELETE FROM movements WHERE kind = 'held'"
    with whole.modules["catalog"].database.begin() as connection:
        connection.execute(text(lost))  # as it was before the order
        connection.execute(delete(inbox).where(inbox.c.event_id.not_in(backed_up)))

    rewound = flask(whole, "bus", "rewind", "--to", f"{backup:%Y-%m-%dT%H:%M:%SZ}")
    whole.live.start("whole")
    whole.settle()

    held: Any = whole.as_staff().get("/stock/MUG").json
    status: Any = alice.get(f"/orders/{order_id}").json
    whole.forget()
    assert refused.exit_code == 1
    assert "Stop what listens as" in refused.output
    assert rewound.exit_code == 0, rewound.output
    assert (held["on_hand"], held["held"]) == (5, 2)
    assert status["status"] == "awaiting_payment"
