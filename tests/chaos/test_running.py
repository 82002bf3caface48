"""Starting and stopping the shop, and what the operator at the terminal sees."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from app.kernel.money import Money
from app.runtime.child_processes import LIBC
from tests.chaos.live import LiveShop
from tests.conftest import ROOT, free_port, until
from tests.topologies import descendants

pytestmark = pytest.mark.slow
PRICE = Money(900, "EUR")


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop with mugs, for the tests that leave it running."""
    with LiveShop(tmp_path_factory.mktemp("running")) as live:
        live.start()
        live.stocks("MUG", PRICE, on_hand=50)
        yield live
        live.stop()


@pytest.fixture(scope="module")
def token(one_shop: LiveShop) -> str:
    """The access token of a customer."""
    return one_shop.signs_up("alice@example.com")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[LiveShop]:
    """A shop for one test, which stops it."""
    with LiveShop(tmp_path) as live:
        live.start()
        yield live


def test_ctrl_c_ends_it_cleanly(shop: LiveShop) -> None:
    assert shop.process is not None

    os.killpg(shop.process.pid, signal.SIGINT)

    assert shop.process.wait(timeout=150) == 0
    assert "Traceback" not in shop.log.read_text()


def test_a_signal_ends_it_whichever_thread_takes_it(shop: LiveShop) -> None:
    assert shop.process is not None
    parent = shop.process.pid
    others = [int(each.name) for each in Path(f"/proc/{parent}/task").iterdir() if int(each.name) != parent]

    assert LIBC.tgkill(parent, others[-1], signal.SIGTERM) == 0  # Python has no function for it

    assert shop.process.wait(timeout=150) == 0


def test_one_thread_of_a_worker_takes_the_signals_that_end_it(one_shop: LiveShop) -> None:
    threads = [*Path(f"/proc/{one_shop.worker()}/task").iterdir()]

    blocked = [re.findall(r"SigBlk:\t(\w+)", (thread / "status").read_text())[0] for thread in threads]

    assert len(threads) > 3
    for number in (signal.SIGTERM, signal.SIGINT):
        assert [bool(int(mask, 16) >> number - 1 & 1) for mask in blocked].count(False) == 1  # the one in sigwait


def test_nobody_else_on_this_machine_reads_its_data_or_its_secrets(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    (folder / "orders.sqlite").touch(mode=0o644)  # made by a version that did not restrict the mode
    secrets = {"STRIPE_WEBHOOK_SECRETS": "whsec_hunter22", "SIGNING_KEY_SECRET": "hunter22" * 4}
    shop = LiveShop(folder, **secrets)
    shop.log = tmp_path / "log"
    with shop:
        shop.start()
        assert shop.process is not None
        shop.signs_up("alice@example.com")
        running = [shop.process.pid, *descendants(shop.process.pid)]
        lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in running]
        modes = {path.name: path.stat().st_mode & 0o077 for path in folder.rglob("*") if path.is_file()}

    assert any(b"sandbox" in line for line in lines)
    assert not [line for line in lines if b"hunter22" in line]
    assert {"users.sqlite", "orders.sqlite", "sandbox.sqlite", "orders.lock", "orders.sqlite-wal"} <= set(modes)
    assert not any(modes.values()), modes


def test_a_variable_that_is_nearly_a_setting_is_reported(tmp_path: Path) -> None:
    shop = LiveShop(tmp_path, KAFKA_BOOTSTRAP="127.0.0.1:9")
    with shop:
        shop.start()

        until(lambda: "payments: our sandbox" in shop.log.read_text(), "it prints the servers that it uses")
        output = shop.log.read_text()

    assert "KAFKA_BOOTSTRAP is set, but it is not a setting: KAFKA_BOOTSTRAP_SERVERS is." in output


def test_a_second_start_on_the_same_data_is_refused_with_a_sentence(one_shop: LiveShop) -> None:
    assert one_shop.process is not None
    environment = {**os.environ, "QUARTET_DATA": str(one_shop.folder), "PORT": str(free_port())}

    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    second = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    assert second.returncode == 1
    assert str(one_shop.process.pid) in second.stderr
    assert "Traceback" not in second.stderr
    assert one_shop.is_ready()


def refused(folder: Path, **variables: str) -> str:
    """The output of a start that is refused."""
    environment = {**os.environ, "QUARTET_DATA": str(folder), "PORT": str(free_port()), **variables}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    start = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert start.returncode == 1
    return start.stderr


