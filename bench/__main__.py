"""Run the benchmarks and print the tables: `python -m bench`."""

import argparse
import random
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import click
import pytest
from sqlalchemy import select

from app.bus import outbox, tables
from app.bus.contracts.catalog import OfferChanged
from app.bus.transport.base import Transport
from app.jobs import tables as jobs
from app.kernel.database import Database
from bench import raw, raw_postgresql
from bench.compare import NAMES, Options, compare
from bench.layers import layers, show_layers
from bench.load import Make, Measured, request, run
from bench.pricing import pricing, show_pricing
from bench.purchases import purchases, some_variant
from bench.refusals import refusals, show_refusals
from bench.relay import Nowhere, relaying, rows_per_second
from bench.shop import ROOT, Running, shop
from bench.shop import raw as raw_server
from bench.workloads import orders_of
from tests.servers import fresh_databases
from tests.topologies import servers

API = "/api/v1"
SECONDS = 1.5
WORKERS = 2


def main() -> None:
    options = argparse.ArgumentParser(description="Benchmarks of the shop, each figure beside its raw limit.")
    options.add_argument("--rounds", type=int, help="number of rounds; the median is printed (5, with --beside 12)")
    options.add_argument("--only", choices=["embedded", "servers"], help="run only one of the two tables")
    beside = options.add_argument_group("beside another checkout")
    beside.add_argument("--beside", type=Path, metavar="DIR", help="compare with the shop in this folder, in one run")
    beside.add_argument("--what", nargs="+", choices=NAMES, help="what to compare (all)", metavar="NAME")
    beside.add_argument("--seconds", type=float, default=1.5, help="seconds of each measurement (1.5)")
    beside.add_argument("--connections", type=int, default=4, help="connections of the load (4)")
    beside.add_argument(
        "--stripe-delay",
        type=float,
        default=0.0,
        help="seconds that each call to Stripe takes (0); "
        "without --beside, this checkout is compared with itself without the delay",
    )
    args = options.parse_args()
    if args.beside or args.stripe_delay:
        names = args.what or NAMES
        how = (args.rounds or 12, args.seconds, args.connections, args.stripe_delay)
        for topology in [args.only] if args.only else ["embedded", "servers"]:
            print(topology)
            with tempfile.TemporaryDirectory() as folder:
                compare(Options(args.beside or ROOT, names, *how), Path(folder), topology == "servers")
        return
    args.rounds = args.rounds or 5
    if args.only != "servers":
        with tempfile.TemporaryDirectory() as folder:
            embedded(Path(folder), args.rounds)
    if args.only != "embedded":
        with tempfile.TemporaryDirectory() as folder:
            on_servers(Path(folder), args.rounds)


def embedded(folder: Path, rounds: int) -> None:
    """The shop on SQLite and the local bus, in one process, beside bare WSGI with sqlite3."""
    raw.FOLDER, data = folder, folder / "shop"
    raw.fill()
    with raw_server("bench.raw:app", 1, RAW_DATA=str(folder)) as limit:
        with shop(data, "wsgi", "--demo") as ours:
            memory = ours.resident()
            variant, ordering = some_variant(ours), orders_of(ours)
            table = measured(reading(ours), ours, limit, rounds)
            one = [purchases(ours, variant["sku"], variant["price"], 1, 20) for _ in range(rounds)]
            four = [purchases(ours, variant["sku"], variant["price"], 4, 15) for _ in range(rounds)]
            ready, after = ours.ready_after, ours.resident()
        with shop(data, "app.modules.orders.wsgi") as alone:
            table |= measured({"POST /orders, orders alone": ordering}, alone, limit, rounds)
    show("embedded", table, one, four)
    show_layers(layers(folder / "layers"))
    show_refusals(refusals(folder / "refusals"))
    show_pricing(pricing())
    print(f"\nready after {ready:.1f} s, including loading the demo catalogue into empty databases")
    print(f"memory of all processes (PSS) {memory / 2**20:.0f} MB when idle, {after / 2**20:.0f} MB after the load")


def on_servers(folder: Path, rounds: int) -> None:
    """The shop on PostgreSQL × 4, Kafka, Elasticsearch and Redis, beside bare WSGI with psycopg2."""
    try:
        with servers() as variables, fresh_databases("orders") as own:
            bare = own["ORDERS_DATABASE_URL"].replace("+psycopg2", "")
            raw_postgresql.fill(bare)
            with raw_server("bench.raw_postgresql:app", WORKERS, RAW_DATABASE_URL=bare) as limit:
                variables |= {"WORKERS": str(WORKERS)}
                with shop(folder, "wsgi", "--demo", **variables) as ours:
                    until_quiet(variables)
                    variant, ordering = some_variant(ours), orders_of(ours)
                    one_product = {"GET one product": reading(ours)["GET one product"]}
                    table = measured(one_product, ours, limit, rounds)
                    one = [purchases(ours, variant["sku"], variant["price"], 1, 20) for _ in range(rounds)]
                    four = [purchases(ours, variant["sku"], variant["price"], 4, 15) for _ in range(rounds)]
                with shop(folder, "app.modules.orders.wsgi", **variables) as alone:
                    table |= measured({"POST /orders, orders alone": ordering}, alone, limit, rounds)
            show(f"servers, {WORKERS} workers and a bus process", table, one, four)
            kafka = variables["KAFKA_BOOTSTRAP_SERVERS"]
            with fresh_databases("orders") as empty, relaying(empty["ORDERS_DATABASE_URL"], kafka) as carried:
                show_relay(*carried, rounds)
    except (pytest.skip.Exception, pytest.fail.Exception) as why:
        print(f"\nnot measured on servers: {why}")


