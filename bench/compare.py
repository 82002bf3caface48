"""Compare what is served, in this checkout and in another, beside the raw limits: `python -m bench --beside ../other`.

All servers run all the time, and are loaded in turns, in a random order. The quiet tenth of the rounds is the one that
other programs on this machine disturb least.
"""

import json
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import click

from bench import raw, raw_postgresql
from bench.load import Make, Measured, request, run
from bench.relay import rows_per_second_of
from bench.shop import ROOT, Running, free_port, node_hello, shop_of
from bench.shop import raw as raw_server
from bench.workloads import PRODUCTS, RAW_PATHS, Workload, orders_of, workloads
from tests.gateway import gateway
from tests.servers import address, fresh_databases
from tests.topologies import MODULES, servers

WORKERS = 2
ORDER, RELAY = "order", "relay"  # measured after the others, without the whole shop
NAMES = (*workloads(), ORDER, RELAY)
ROWS, BATCH = 60_000, 100  # of the relay

Job = tuple[str, str]
"""The name of a workload, and the side that it loads."""

Table = dict[Job, list[Measured]]


@dataclass(frozen=True)
class Options:
    """What to compare, and how."""

    other: Path
    names: Sequence[str]
    rounds: int
    seconds: float
    connections: int
    stripe_delay: float  # seconds that each call to Stripe takes


def compare(options: Options, folder: Path, on_servers: bool) -> None:
    """Run both shops, embedded or on servers, and print one table."""
    trees = {"other": options.other.resolve(), "here": ROOT}
    with ExitStack() as stack:
        variables = {side: stack.enter_context(_variables(on_servers)) for side in trees}
        limits = stack.enter_context(_limits(folder / "raw", variables["here"]))
        table, ordering, memory = _whole(options, trees, folder, variables, limits)
        if ORDER in options.names:
            table |= _orders_alone(options, trees, folder, variables, limits, ordering)
    if RELAY in options.names and on_servers:
        jobs: dict[Job, Callable[[], Measured]] = {(RELAY, side): _relay(tree) for side, tree in trees.items()}
        table |= measure(jobs, options.rounds)
    show(table)
    for side, used in memory.items():
        print(f"memory of all processes (PSS) after the load, {side}: {used / 2**20:.0f} MB")


def _whole(
    options: Options,
    trees: Mapping[str, Path],
    folder: Path,
    variables: Mapping[str, dict[str, str]],
    limits: Mapping[str, Running],
) -> tuple[Table, dict[str, tuple[Make, Make, int]], dict[str, int]]:
    """Load both whole shops. Returns what was measured, and by side the requests that place orders, and the memory."""
    on_servers, loads = any(variables.values()), workloads()
    delays = {"other": 0.0 if trees["other"] == ROOT else options.stripe_delay, "here": options.stripe_delay}
    names = [name for name in options.names if name in loads]
    with ExitStack() as stack:
        shops = {
            side: stack.enter_context(_shop(folder / side, tree, variables[side], delays[side]))
            for side, tree in trees.items()
        }
        doors: dict[str, Running] = {}
        if any(name.endswith("-cached") for name in names):
            for side, server in (*shops.items(), ("raw", limits["raw"])):
                files = trees.get(side, ROOT) / "deploy/gateway"
                doors[side] = stack.enter_context(_gateway(folder / f"gateway-{side}", server, files))
        hello = stack.enter_context(node_hello()) if shutil.which("node") else None
        jobs: dict[Job, Callable[[], Measured]] = {}
        for name in names:
            there = doors if name.endswith("-cached") else {**shops, **limits}
            for side in shops:
                jobs[name, side] = _load(loads[name], there[side], options)
            if name == "product":
                jobs |= {(name, side): _load(_get("/product"), server, options) for side, server in limits.items()}
            elif path := _raw_path(name, on_servers):
                jobs[name, "raw"] = _load(_get(path), there["raw"], options)
            if hello and name in {"product", "product-cached"}:
                jobs[name, "Node"] = _load(_get("/"), hello, options)
        table = measure(jobs, options.rounds)
        memory = {side: each.resident() for side, each in shops.items()}
        ordering = {side: orders_of(each) for side, each in shops.items()} if ORDER in options.names else {}
    return table, ordering, memory


def _orders_alone(
    options: Options,
    trees: Mapping[str, Path],
    folder: Path,
    variables: Mapping[str, dict[str, str]],
    limits: Mapping[str, Running],
    ordering: Mapping[str, tuple[Make, Make, int]],
) -> Table:
    """Place orders with orders alone of each side, which has the offers that it consumed within the whole shop."""
    with ExitStack() as stack:
        jobs: dict[Job, Callable[[], Measured]] = {}
        for side, tree in trees.items():
            entry = shop_of(tree, folder / side, "app.modules.orders.wsgi", **variables[side])
            make, _, status = ordering[side]
            jobs[ORDER, side] = _load(_requests(make, status), stack.enter_context(entry), options)
        _, make, status = ordering["here"]
        jobs |= {(ORDER, side): _load(_requests(make, status), server, options) for side, server in limits.items()}
        return measure(jobs, options.rounds)


