"""What one purchase costs each process of a split shop on real servers: `python -m bench.costs`.

CPU time of the processes that answer requests, of the bus process, and of PostgreSQL's connections, and the
transactions that PostgreSQL committed; by module, for one buyer and for several at a time. CPU time depends little on
what else runs on the machine. docs/scaling.md multiplies these figures. Kafka, Redis, the gateway and the Stripe
sandbox are left out.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import text

from app.kernel.database import Database
from app.kernel.money import Money
from bench.load import request, run
from bench.purchases import buy
from bench.shop import Running, family
from tests.journeys.steps import stocks
from tests.topologies import MODULES, ShopOnServers, live_shop

PRICE = Money(900, "EUR")
TICKS = os.sysconf("SC_CLK_TCK")
BACKENDS = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
COMMITS = text("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
RATES = (10, 100, 1000)
COLUMNS = ("requests", "bus", "PostgreSQL", "commits")

Spent = dict[tuple[str, str], dict[int, float]]
"""By module and column: the CPU seconds of each process so far, by its id; the commits, by 0."""

Costs = dict[tuple[str, str], float]
"""By module and column: CPU seconds, or commits, of one purchase or request."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--purchases", type=int, default=100, help="purchases of each measurement (100)")
    options.add_argument("--buyers", type=int, nargs="+", default=[1, 8], help="customers at a time (1 8)")
    args = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, live_shop(Path(folder), split=True) as shop:
        stocks(shop, "MUG", PRICE, on_hand=1_000_000)
        gateway = Running(0, int(urlsplit(shop.live.url).port or 0), 0)
        buys(shop, gateway, 2, 10)  # warm up
        for buyers in args.buyers:
            before = spent(shop)
            start = time.perf_counter()
            buys(shop, gateway, buyers, args.purchases)
            took = time.perf_counter() - start
            shop.settle()
            each = per_unit(before, spent(shop), args.purchases)
            show(f"one purchase, {buyers} at a time: {args.purchases / took:.1f}/s", each, MODULES)
        scale(each)
        reads(shop, Running(0, shop.live.ports["catalog"], 0))


def buys(shop: ShopOnServers, gateway: Running, buyers: int, purchases: int) -> None:
    price = {"amount": PRICE.amount, "currency": PRICE.currency}

    def one(_: int) -> None:
        buy(gateway, shop.token(uuid4()), "MUG", price)

    with ThreadPoolExecutor(buyers) as pool:
        list(pool.map(one, range(purchases)))


def reads(shop: ShopOnServers, catalog: Running) -> None:
    """GETs of one product, which the module answers itself: the gateway keeps them for a second."""
    count, got = 0, request("GET", "/api/v1/products/mug")

    def make() -> bytes:
        nonlocal count
        count += 1
        return got

    run(catalog.port, make, 200, 1)
    count, before = 0, spent(shop)
    run(catalog.port, make, 200, 4)
    show("GET one product", per_unit(before, spent(shop), count), ["catalog"])


def spent(shop: ShopOnServers) -> Spent:
    """What all processes have spent so far."""
    found: Spent = {}
    for name, module in shop.modules.items():
        bus = shop.live.bus_of(name)
        processes = set(family(shop.live.processes[name].pid))
        sandbox = {pid for pid in processes if b"sandbox" in Path(f"/proc/{pid}/cmdline").read_bytes()}
        found[name, "bus"] = cpu(family(bus))
        found[name, "requests"] = cpu(processes - sandbox - set(family(bus)))
        found |= {(name, column): value for column, value in of_postgresql(module.database).items()}
    return found


def of_postgresql(database: Database) -> Mapping[str, dict[int, float]]:
    """The CPU time of the connections to one database, where its server runs on this machine, and its commits."""
    with database.read() as connection:
        pids = connection.execute(BACKENDS).scalars().all()
        commits = connection.execute(COMMITS).scalar_one()
    return {"PostgreSQL": cpu(pids), "commits": {0: float(commits)}}


def cpu(pids: Iterable[int]) -> dict[int, float]:
    """CPU seconds of each of these processes, user and system."""
    found = {}
    for pid in pids:
        with suppress(OSError):  # it has ended, or runs elsewhere
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return found


def per_unit(before: Spent, after: Spent, count: int) -> Costs:
    """What one of `count` has cost. Connections that were closed in between are left out."""
    return {
        key: sum(value - before[key].get(pid, 0.0) for pid, value in processes.items()) / count
        for key, processes in after.items()
    }


def scale(costs: Costs) -> None:
    """Print the cores that purchases at these rates need: derived, as if the cost of one stayed what it is."""
    print(f"\n{'cores at so many purchases a second':<36}" + "".join(f"{rate:>8}" for rate in RATES))
    for (name, column), each in costs.items():
        if column != "commits" and each * RATES[-1] >= 0.5:
            print(f"{f'  {name}, {column}':<36}" + "".join(f"{each * rate:>8.1f}" for rate in RATES), flush=True)


def show(title: str, costs: Costs, modules: Collection[str]) -> None:
    """Print milliseconds of CPU, and commits."""
    print(f"\n{title:<36}{'requests, ms':>14}{'bus, ms':>10}{'PostgreSQL, ms':>16}{'commits':>9}", flush=True)
    for name in (*modules, "all"):
        counted = modules if name == "all" else [name]
        values = [sum(costs[each, column] for each in counted) for column in COLUMNS]
        values = [value * 1000 for value in values[:3]] + values[3:]
        print(f"{'  ' + name:<36}{values[0]:>14.2f}{values[1]:>10.2f}{values[2]:>16.2f}{values[3]:>9.1f}", flush=True)


if __name__ == "__main__":
    main()
