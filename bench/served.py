"""Compare what is served, in this checkout and in another: `python -m bench.served ../other list search purchase-16`.

Both shops run all the time and are loaded in turns, in a random order. The quiet tenth of the rounds is the one that
other programs on this machine disturb least.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from urllib.request import Request, urlopen

from bench.load import Measured, request, run
from bench.purchases import purchases, some_variant
from bench.shop import ROOT, Running, free_port, shop_of
from tests.topologies import servers

CREDENTIALS = {"email": "demo@quartet.example", "password": "four parts one tune"}  # of the demo accounts
PRODUCTS = "/api/v1/products"
WORDS = ("mug", "enamel", "linen", "lamp", "oak", "wool", "bowl", "notebook")
PURCHASES = 48  # in one measurement

Workload = Callable[[Running, float, int], Measured]
"""Loads a shop for so many seconds, over so many connections."""


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

    def one_product(shop: Running, seconds: float, connections: int) -> Measured:
        product = shop.call("GET", f"{PRODUCTS}?limit=1")["items"][0]
        got = request("GET", f"{PRODUCTS}/{product['slug']}")
        return run(shop.port, lambda: got, 200, seconds, connections)

    return {
        "product": one_product,
        "sign-in": requests(lambda: sign_in),
        "list": requests(lambda: request("GET", f"{PRODUCTS}?limit=10")),
        "filtered": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&in_stock=true")),
        "search": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&q={next(words)}")),
        "facets": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&facets=true&q={next(words)}")),
        **{f"purchase-{buyers}": buys(buyers) for buyers in (1, 8, 16, 32)},
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("other", type=Path, help="another checkout")
    options.add_argument("names", nargs="+", choices=list(workloads()), help="what to measure")
    options.add_argument("--on-servers", action="store_true", help="on PostgreSQL, Kafka, Elasticsearch and Redis")
    options.add_argument("--stripe-delay", type=float, default=0.0, help="seconds that each call to Stripe takes")
    options.add_argument("--rounds", type=int, default=12, help="rounds (default 12)")
    options.add_argument("--seconds", type=float, default=1.5, help="seconds of each measurement (default 1.5)")
    options.add_argument("--connections", type=int, default=4, help="connections of the load (default 4)")
    args = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        trees = {"other": args.other.resolve(), "here": ROOT}
        shops = {
            name: stack.enter_context(_shop(folder / name, tree, args.on_servers, args.stripe_delay))
            for name, tree in trees.items()
        }
        loads = workloads()
        measured: dict[tuple[str, str], list[Measured]] = {(what, side): [] for what in args.names for side in shops}
        for turn in range(-1, args.rounds):  # the first warms up
            for what, side in random.sample(list(measured), len(measured)):
                one = loads[what](shops[side], args.seconds, args.connections)
                if turn >= 0:
                    measured[what, side].append(one)
        show(measured)
        for side, each in shops.items():
            print(f"memory of all processes (PSS), {side}: {each.resident() / 2**20:.0f} MB")


def show(measured: dict[tuple[str, str], list[Measured]]) -> None:
    head = ("quiet tenth, /s", "median, /s", "p50, ms", "p99, ms", "GETs", "vs. other")
    print(f"{'':<20}" + "".join(f"{each:>16}" for each in head))
    for (what, side), rounds in measured.items():
        pairs = zip(rounds, measured[what, "other"], strict=True)
        rates = [each.per_second for each in rounds]
        p50, p99 = (median(getattr(each, p) * 1000 for each in rounds) for p in ("p50", "p99"))
        row = (
            f"{quantiles(rates, n=10)[-1]:.1f}",
            f"{median(rates):.1f}",
            f"{p50:.1f}",
            f"{p99:.1f}",
            f"{median(each.gets for each in rounds):.1f}",
            f"{median(mine.per_second / other.per_second for mine, other in pairs):.2f}",
        )
        print(f"{what + ', ' + side:<20}" + "".join(f"{each:>16}" for each in row))


@contextmanager
def _shop(folder: Path, tree: Path, on_servers: bool, stripe_delay: float) -> Iterator[Running]:
    """The shop of a checkout, with the demo products."""
    sandbox = free_port()
    with ExitStack() as stack:
        variables = stack.enter_context(servers()) | {"WORKERS": "2"} if on_servers else {}
        running = stack.enter_context(shop_of(tree, folder, "wsgi", "--demo", **variables, SANDBOX_PORT=str(sandbox)))
        if stripe_delay:
            fault = json.dumps({"kind": "delay", "seconds": stripe_delay, "times": None}).encode()
            urlopen(Request(f"http://127.0.0.1:{sandbox}/sandbox/faults", fault), timeout=10).close()
        while "degraded" in running.call("GET", f"{PRODUCTS}?q=mug"):
            time.sleep(0.2)
        yield running


if __name__ == "__main__":
    main()
