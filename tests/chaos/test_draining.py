"""After SIGTERM: not ready, then no new connections; requests are finished, then the bus is drained; exit 0."""

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
    """A shop in one process, with a metrics port."""
    live = LiveShop(tmp_path, GRACE_SECONDS=GRACE, METRICS_PORT=str(free_port()))
    live.start()
    yield live
    live.stop()


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[ShopOnServers]:
    """A shop with two workers and a bus process on real servers, with a metrics port."""
    more = {"GRACE_SECONDS": GRACE, "METRICS_PORT": str(free_port()), "WORKERS": "2"}
    with live_shop(tmp_path, split=False, **more) as shop:
        yield shop


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """Threads for clients that wait for a response meanwhile."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def readiness(url: str) -> tuple[int, Any]:
    try:
        with urlopen(f"{url}/readyz", timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def is_leaving(url: str) -> bool:
    """Whether it reports that it is draining, and is alive."""
    status, answer = readiness(url)
    leaving = answer["checks"].get("process") == {"status": "failing", "detail": "is shutting down"}
    return status == 503 and answer["status"] == "not ready" and leaving and answers(f"{url}/livez")


def unsent(url: str) -> int:
    """The number of unsent events in the outbox of a module."""
    return len(found(url, select(tables.outbox.c.position).where(tables.outbox.c.published_at.is_(None))))


def led(url: str) -> bool:
    """Whether a process holds the lease of the relay of a module."""
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
    until(lambda: is_leaving(embedded.url), "it reports that it is draining, and answers")
    late = embedded.places(token, "MUG", PRICE)

    assert embedded.process.wait(timeout=200) == 0
    assert paying.result(timeout=150) is None, "its payment was answered with 200"
    assert waiting.result(timeout=150) == 200
    assert is_closed(embedded.port) and is_closed(embedded.variables["METRICS_PORT"])
    urls = {name: f"sqlite:///{embedded.folder}/{name}.sqlite" for name in MODULES}
    assert not any(led(url) for url in urls.values())
    assert "Traceback" not in embedded.log.read_text()
    embedded.start()
    embedded.order_is(token, first, "paid")
    embedded.order_is(token, late, "awaiting_payment")
    embedded.settles()


def test_workers_end_first_then_the_bus_which_leaves_nothing_unsent(
    whole: ShopOnServers, beside: ThreadPoolExecutor
) -> None:
    stocks(whole, "MUG", PRICE, on_hand=5)
    alice = signs_up(whole, "alice@example.com")
    first = places(whole, alice, "MUG", 1, PRICE)
    process, bus = whole.live.processes["whole"], whole.live.bus_of("whole")
    waiting = beside.submit(waits_for, whole.live.url, first, alice.headers["Authorization"])

    process.terminate()
    until(lambda: is_leaving(whole.live.url), "it reports that it is draining, and answers")
    last = places(whole, alice, "MUG", 1, PRICE, settle=False)

    assert process.wait(timeout=200) == 0
    assert waiting.result(timeout=150) == 200
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
    """The state of each module's consumer group and its number of members: a killed member would stay for 10 s."""
    prefix = shop.settings.topic_prefix
    admin = AdminClient({"bootstrap.servers": shop.settings.kafka_servers})
    asked = admin.describe_consumer_groups([prefix + name for name in MODULES])
    found = {group.removeprefix(prefix): each.result(timeout=60) for group, each in asked.items()}
    return {group: (each.state, len(each.members)) for group, each in found.items()}


def test_a_worker_that_gets_the_signal_twice_finishes_what_it_has_begun(
    embedded: LiveShop, beside: ThreadPoolExecutor
) -> None:
    """A service manager may send it to each process, and the parent sends it, too."""
    embedded.stocks("MUG", PRICE, on_hand=5)
    token = embedded.signs_up("alice@example.com")
    order = embedded.places(token, "MUG", PRICE)
    embedded.order_is(token, order, "awaiting_payment")
    embedded.holds_back_the_answer_to("confirm")
    worker, paying = embedded.worker(), beside.submit(embedded.pays, token, order)
    embedded.waits_for_the_effect_of("confirm")
    sent = embedded.sent

    os.kill(worker, signal.SIGTERM)
    until(lambda: not embedded.is_ready(), "it refuses connections")
    os.kill(worker, signal.SIGTERM)

    paying.result(timeout=150)
    assert embedded.sent == sent, "the confirmation was answered, and not repeated"


def test_a_second_signal_ends_it_before_its_grace_period(tmp_path: Path) -> None:
    with LiveShop(tmp_path, GRACE_SECONDS="300") as shop:
        shop.start()
        assert shop.process is not None

        os.kill(shop.process.pid, signal.SIGTERM)
        until(lambda: is_leaving(shop.url), "it reports that it is draining")
        os.kill(shop.process.pid, signal.SIGTERM)

        assert shop.process.wait(timeout=200) == 0