def measure(jobs: Mapping[Job, Callable[[], Measured]], rounds: int) -> Table:
    """Run each job once a round: the workloads in a random order, and the sides of each in a random order, one
    directly after the other. The first round only warms up.
    """
    measured: Table = {job: [] for job in jobs}
    names = list(dict.fromkeys(name for name, _ in jobs))
    sides = {name: [job for job in jobs if job[0] == name] for name in names}
    turns = [
        (turn, job)
        for turn in range(-1, rounds)
        for name in random.sample(names, len(names))
        for job in random.sample(sides[name], len(sides[name]))
    ]
    with click.progressbar(turns, label="measuring", item_show_func=_shown) as progress:
        for turn, job in progress:
            one = jobs[job]()
            if turn >= 0:
                measured[job].append(one)
    return measured


def _shown(turn: tuple[int, Job] | None) -> str:
    return ", ".join(turn[1]) if turn else ""


def show(measured: Table) -> None:
    """Print the rates, the latencies, and the ratios within each round."""
    head = ("quiet tenth, /s", "median, /s", "p50, ms", "p99, ms", "p99 ÷ alone", "GETs", "÷ other", "÷ raw", "÷ Node")
    print(f"\n{'':<30}" + "".join(f"{each:>16}" for each in head))
    for (name, side), rounds in measured.items():
        rates = [each.per_second for each in rounds]
        p50, p99 = (median(getattr(each, p) * 1000 for each in rounds) for p in ("p50", "p99"))
        row = [
            f"{quantiles(rates, n=10)[-1] if len(rates) > 1 else rates[0]:.1f}",
            f"{median(rates):.1f}",
            f"{p50:.1f}",
            f"{p99:.1f}",
            f"{median(each.p99 / each.alone for each in rounds):.2f}" if all(each.alone for each in rounds) else "",
            f"{median(each.gets for each in rounds):.1f}",
        ]
        for beside in ("other", "raw", "Node"):
            pairs = zip(rounds, measured.get((name, beside), ()), strict=False)
            ratios = [mine.per_second / other.per_second for mine, other in pairs]
            row.append(f"{median(ratios):.3g}" if ratios else "")
        print(f"{name + ', ' + side:<30}" + "".join(f"{each:>16}" for each in row))


def _load(workload: Workload, server: Running, options: Options) -> Callable[[], Measured]:
    return lambda: workload(server, options.seconds, options.connections)


def _get(path: str) -> Workload:
    """GETs of a raw server. The gateway forwards them as it does requests of a caller who says who it is: requests for
    a response that it may not cache would otherwise wait for one another.
    """
    got = request("GET", path, Authorization="none")
    return _requests(lambda: got, 200)


def _requests(make: Make, status: int) -> Workload:
    return lambda server, seconds, connections: run(server.port, make, status, seconds, connections)


def _relay(tree: Path) -> Callable[[], Measured]:
    def publish() -> Measured:
        with fresh_databases("orders") as own:
            kafka = address("TEST_KAFKA_BOOTSTRAP_SERVERS")
            return Measured(rows_per_second_of(tree, own["ORDERS_DATABASE_URL"], kafka, BATCH, ROWS), 0, 0)

    return publish


def _raw_path(name: str, on_servers: bool) -> str | None:
    if on_servers and name in {"list", "search"}:  # these are answered by Elasticsearch
        return None
    return RAW_PATHS.get(name)


@contextmanager
def _variables(on_servers: bool) -> Iterator[dict[str, str]]:
    """Settings of a shop: none if it is embedded, else databases, topics and an index of its own."""
    if not on_servers:
        yield {}
        return
    with servers() as variables:
        yield variables | {"WORKERS": str(WORKERS)}


@contextmanager
def _limits(folder: Path, variables: Mapping[str, str]) -> Iterator[dict[str, Running]]:
    """The raw limit, and what answers the same by Flask alone and by the libraries of the shop."""
    with ExitStack() as stack:
        if variables:
            url = stack.enter_context(fresh_databases("orders"))["ORDERS_DATABASE_URL"].replace("+psycopg2", "")
            raw_postgresql.fill(url)
            target, workers = "bench.raw_postgresql:app", WORKERS
            own = {"RAW_DATABASE_URL": url, "RAW_REDIS_URL": variables["REDIS_URL"]}
        else:
            raw.FOLDER = folder
            raw.fill()
            target, workers, own = "bench.raw:app", 1, {"RAW_DATA": str(folder)}
        targets = {"raw": target, "Flask": "bench.libraries:flask", "libraries": "bench.libraries:libraries"}
        yield {side: stack.enter_context(raw_server(each, workers, **own)) for side, each in targets.items()}


@contextmanager
def _gateway(folder: Path, server: Running, files: Path) -> Iterator[Running]:
    ports = dict.fromkeys(MODULES, server.port)
    with gateway(folder, ports, files=files, reads="100000r/s") as url:
        yield replace(server, port=int(urlsplit(url).port or 0))


@contextmanager
def _shop(folder: Path, tree: Path, variables: dict[str, str], stripe_delay: float) -> Iterator[Running]:
    """The shop of a checkout, with the demo products."""
    sandbox = free_port()
    with shop_of(tree, folder, "wsgi", "--demo", **variables, SANDBOX_PORT=str(sandbox)) as running:
        if stripe_delay:
            fault = json.dumps({"kind": "delay", "seconds": stripe_delay, "times": None}).encode()
            urlopen(Request(f"http://127.0.0.1:{sandbox}/sandbox/faults", fault), timeout=10).close()
        while "degraded" in running.call("GET", f"{PRODUCTS}?q=mug"):
            time.sleep(0.2)
        yield running