def test_a_start_beside_another_program_on_the_sandboxs_port_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        output = refused(tmp_path, SANDBOX_PORT=str(port))

    taken = f"Port {port} on 127.0.0.1 is taken by another program: choose another, as in SANDBOX_PORT=5078."
    assert output == f"Error: {taken}\n"


def test_a_wrong_setting_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    assert refused(tmp_path, THREADS="many") == "Error: THREADS is 'many': give a whole number, zero or more.\n"


def test_a_folder_that_cannot_be_written_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "locked/catalog.lock").mkdir(parents=True)

    no_folder, no_lock = refused(tmp_path / "file"), refused(tmp_path / "locked")

    for published in (no_folder, no_lock):
        assert published.startswith("Error: ") and published.count("\n") == 1, published
        assert "QUARTET_DATA" in published


def test_a_database_that_is_away_is_named_and_no_traceback(tmp_path: Path) -> None:
    output = refused(tmp_path, ORDERS_DATABASE_URL="postgresql://quartet:hunter22@127.0.0.1:9/orders")

    assert output.startswith("Error: The database of orders cannot be used: ")
    assert "Traceback" not in output and "hunter22" not in output


def test_the_banner_appears_whatever_proxy_the_terminal_uses(tmp_path: Path) -> None:
    shop = LiveShop(tmp_path, http_proxy="http://127.0.0.1:9")
    shop.start()
    try:
        until(lambda: f"API        {shop.url}/api/v1" in shop.log.read_text(), "it prints its address", seconds=10)
    finally:
        shop.stop()


def test_a_hundred_waiting_customers_do_not_keep_livez_from_answering(one_shop: LiveShop, token: str) -> None:
    order_id = one_shop.places(token, "MUG", PRICE)
    one_shop.order_is(token, order_id, "awaiting_payment")

    def waits(_: int) -> int:
        request = Request(
            f"{one_shop.url}/api/v1/orders/{order_id}?wait=10", headers={"Authorization": f"Bearer {token}"}
        )
        with urlopen(request, timeout=60) as response:
            return int(response.status)

    with ThreadPoolExecutor(101) as crowd:
        waiting = [crowd.submit(waits, n) for n in range(100)]
        until(lambda: any(each.done() for each in waiting), "those for whom there is no room are answered at once")
        with urlopen(f"{one_shop.url}/livez", timeout=8) as alive:  # the waiting clients wait for ten seconds
            assert alive.status == 200
        assert not all(each.done() for each in waiting)
        assert {each.result() for each in waiting} == {200}


def test_while_stripe_takes_its_time_others_are_answered(one_shop: LiveShop, token: str) -> None:
    with ThreadPoolExecutor(1) as customer:
        order_id = one_shop.places(token, "MUG", PRICE)
        one_shop.order_is(token, order_id, "awaiting_payment")
        before = one_shop.effects_of("confirm")
        one_shop.breaks_stripe("delay", action="confirm", when="after", seconds=9)
        paying = customer.submit(one_shop.pays, token, order_id)
        one_shop.waits_for_the_effect_of("confirm", before)

        assert one_shop.call("GET", "/products")[0] == 200

        assert not paying.done()
        paying.result(timeout=60)


def test_sigterm_ends_it_cleanly_and_does_not_let_those_who_wait_wait_on(shop: LiveShop) -> None:
    shop.stocks("MUG", PRICE, on_hand=5)
    token = shop.signs_up("alice@example.com")
    order_id = shop.places(token, "MUG", PRICE)
    shop.order_is(token, order_id, "awaiting_payment")
    asked = Request(f"{shop.url}/api/v1/orders/{order_id}?wait=30", headers={"Authorization": f"Bearer {token}"})

    def waits() -> int:
        with urlopen(asked, timeout=60) as response:
            return int(response.status)

    with ThreadPoolExecutor(1) as customer:
        waiting = customer.submit(waits)
        time.sleep(1)
        began = time.monotonic()

        assert shop.stop() == 0

        assert "Traceback" not in shop.log.read_text()
        assert waiting.result() == 200
        assert time.monotonic() - began < 28, "it would have waited for 30"


def test_a_sandbox_that_is_away_only_delays_the_purchase(one_shop: LiveShop, token: str) -> None:
    one_shop.breaks_stripe("error_500", times=4)
    one_shop.breaks_stripe("down", times=3)

    order_id = one_shop.buys(token, "MUG", PRICE)

    one_shop.order_is(token, order_id, "paid")
    one_shop.settles()
    assert one_shop.captures()[order_id] == 1
