"""SIGKILL to the parent only, while clients wait for responses: no process of the shop outlives it.

KILLS=30 repeats each case 30 times, for a thorough run.
"""

import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from app.kernel.money import Money
from tests.chaos.live import LiveShop
from tests.chaos.test_kills import is_running
from tests.conftest import BROKEN_OFF, answers, until
from tests.journeys.steps import places, signs_up, stocks
from tests.topologies import ShopOnServers, descendants, live_shop

KILLS = int(os.environ.get("KILLS", "1"))
LONG = 5.0  # seconds after which no process may be alive
WAITING = 24  # clients; more than a worker has threads
PRICE = Money(900, "EUR")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop with five mugs; each test starts it again."""
    with LiveShop(tmp_path_factory.mktemp("embedded")) as live:
        live.start()
        live.stocks("MUG", PRICE, on_hand=5)
        yield live
        live.stop()


@pytest.fixture(scope="module")
def open_order(embedded: LiveShop) -> tuple[str, str]:
    """An order that awaits payment, and the token of its customer."""
    token = embedded.signs_up("alice@example.com")
    order_id = embedded.places(token, "MUG", PRICE)
    embedded.order_is(token, order_id, "awaiting_payment")
    return order_id, token


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[ShopOnServers]:
    with live_shop(tmp_path, split=False, WORKERS="2") as shop:
        yield shop


@contextmanager
def waiting_for(url: str, order_id: str, token: str) -> Iterator[None]:
    """Let clients wait for changes of an order on every worker, inside this block."""

    def waits(_: int) -> None:
        asked = Request(f"{url}/api/v1/orders/{order_id}?wait=30", headers={"Authorization": token})
        with suppress(*BROKEN_OFF), urlopen(asked, timeout=60) as answer:
            answer.read()

    with ThreadPoolExecutor(WAITING) as crowd:
        for each in range(WAITING):
            crowd.submit(waits, each)
        until(lambda: answers(f"{url}/livez"), "it answers beside those who wait")
        yield


def ends_wholly(parent: int, family: list[int]) -> None:
    os.kill(parent, signal.SIGKILL)
    deadline = time.monotonic() + LONG
    while (alive := [what_is(pid) for pid in family if is_running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive, f"of the shop of {parent} there live, {LONG} s later: {alive}"


def what_is(pid: int) -> str:
    """The command and the state of a process."""
    with suppress(OSError):
        state = re.findall("^(?:State|PPid|SigPnd|ShdPnd):.*", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return f"{pid} {Path(f'/proc/{pid}/cmdline').read_text()[-60:]!r} {state}"
    return f"{pid}, gone by now"


@pytest.mark.parametrize("frozen", [True, *[False] * KILLS])
def test_nothing_of_an_embedded_shop_outlives_its_parent(
    embedded: LiveShop, open_order: tuple[str, str], frozen: bool
) -> None:
    assert embedded.process is not None
    order_id, token = open_order
    parent = embedded.process.pid
    family = descendants(parent)

    with waiting_for(embedded.url, order_id, f"Bearer {token}"):
        if frozen:
            freeze(family)
        ends_wholly(parent, family)

    embedded.process.wait()
    embedded.start()
    embedded.order_is(token, order_id, "awaiting_payment")


def test_nothing_of_a_shop_on_servers_outlives_its_parent(whole: ShopOnServers) -> None:
    stocks(whole, "MUG", PRICE, on_hand=5)
    alice = signs_up(whole, "alice@example.com")
    order_id = places(whole, alice, "MUG", 1, PRICE)
    for kill in range(KILLS + 1):
        parent = whole.live.processes["whole"]
        family = descendants(parent.pid)
        with waiting_for(whole.live.url, order_id, alice.headers["Authorization"]):
            if kill == 0:
                freeze(family)
            ends_wholly(parent.pid, family)
        parent.wait()
        whole.live.start()
    assert alice.get(f"/orders/{order_id}").status_code == 200


def freeze(family: list[int]) -> None:
    """Stop processes as if their interpreters hung: only the kernel can end them."""
    for pid in family:
        with suppress(ProcessLookupError):  # Stripe's library runs uname at its first call
            os.kill(pid, signal.SIGSTOP)
