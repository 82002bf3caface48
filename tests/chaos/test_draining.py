"""Told to end: not ready, then nobody new, then what is under way to its end, then the bus, then 0."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from confluent_kafka import ConsumerGroupState
from confluent_kafka.admin import AdminClient
from sqlalchemy import Select, create_engine, select

from app.bus import tables
from app.kernel.money import Money
from tests.chaos.live import MODULES, LiveShop
from tests.conftest import answers, free_port, until
from tests.journeys.steps import places, signs_up, stocks
from tests.topologies import ShopOnServers, live_shop

pytestmark = pytest.mark.slow

PRICE = Money(900, "EUR")
GRACE = "2"


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[LiveShop]:
    """In one process, with a port for metrics."""
    live = LiveShop(tmp_path, GRACE_SECONDS=GRACE, METRICS_PORT=str(free_port()))
    live.start()
    yield live
    live.stop()


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[ShopOnServers]:
    """Two workers and a bus process on real servers, with a port for metrics."""
    more = {"GRACE_SECONDS": GRACE, "METRICS_PORT": str(free_port()), "WORKERS": "2"}
    with live_shop(tmp_path, split=False, **more) as shop:
        yield shop


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """For those who wait for an answer meanwhile."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def reported(url: str) -> tuple[int, Any]:
    try:
        with urlopen(f"{url}/readyz", timeout=5) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def is_leaving(url: str) -> bool:
    """It says that it is about to end, and is alive."""
    status, answer = reported(url)
    leaving = answer["checks"].get("process") == {"status": "failing", "detail": "it is about to end"}
    return status == 503 and answer["status"] == "not ready" and leaving and answers(f"{url}/livez")


def unsent(url: str) -> int:
    """How many events a module's outbox still has to send."""
    return len(found(url, select(tables.outbox.c.position).where(tables.outbox.c.published_at.is_(None))))


def led(url: str) -> bool:
    """Whether anyone holds the lead of its relay."""
    return bool(found(url, select(tables.leases.c.owner)))


def found(url: str, asked: Select[Any]) -> list[Any]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = list(connection.execute(asked))
    engine.dispose()
    return rows


def is_closed(port: str | int) -> bool:
    return not answers(f"http://127.0.0.1:{port}/metrics")


def waits_for(url: str, order_id: str, token: str) -> int:
    asked = Request(f"{url}/api/v1/orders/{order_id}?wait=30", headers={"Authorization": token})
    with urlopen(asked, timeout=60) as answer:
        return int(answer.status)


def test_an_embedded_shop_finishes_what_it_has_begun(embedded: LiveShop, beside: ThreadPoolExecutor) -> None:
    assert embedded.process is not None
    embedded.stocks("MUG", PRICE, on_hand=5)
    token = embedded.signs_up("alice@example.com")
    first = embedded.places(token, "MUG", PRICE)
    embedded.order_is(token, first, "awaiting_payment")
    embedded.holds_back_the_answer_to("confirm")
    paying = beside.submit(embedded.pays, token, first)
    embedded.waits_for_the_effect_of("confirm")
    waiting = beside.submit(waits_for, embedded.url, first, f"Bearer {token}")

    embedded.process.terminate()
    until(lambda: is_leaving(embedded.url), "it says that it is about to end, and answers")
    late = embedded.places(token, "MUG", PRICE)

    assert embedded.process.wait(timeout=40) == 0
    assert paying.result(timeout=30) is None, "its payment was answered with 200"
    assert waiting.result(timeout=30) == 200
    assert is_closed(embedded.port) and is_closed(embedded.variables["METRICS_PORT"])
    urls = {name: f"sqlite:///{embedded.folder}/{name}.sqlite" for name in MODULES}
    assert not any(led(url) for url in urls.values())
    assert "Traceback" not in embedded.log.read_text()
    embedded.start()
    embedded.order_is(token, first, "paid")
    embedded.order_is(token, late, "awaiting_payment")
    embedded.settles()


def test_workers_end_first_then_the_bus_which_leaves_nothing_unsaid(
    whole: ShopOnServers, beside: ThreadPoolExecutor
) -> None:
    stocks(whole, "MUG", PRICE, on_hand=5)
    alice = signs_up(whole, "alice@example.com")
    first = places(whole, alice, "MUG", 1, PRICE)
    process, bus = whole.live.processes["whole"], whole.live.bus_of("whole")
    waiting = beside.submit(waits_for, whole.live.url, first, alice.headers["Authorization"])

    process.terminate()
    until(lambda: is_leaving(whole.live.url), "it says that it is about to end, and answers")
    last = places(whole, alice, "MUG", 1, PRICE, settle=False)

    assert process.wait(timeout=40) == 0
    assert waiting.result(timeout=30) == 200
    assert not Path(f"/proc/{bus}").exists()
    assert is_closed(whole.live.ports["whole"]) and is_closed(whole.live.variables["METRICS_PORT"])
    urls = [module.database.url for module in whole.modules.values()]
    assert [unsent(url) for url in urls] == [0, 0, 0, 0]
    assert not any(led(url) for url in urls)
    assert groups(whole) == dict.fromkeys(MODULES, (ConsumerGroupState.EMPTY, 0))
    assert "Traceback" not in whole.live.log("whole").read_text()
    whole.live.processes.clear()
    whole.live.start()
    whole.settle()
    assert alice.get(f"/orders/{last}").json["status"] == "awaiting_payment"  # type: ignore[index]


def groups(shop: ShopOnServers) -> dict[str, tuple[ConsumerGroupState, int]]:
    """Each module's group, and how many are still in it: one who only died would be for ten seconds."""
    prefix = shop.settings.topic_prefix
    admin = AdminClient({"bootstrap.servers": shop.settings.kafka_servers})
    asked = admin.describe_consumer_groups([prefix + name for name in MODULES])
    found = {group.removeprefix(prefix): each.result(timeout=10) for group, each in asked.items()}
    return {group: (each.state, len(each.members)) for group, each in found.items()}


def test_told_twice_it_does_not_wait_out_its_grace(embedded: LiveShop) -> None:
    embedded.stop()
    embedded.start(GRACE_SECONDS="300")
    assert embedded.process is not None

    os.kill(embedded.process.pid, signal.SIGTERM)
    until(lambda: is_leaving(embedded.url), "it says that it is about to end")
    os.kill(embedded.process.pid, signal.SIGTERM)

    assert embedded.process.wait(timeout=40) == 0
