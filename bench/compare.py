"""Compare what is served, in this checkout and in another, beside the raw limits: `python -m bench --beside ../other`.

All servers run all the time, and are loaded in turns, in a random order. The quiet tenth of the rounds is the one that
other programs on this machine disturb least.
"""

import json
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import click

from bench import raw, raw_postgresql
from bench.flood import flood
from bench.load import Make, Measured, request, run
from bench.purchases import purchases, some_variant
from bench.shop import ROOT, Running, free_port, node_hello, shop_of
from bench.shop import raw as raw_server
from tests.gateway import gateway
from tests.servers import fresh_databases
from tests.topologies import MODULES, servers

CREDENTIALS = {"email": "demo@quartet.example", "password": "four parts one tune"}  # of the demo accounts
PRODUCTS = "/api/v1/products"
WORDS = ("mug", "enamel", "linen", "lamp", "oak", "wool", "bowl", "notebook")
PURCHASES = 48  # in one measurement
RAW_PATHS = {"product": "/product", "product-cached": f"{PRODUCTS}/raw", "list": "/products", "search": "/search"}
CUSTOMERS = 50  # customers that take turns in placing orders
WORKERS = 2

Workload = Callable[[Running, float, int], Measured]
"""Loads a shop for so many seconds, over so many connections."""

Job = tuple[str, str]
"""The name of a workload, and the side that it loads."""


@dataclass(frozen=True)
class Options:
    """What to compare, and how."""

    other: Path
    names: Sequence[str]
    rounds: int
    seconds: float
    connections: int
    stripe_delay: float  # seconds that each call to Stripe takes


