"""One page of metrics for all processes of a shop: nothing is missing or counted twice, dead ones are removed."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from app.telemetry.multiprocess import PREFIX, VARIABLE
from tests.conftest import ROOT, free_port, until
from tests.instruments.steps import Series, only, read
from tests.topologies import MODULES, WHOLE, Processes, servers

pytestmark = pytest.mark.slow

ASKED = 'quartet_http_request_seconds_count{method="GET",route="/api/v1/categories",status="200"}'
MAXIMUM = 'quartet_database_connections_max{module="orders"}'
EACH = 40.0  # connections that a process may open to a database
WORKERS = 2


class CountedShop(Processes):
    """A whole shop with two workers, a bus process and a metrics port."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.metrics_port = free_port()
        more = {"WORKERS": str(WORKERS), "METRICS_PORT": str(self.metrics_port)}
        super().__init__(folder, {**variables, **more}, WHOLE)

    def page(self, port: int | None = None) -> Series:
        """The metrics from a port, by default the metrics port."""
        with urlopen(f"http://127.0.0.1:{port or self.metrics_port}/metrics", timeout=60) as answer:
            return read(answer.read().decode())

    def asks(self, times: int) -> None:
        """Send requests, each on its own connection, so that all workers get some."""
        for _ in range(times):
            urlopen(f"{self.url}/api/v1/categories", timeout=60).close()

    def folder_of_counts(self) -> Path:
        """The folder of counters, from the environment of the bus process."""
        variables = Path(f"/proc/{self.bus_of('whole')}/environ").read_bytes().split(b"\0")
        (found,) = (each.partition(b"=")[2] for each in variables if each.startswith(VARIABLE.encode()))
        return Path(found.decode())

    def workers(self) -> set[int]:
        """The ids of the workers that have answered requests."""
        files = self.folder_of_counts().glob("histogram_*.db")
        pids = {int(each.stem.rpartition("_")[2]) for each in files}
        here = {self.processes["whole"].pid, self.bus_of("whole")}
        return {pid for pid in pids - here if Path(f"/proc/{pid}").exists()}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountedShop]:
    with servers() as variables:
        live = CountedShop(tmp_path_factory.mktemp("counted"), variables)
        live.start()
        until(lambda: answers(live), "the bus process has opened its port", seconds=30)
        yield live
        if "whole" in live.processes:
            live.kill("whole")


def answers(live: CountedShop) -> bool:
    try:
        return bool(live.page())
    except OSError:
        return False


def test_every_request_is_counted_once_whichever_worker_had_it_and_whoever_is_asked(shop: CountedShop) -> None:
    shop.asks(1)
    before = shop.page()[ASKED]

    shop.asks(300)

    pages = [shop.page(), *(shop.page(shop.ports["whole"]) for _ in range(10))]
    assert [each[ASKED] - before for each in pages] == [300] * 11
    assert len(shop.workers()) == WORKERS, "or the test has shown nothing"


def test_counters_only_grow_however_often_the_page_is_asked_for(shop: CountedShop) -> None:
    last: Series = {}
    for _ in range(30):
        shop.asks(3)
        now = shop.page(shop.ports["whole"])
        shrunk = {name for name, value in last.items() if is_counter(name) and now.get(name, 0) < value}
        assert shrunk == set()
        last = now


def is_counter(name: str) -> bool:
    return name.partition("{")[0].endswith(("_total", "_count", "_sum", "_bucket"))


def test_what_a_killed_worker_counted_stays_and_what_it_had_open_is_forgotten(shop: CountedShop) -> None:
    shop.asks(50)
    until(
        lambda: shop.page()[MAXIMUM] == EACH * (WORKERS + 1),
        "each process has reported how many it may open",
        seconds=30,
    )
    before, victim = shop.page()[ASKED], min(shop.workers())

    os.kill(victim, signal.SIGKILL)

    until(lambda: not Path(f"/proc/{victim}").exists(), "it is dead")
    assert shop.page()[ASKED] == before
    of_its_present = f"gauge_live*_{victim}.db"
    until(lambda: not list(shop.folder_of_counts().glob(of_its_present)), "what it had open is forgotten", seconds=30)
    shop.is_ready("whole")
    until(lambda: shop.page()[MAXIMUM] == EACH * (WORKERS + 1), "that of its successor is reported", seconds=30)
    shop.asks(20)
    assert shop.page()[ASKED] == before + 20


