"""The tour for newcomers, examples/tour.py: its output is in order of time."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from werkzeug.serving import make_server

from app.kernel.money import Money
from tests.conftest import ROOT, free_port
from tests.journeys.steps import assert_consistent, stocks
from tests.shop import Shop

LINE = re.compile(r"  (\d\d:\d\d:\d\d\.\d{3})  \w+ +\S")


@contextmanager
def served(shop: Shop) -> Iterator[int]:
    """Serve the shop on a free port within the context; yields the port."""
    server = make_server("127.0.0.1", free_port(), shop.app, threaded=True)
    serving = Thread(target=server.serve_forever)
    serving.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def tour(shop: Shop, port: int) -> list[str]:
    """Run the tour while events are delivered; returns the lines of its output."""
    command = [sys.executable, "examples/tour.py", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as taking:
        while taking.poll() is None:
            shop.settle()
        assert taking.stdout is not None and taking.returncode == 0
        return taking.stdout.read().splitlines()


def test_its_lines_come_in_order_of_time(embedded: Shop) -> None:
    stocks(embedded, "MUG", Money(900, "EUR"), 5)

    with served(embedded) as port:
        lines = tour(embedded, port)

    found = [LINE.match(line) for line in lines]
    assert all(found), lines
    times = [each[1] for each in found if each]
    assert times == sorted(times)
    assert any("the order is paid" in line for line in lines), lines
    assert sum("payments" in line for line in lines) >= 3


def test_where_the_shop_ships_staff_send_it_and_the_customer_sees_the_tracking(embedded: Shop) -> None:
    result = embedded.app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0, result.output
    embedded.settle()

    with served(embedded) as port:
        lines = "\n".join(tour(embedded, port))

    for part in ("items", "shipping", "total"):
        assert re.search(rf"orders +{part} +\d+\.\d\d EUR", lines), lines
    assert "staff packed and dispatched the order" in lines
    assert re.search(r"shipment of 2 × \S+ is dispatched: DHL 0034", lines)
    assert "the order is paid" in lines
    assert_consistent(embedded)