def workloads() -> dict[str, Workload]:
    words = cycle(WORDS)
    sign_in = request("POST", "/api/v1/auth/login", json.dumps(CREDENTIALS).encode())

    def requests(make: Callable[[], bytes]) -> Workload:
        return lambda shop, seconds, connections: run(shop.port, make, 200, seconds, connections)

    def buys(buyers: int) -> Workload:
        def buying(shop: Running, _seconds: float, _connections: int) -> Measured:
            variant = some_variant(shop)
            return purchases(shop, variant["sku"], variant["price"], buyers, max(3, PURCHASES // buyers))

        return buying

    def reads_while_buying(shop: Running, _seconds: float, _connections: int) -> Measured:
        """GETs of one product over two connections, for as long as 32 customers buy."""
        variant = some_variant(shop)
        with ThreadPoolExecutor(1) as beside:
            buying = beside.submit(purchases, shop, variant["sku"], variant["price"], 32, 3)
            return run(shop.port, got_product(shop), 200, 60, 2, buying.done)

    def floods(shop: Running, seconds: float, _connections: int) -> Measured:
        variant = some_variant(shop)
        return flood(shop, variant["sku"], variant["price"], 8, 4 * seconds)

    def one_product(shop: Running, seconds: float, connections: int) -> Measured:
        return run(shop.port, got_product(shop), 200, seconds, connections)

    def got_product(shop: Running) -> Make:
        product = shop.call("GET", f"{PRODUCTS}?limit=1")["items"][0]
        got = request("GET", f"{PRODUCTS}/{product['slug']}")
        return lambda: got

    return {
        "product": one_product,
        "product-cached": one_product,  # through the gateway
        "list": requests(lambda: request("GET", f"{PRODUCTS}?limit=10")),
        "filtered": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&in_stock=true")),
        "search": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&q={next(words)}")),
        "facets": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&facets=true&q={next(words)}")),
        "sign-in": requests(lambda: sign_in),
        **{f"purchase-{buyers}": buys(buyers) for buyers in (1, 8, 16, 32)},
        "product-beside-32": reads_while_buying,
        "flood": floods,
    }


def compare(options: Options, folder: Path, on_servers: bool) -> None:
    """Run both shops, embedded or on servers, and print one table."""
    with ExitStack() as stack:
        trees = {"other": options.other.resolve(), "here": ROOT}
        delays = {"other": 0.0 if trees["other"] == ROOT else options.stripe_delay, "here": options.stripe_delay}
        shops = {
            side: stack.enter_context(_shop(folder / side, tree, on_servers, delays[side]))
            for side, tree in trees.items()
        }
        limit = stack.enter_context(_raw(folder / "raw", on_servers))
        doors: dict[str, Running] = {}
        if "product-cached" in options.names:
            for side, server in (*shops.items(), ("raw", limit)):
                files = trees.get(side, ROOT) / "deploy/gateway"
                doors[side] = stack.enter_context(_gateway(folder / f"gateway-{side}", server, files))
        loads = workloads()
        jobs: dict[Job, Callable[[], Measured]] = {}
        for name in options.names:
            for side, server in (doors if name == "product-cached" else shops).items():
                if side != "raw":
                    jobs[name, side] = _load(loads[name], server, options)
            if path := _raw_path(name, on_servers):
                server = doors["raw"] if name == "product-cached" else limit
                jobs[name, "raw"] = _load(_get(path), server, options)
            if name == "product" and shutil.which("node"):
                hello = stack.enter_context(node_hello())
                jobs[name, "Node hello"] = _load(_get("/"), hello, options)
        show(measure(jobs, options.rounds))
        for side, each in shops.items():
            print(f"memory of all processes (PSS) after the load, {side}: {each.resident() / 2**20:.0f} MB")


def measure(
    jobs: Mapping[tuple[str, str], Callable[[], Measured]], rounds: int
) -> dict[tuple[str, str], list[Measured]]:
    """Run each job once a round, in a random order; the first round only warms up."""
    measured: dict[Job, list[Measured]] = {job: [] for job in jobs}
    turns = [(turn, job) for turn in range(-1, rounds) for job in random.sample(list(jobs), len(jobs))]
    with click.progressbar(
        turns, label="measuring", item_show_func=lambda at: " ".join(at[1]) if at else ""
    ) as progress:
        for turn, job in progress:
            one = jobs[job]()
            if turn >= 0:
                measured[job].append(one)
    return measured


def _shown(turn: tuple[int, Job] | None) -> str:
    return ", ".join(turn[1]) if turn else ""


def show(measured: Mapping[Job, list[Measured]]) -> None:
    """Print the rates, the latencies, and the ratios within each round."""
    head = ("quiet tenth, /s", "median, /s", "p50, ms", "p99, ms", "GETs", "÷ other", "÷ raw")
    print(f"\n{'':<28}" + "".join(f"{each:>16}" for each in head))
    for (name, side), rounds in measured.items():
        rates = [each.per_second for each in rounds]
        p50, p99 = (median(getattr(each, p) * 1000 for each in rounds) for p in ("p50", "p99"))
        row = [
            f"{quantiles(rates, n=10)[-1]:.1f}",
            f"{median(rates):.1f}",
            f"{p50:.1f}",
            f"{p99:.1f}",
            f"{median(each.gets for each in rounds):.1f}",
        ]
        for beside in ("other", "raw"):
            pairs = zip(rounds, measured.get((name, beside), ()), strict=False)
            ratios = [mine.per_second / other.per_second for mine, other in pairs]
            row.append(f"{median(ratios):.2f}" if ratios else "")
        print(f"{name + ', ' + side:<28}" + "".join(f"{each:>16}" for each in row))


def _load(workload: Workload, server: Running, options: Options) -> Callable[[], Measured]:
    return lambda: workload(server, options.seconds, options.connections)


def _get(path: str) -> Workload:
    got = request("GET", path)
    return lambda server, seconds, connections: run(server.port, lambda: got, 200, seconds, connections)


def _raw_path(name: str, on_servers: bool) -> str | None:
    if on_servers and name in {"list", "search"}:  # these are answered by Elasticsearch
        return None
    return RAW_PATHS.get(name)


@contextmanager
def _raw(folder: Path, on_servers: bool) -> Iterator[Running]:
    with ExitStack() as stack:
        if on_servers:
            url = stack.enter_context(fresh_databases("orders"))["ORDERS_DATABASE_URL"].replace("+psycopg2", "")
            raw_postgresql.fill(url)
            yield stack.enter_context(raw_server("bench.raw_postgresql:app", WORKERS, RAW_DATABASE_URL=url))
        else:
            raw.FOLDER = folder
            raw.fill()
            yield stack.enter_context(raw_server("bench.raw:app", 1, RAW_DATA=str(folder)))


@contextmanager
def _gateway(folder: Path, server: Running, files: Path) -> Iterator[Running]:
    ports = dict.fromkeys(MODULES, server.port)
    with gateway(folder, ports, files=files, reads="100000r/s") as url:
        yield replace(server, port=int(urlsplit(url).port or 0))


@contextmanager
def _shop(folder: Path, tree: Path, on_servers: bool, stripe_delay: float) -> Iterator[Running]:
    """The shop of a checkout, with the demo products."""
    sandbox = free_port()
    with ExitStack() as stack:
        variables = stack.enter_context(servers()) | {"WORKERS": str(WORKERS)} if on_servers else {}
        running = stack.enter_context(shop_of(tree, folder, "wsgi", "--demo", **variables, SANDBOX_PORT=str(sandbox)))
        if stripe_delay:
            fault = json.dumps({"kind": "delay", "seconds": stripe_delay, "times": None}).encode()
            urlopen(Request(f"http://127.0.0.1:{sandbox}/sandbox/faults", fault), timeout=10).close()
        while "degraded" in running.call("GET", f"{PRODUCTS}?q=mug"):
            time.sleep(0.2)
        yield running