def test_a_process_that_was_killed_before_it_wrote_to_its_file_keeps_nobody_from_the_page(shop: CountedShop) -> None:
    before = shop.page()[ASKED]
    (shop.folder_of_counts() / "counter_1.db").touch()
    (shop.folder_of_counts() / "gauge_livesum_1.db").touch()

    assert shop.page()[ASKED] == before
    assert shop.page(shop.ports["whole"])[ASKED] == before


def test_the_bus_process_reports_what_workers_do_not_measure(shop: CountedShop) -> None:
    def measured() -> bool:
        found = shop.page(shop.ports["whole"])
        led = only("quartet_bus_relay_active", found)
        return len(led) == 4 and set(led.values()) == {1.0} and len(only("quartet_bus_lag_events", found)) > 4

    until(measured, "relays are at work, and lag is known, on the page of any worker", seconds=30)


def test_a_bus_process_that_is_killed_is_forgotten_and_its_successor_measures(shop: CountedShop) -> None:
    before, killed, killed_at = shop.page(), shop.bus_of("whole"), time.time()

    os.kill(killed, signal.SIGKILL)

    def measured_since() -> Series | None:
        found = shop.page(shop.ports["whole"])
        looks = only("quartet_measured_timestamp_seconds", found)
        has_looked = len(looks) == len(MODULES) and min(looks.values()) > killed_at
        return found if has_looked and "quartet_bus_transport_up" in found else None  # which is measured last

    after = until(measured_since, "its successor has looked at each module", seconds=60)
    assert {name for name, value in before.items() if is_counter(name) and after.get(name, 0) < value} == set()
    assert set(only("quartet_database_up", after).values()) == {1.0}
    assert after["quartet_bus_transport_up"] == 1
    assert not [name for name in after if "pid=" in name]
    of_its_present = f"gauge_live*_{killed}.db"
    until(lambda: not list(shop.folder_of_counts().glob(of_its_present)), "it is forgotten", seconds=30)


def test_a_flask_command_beside_it_changes_nothing_of_its_counts(shop: CountedShop) -> None:
    shop.asks(1)
    before, folder = shop.page()[ASKED], shop.folder_of_counts()
    files = {each.name for each in folder.iterdir()}

    shop.runs("whole", "bus", "status")

    assert {each.name for each in folder.iterdir()} == files
    assert shop.page()[ASKED] == before


def test_the_folder_is_private_kept_from_others_and_gone_afterwards(shop: CountedShop, tmp_path: Path) -> None:
    folder = shop.folder_of_counts()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    left_behind = folder.parent / f"{PREFIX}left-behind-{tmp_path.name}"
    left_behind.mkdir()

    other = "import app, os; print(os.environ['PROMETHEUS_MULTIPROC_DIR'])"
    own = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}
    done = subprocess.run([sys.executable, "-c", other], cwd=ROOT, env=own, capture_output=True, text=True, timeout=60)

    assert done.stdout.strip() and Path(done.stdout.strip()) != folder
    assert not Path(done.stdout.strip()).exists(), "it deletes its own folder"
    assert folder.exists(), "it leaves that of a shop that runs"
    assert not left_behind.exists(), "it takes away what nobody holds"
    shop.stop()
    assert not folder.exists()


def test_a_shop_that_is_one_process_has_no_folder() -> None:
    without = {name: value for name, value in os.environ.items() if name not in {"KAFKA_BOOTSTRAP_SERVERS", VARIABLE}}
    asked = f"import app, os; print({VARIABLE!r} in os.environ)"

    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env=without, capture_output=True, text=True, timeout=60
    )

    assert done.stdout == "False\n"