def until_quiet(variables: Mapping[str, str]) -> None:
    """Wait until the demo products are in the index, and orders has consumed their offers."""
    catalog, orders = (Database(variables[f"{name}_DATABASE_URL"]) for name in ("CATALOG", "ORDERS"))
    published = select(tables.outbox.c.event_id).where(tables.outbox.c.type == OfferChanged.event_type())
    while True:
        with catalog.read() as connection:
            busy = connection.execute(select(jobs.jobs.c.kind)).first() or outbox.backlog(connection)[0]
            offers = set(connection.execute(published).scalars())
        with orders.read() as connection:
            consumed = set(connection.execute(select(tables.inbox.c.event_id)).scalars())
        if offers and offers <= consumed and not busy:
            break
        time.sleep(0.2)
    catalog.close()
    orders.close()


def show_relay(database: Database, kafka: Transport, rounds: int) -> None:
    """Print rows per second, by the batch size of the relay."""
    print(f"\n{'relay, rows/s at batch':<28}{'into Kafka':>12}{'rows alone':>12}")
    for batch, rows in ((1, 2_000), (10, 20_000), (100, 60_000), (500, 60_000)):
        sent, alone = (
            median(rows_per_second(database, transport, batch, rows) for _ in range(rounds))
            for transport in (kafka, Nowhere())
        )
        print(f"{batch:<28}{sent:>12.0f}{alone:>12.0f}")


def reading(ours: Running) -> dict[str, tuple[Make, Make, int]]:
    """By name: the request to the shop, the request to the raw server, and the expected status of both."""
    product = ours.call("GET", f"{API}/products?limit=1")["items"][0]

    def same(ours: str, limit: str) -> tuple[Make, Make, int]:
        one, other = request("GET", ours), request("GET", limit)
        return (lambda: one), (lambda: other), 200

    return {
        "GET one product": same(f"{API}/products/{product['slug']}", "/product"),
        "GET list of 20": same(f"{API}/products?limit=20", "/products"),
        "GET search": same(f"{API}/products?q=enamel+mug&limit=20", "/search"),
    }


def measured(
    workloads: dict[str, tuple[Make, Make, int]], ours: Running, limit: Running, rounds: int
) -> dict[str, list[tuple[Measured, Measured]]]:
    """Run each workload on both servers, in a random order each round."""
    table: dict[str, list[tuple[Measured, Measured]]] = {name: [] for name in workloads}
    shuffled = (name for _ in range(rounds) for name in random.sample(list(workloads), len(workloads)))
    todo = [(name, *workloads[name]) for name in shuffled]
    with click.progressbar(todo, label="measuring", item_show_func=lambda each: each[0] if each else "") as progress:
        for name, one, other, status in progress:
            table[name].append((run(ours.port, one, status, SECONDS), run(limit.port, other, status, SECONDS)))
    return table


def show(
    title: str, table: dict[str, list[tuple[Measured, Measured]]], one: list[Measured], four: list[Measured]
) -> None:
    """Print medians, and the ratio to the raw limit."""
    print(f"\n{title}\n{'':<28}{'shop, /s':>10}{'raw, /s':>10}{'ratio':>7}{'p50, ms':>9}{'p99, ms':>9}")
    for name, rounds in table.items():
        ratio = median(ours.per_second / limit.per_second for ours, limit in rounds)
        speed, limit = (median(each[n].per_second for each in rounds) for n in (0, 1))
        p50, p99 = (median(getattr(ours, p) * 1000 for ours, _ in rounds) for p in ("p50", "p99"))
        print(f"{name:<28}{speed:>10.0f}{limit:>10.0f}{ratio:>7.2f}{p50:>9.1f}{p99:>9.1f}")
    for name, bought in (("placed → paid, one buyer", one), ("placed → paid, four", four)):
        speed, p50, p99 = (median(getattr(each, p) for each in bought) for p in ("per_second", "p50", "p99"))
        print(f"{name:<28}{speed:>10.1f}{'':>17}{p50 * 1000:>9.1f}{p99 * 1000:>9.1f}")


if __name__ == "__main__":
    main()
