"""Compare requests per second, served, in this checkout and in another: `python -m bench.served ../other sign-in`.

Both shops run all the time and are loaded in turns, in a random order. Settings of the environment reach both, such as
ELASTICSEARCH_URL; each has an index of its own. The quiet tenth of the rounds is the one that other programs on this
machine disturb least.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles

from bench.load import Make, Measured, request, run
from bench.shop import ROOT, Running, shop_of
from tests.servers import forget_index

CREDENTIALS = {"email": "demo@quartet.example", "password": "four parts one tune"}  # of the demo accounts
PRODUCTS = "/api/v1/products"
WORDS = ("mug", "enamel", "linen", "lamp", "oak", "wool", "bowl", "notebook")


def workloads() -> dict[str, Make]:
    """What makes the next request, by name."""
    words = cycle(WORDS)
    sign_in = request("POST", "/api/v1/auth/login", json.dumps(CREDENTIALS).encode())
    newest, filtered = request("GET", f"{PRODUCTS}?limit=10"), request("GET", f"{PRODUCTS}?limit=10&in_stock=true")
    return {
        "sign-in": lambda: sign_in,
        "list": lambda: newest,
        "filtered": lambda: filtered,
        "search": lambda: request("GET", f"{PRODUCTS}?limit=10&q={next(words)}"),
        "facets": lambda: request("GET", f"{PRODUCTS}?limit=10&facets=true&q={next(words)}"),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("other", type=Path, help="another checkout")
    options.add_argument("names", nargs="+", choices=list(workloads()), help="what to measure")
    options.add_argument("--rounds", type=int, default=12, help="rounds (default 12)")
    options.add_argument("--seconds", type=float, default=1.5, help="seconds of each measurement (default 1.5)")
    options.add_argument("--connections", type=int, default=4, help="connections of the load (default 4)")
    args = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        trees = {"other": args.other.resolve(), "here": ROOT}
        shops = {name: stack.enter_context(_shop(folder / name, tree)) for name, tree in trees.items()}
        makes = workloads()
        found: dict[tuple[str, str], list[Measured]] = {(what, side): [] for what in args.names for side in shops}
        for turn in range(-1, args.rounds):  # the first warms up
            for what, side in random.sample(list(found), len(found)):
                one = run(shops[side].port, makes[what], 200, args.seconds, args.connections)
                if turn >= 0:
                    found[what, side].append(one)
        print(f"{'':<18}{'quiet tenth, /s':>16}{'median, /s':>12}{'p50, ms':>9}{'p99, ms':>9}{'vs. other':>11}")
        for (what, side), rounds in found.items():
            pairs = zip(rounds, found[what, "other"], strict=True)
            ratio = median(mine.per_second / other.per_second for mine, other in pairs)
            rates = [each.per_second for each in rounds]
            p50, p99 = (median(getattr(each, p) * 1000 for each in rounds) for p in ("p50", "p99"))
            quiet = quantiles(rates, n=10)[-1]
            print(f"{what + ', ' + side:<18}{quiet:>16.0f}{median(rates):>12.0f}{p50:>9.1f}{p99:>9.1f}{ratio:>11.2f}")
        for side, each in shops.items():
            print(f"memory of all processes (PSS), {side}: {each.resident() / 2**20:.0f} MB")


@contextmanager
def _shop(folder: Path, tree: Path) -> Iterator[Running]:
    """The shop of a checkout, with the demo products and an index of its own."""
    url, index = os.environ.get("ELASTICSEARCH_URL"), f"bench-{folder.name}-{os.getpid()}"
    try:
        with shop_of(tree, folder, "wsgi", "--demo", ELASTICSEARCH_INDEX=index) as running:
            while "degraded" in running.call("GET", f"{PRODUCTS}?q=mug"):
                time.sleep(0.2)
            yield running
    finally:
        if url:
            forget_index(url, index)


if __name__ == "__main__":
    main()
