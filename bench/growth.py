"""What each route costs as the shop grows: `python -m bench.growth`, on PostgreSQL, Elasticsearch and Redis.

Shops of several sizes stand at once, on databases of their own, filled by SQL. Requests are sent to them in turns, in
this process, so that nothing but the size differs. The figure is the quiet tenth of the rounds, in milliseconds.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import click
from sqlalchemy import Connection, text

from app.kernel.database import Database
from app.modules.catalog.domain.search import Document, Sold
from app.modules.catalog.infrastructure.search.listings import row_of
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.servers import address, forget_index, fresh_databases
from tests.shop import Shop

SIZES = (1_000, 100_000, 1_000_000)  # products, and as many orders
CUSTOMERS = 10  # orders of one customer
PATTERNS = 2_000  # different names
NOUNS = ("mug", "bowl", "lamp", "chair", "notebook", "towel", "basket", "shirt")
QUALITIES = ("enamel", "linen", "oak", "wool", "steel", "paper", "clay", "cotton", "glass", "cork")
SOME = 7  # the product, order and customer that are read
CUSTOMER = "01a20000-0001-7000-8000-"
NOBODY = "http://127.0.0.1:9"  # where nothing listens
NOW = datetime.now(UTC)  # of the last order; there is one each second
LINES = '[{"sku":"SKU-1-1","name":"Mug","quantity":1,"unit_price":{"amount":900,"currency":"EUR"}}]'
NOTHING = '{"amount":0,"currency":"EUR"}'
PRICE = '{"amount":900,"currency":"EUR"}'
TOTALS = f'{{"items":{PRICE},"shipping":{NOTHING},"tax":{NOTHING},"discount":{NOTHING},"total":{PRICE}}}'


def id_of(kind: str, n: int) -> UUID:
    """The id of the n-th row; ids of one kind ascend, as UUIDv7 do."""
    return UUID(f"{kind}{n:012x}")


def id_at(at: datetime, n: int) -> UUID:
    """The id of the n-th product or order: a UUIDv7 of the second in which it was added."""
    milliseconds = f"{int(at.timestamp()) * 1000:012x}"
    return UUID(f"{milliseconds}70008000{n:012x}")


ID_AT = """(lpad(to_hex((cast(:epoch AS bigint) + n) * 1000), 12, '0') || '70008000' ||
  lpad(to_hex(n), 12, '0'))::uuid"""


def start_of(size: int) -> datetime:
    """A second before the first order of a shop of this size."""
    return NOW.replace(microsecond=0) - timedelta(seconds=size)


def _id(kind: str, n: str) -> str:
    return f"('{kind}' || lpad(to_hex({n}), 12, '0'))::uuid"


CATALOG = f"""
INSERT INTO categories (slug, name, parent, version) SELECT 'c' || n, 'C' || n, NULL, 1 FROM generate_series(0, 19) n;
INSERT INTO products (id, slug, name, description, category, attributes, on_sale, created_at, version)
  SELECT {ID_AT}, 'p-' || n, name, description, 'c' || n % 20, '{{"brand":"b' || n % 500 || '"}}', true,
         :start + n * interval '1 second', 1
  FROM generate_series(1, :count) n JOIN pattern ON number = n % {PATTERNS};
INSERT INTO variants (sku, folded_sku, product_id, name, amount, currency, attributes, on_sale, version)
  SELECT 'SKU-' || n || '-' || v, 'sku-' || n || '-' || v, {ID_AT}, '', 500 + n % 9000, 'EUR',
         '{{"size":"' || v || '"}}', true, 1
  FROM generate_series(1, :count) n, generate_series(1, 2) v;
INSERT INTO stock (sku, on_hand, held, version)
  SELECT 'SKU-' || n || '-' || v, 1000, 0, 1 FROM generate_series(1, :count) n, generate_series(1, 2) v;
INSERT INTO listings (product_id, version, edition, on_sale, category, price, currency, created_at, sort_key, length,
                      words)
  SELECT {ID_AT}, 1, edition, true, 'c' || n % 20, 500 + n % 9000, 'EUR',
         :start + n * interval '1 second', sort_key, length, words
  FROM generate_series(1, :count) n JOIN pattern ON number = n % {PATTERNS};
"""
ORDERS = f"""
INSERT INTO offers (sku, product_id, name, price, currency, on_sale, version, revision)
  SELECT 'SKU-' || n || '-1', {ID_AT}, 'Mug', 500 + n % 9000, 'EUR', true, 1, 0
  FROM generate_series(1, :count) n;
INSERT INTO orders (id, customer_id, status, units, lines, totals, total, currency, placed_at, alerted, version)
  SELECT {ID_AT}, {_id(CUSTOMER, f"n / {CUSTOMERS}")},
         CASE WHEN n % 100 = 0 THEN 'cancelled' ELSE 'paid' END, 1, :lines, :totals, 500 + n % 9000, 'EUR',
         :start + n * interval '1 second', false, 4
  FROM generate_series(1, :count) n;
INSERT INTO order_lines (order_id, sku, name, unit_price, ordered)
  SELECT {ID_AT}, 'SKU-1-1', 'Mug', 500 + n % 9000, 1 FROM generate_series(1, :count) n;
INSERT INTO timeline (order_id, at, module, what, detail)
  SELECT {ID_AT}, :start + n * interval '1 second', 'orders', what, '{{}}'
  FROM generate_series(1, :count) n, unnest(ARRAY['placed', 'confirmed', 'paid']) what;
"""
PAYMENTS = f"""
INSERT INTO payments (id, order_id, customer_id, amount, currency, created_at, desired, status, intent_id,
                      client_secret, captured, refunded, version)
  SELECT {ID_AT}, {ID_AT}, {_id(CUSTOMER, f"n / {CUSTOMERS}")}, 900, 'EUR',
         :start + n * interval '1 second', 'captured', 'captured', 'pi_' || n, 'secret', 900, 0, 4
  FROM generate_series(1, :count) n;
"""
USERS = f"""
INSERT INTO users (id, email, name, password_hash, role, created_at, epoch, disabled, version)
  SELECT {_id(CUSTOMER, "n")}, 'c' || n || '@shop.example', 'C', 'x', 'customer', :start, 0, false, 1
  FROM generate_series(0, :count / {CUSTOMERS}) n;
"""


class Sized:
    """A shop of one size, and how to call it."""

    def __init__(self, shop: Shop, size: int) -> None:
        self.shop, self.start = shop, start_of(size)
        self._client = shop.app.test_client()
        self._headers: dict[str, dict[str, str]] = {}

    def sign_in(self) -> None:
        """Renew the tokens, which are valid for five minutes."""
        customer, admin = self.shop.token(id_of(CUSTOMER, SOME)), self.shop.token(UUID(int=5), "admin")
        self._headers = {
            "customer": {"Authorization": f"Bearer {customer}"},
            "admin": {"Authorization": f"Bearer {admin}"},
        }
        self._client.set_cookie("desk_token", admin, path="/desk")

    def get(self, who: str, path: str) -> tuple[float, int]:
        """Milliseconds, and the status."""
        start = time.perf_counter()
        url = path if path.startswith("/desk") else f"/api/v1{path}"
        status = self._client.get(url, headers=self._headers.get(who)).status_code
        return (time.perf_counter() - start) * 1000, status


def routes(sized: Sized) -> Mapping[str, tuple[str, str]]:
    """By name: who calls, and the path."""
    placed_at = sized.start + timedelta(seconds=SOME * CUSTOMERS)
    product = id_at(sized.start + timedelta(seconds=SOME), SOME)
    order, number = id_at(placed_at, SOME * CUSTOMERS), f"{placed_at:%y%m%d}-{SOME * CUSTOMERS}"
    since, until = (f"{placed_at + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}" for n in (0, 10))
    listed = sized.shop.as_guest().get("/products?limit=10").json
    following = listed["next"] if listed else None
    return {
        "product by slug": ("guest", f"/products/p-{SOME}"),
        "product by id": ("guest", f"/products/{product}"),
        "newest products": ("guest", "/products?limit=10"),
        "the page after": ("guest", f"/products?limit=10&cursor={following}"),
        "products by price": ("guest", "/products?limit=10&sort=price"),
        "products of a category": ("guest", "/products?limit=10&category=c3"),
        "search, a word": ("guest", "/products?limit=10&q=enamel"),
        "search, two words": ("guest", "/products?limit=10&q=enamel+mug"),
        "search, filtered": ("guest", "/products?limit=10&q=mug&price_min=1000&in_stock=true"),
        "suggestions": ("guest", "/products/suggest?q=ena"),
        "categories": ("guest", "/categories"),
        "own order": ("customer", f"/orders/{order}"),
        "own orders": ("customer", "/orders?limit=10"),
        "timeline of an order": ("customer", f"/orders/{order}/timeline"),
        "payment of an order": ("customer", f"/payments?order_id={order}"),
        "all orders": ("admin", "/orders?limit=10"),
        "cancelled orders": ("admin", "/orders?limit=10&status=cancelled"),
        "order by number": ("admin", f"/orders?number={number}"),
        "orders of ten minutes": ("admin", f"/orders?limit=10&placed_since={since}&placed_until={until}"),
        "orders of a total": ("admin", "/orders?limit=10&total_min=700&total_max=705"),
        "big orders": ("admin", "/orders?limit=10&total_min=9000"),
        "biggest orders": ("admin", "/orders?limit=10&sort=-total"),
        "biggest cancelled orders": ("admin", "/orders?limit=10&sort=-total&status=cancelled"),
        "oldest cancelled orders": ("admin", "/orders?limit=10&sort=oldest&status=cancelled"),
        "orders of a customer": ("admin", f"/orders?limit=10&customer_id={id_of(CUSTOMER, SOME)}"),
        "stock of a sku": ("admin", f"/stock/SKU-{SOME}-1"),
        "explained stock": ("admin", f"/stock/SKU-{SOME}-1/explain"),
        "accounts": ("admin", "/users?limit=10"),
        "stuck orders": ("admin", "/ops/orders/stuck"),
        "the bus of orders": ("admin", "/ops/orders/bus"),
        "desk: home": ("staff", "/desk/orders/home"),
        "desk: its part of payments": ("staff", "/desk/payments"),
        "desk: orders": ("staff", "/desk/orders"),
        "desk: an order": ("staff", f"/desk/orders/{order}"),
        "desk: to pack": ("staff", "/desk/orders/to-pack"),
        "desk: products": ("staff", "/desk/catalog"),
        "desk: a search": ("staff", f"/desk/orders/found?q={number}"),
        "desk: customers": ("staff", "/desk/users"),
        "desk: health": ("staff", "/desk/orders/health/state"),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="products, and as many orders, of each shop"
    )
    options.add_argument("--rounds", type=int, default=40, help="rounds (default 40)")
    options.add_argument("--without-index", action="store_true", help="as while Elasticsearch is unavailable")
    args = options.parse_args()
    with ExitStack() as stack:
        shops: dict[int, Sized] = {}
        for size in args.sizes:
            shops[size] = Sized(stack.enter_context(filled(size, indexed=not args.without_index)), size)
        show(measure(shops, args.rounds))


def measure(shops: Mapping[int, Sized], rounds: int) -> dict[str, dict[int, tuple[float, set[int]]]]:
    """By route and size: milliseconds of the quiet tenth, and the statuses."""
    for shop in shops.values():
        shop.sign_in()
    calls = {size: routes(shop) for size, shop in shops.items()}
    taken: dict[tuple[str, int], list[tuple[float, int]]] = {(name, size): [] for size in shops for name in calls[size]}
    turns = [(name, size) for _ in range(rounds + 2) for name, size in random.sample(list(taken), len(taken))]
    with click.progressbar(turns, label="measuring") as progress:
        for name, size in progress:
            taken[name, size].append(shops[size].get(*calls[size][name]))
    found: dict[str, dict[int, tuple[float, set[int]]]] = {}
    for (name, size), each in taken.items():
        times = [milliseconds for milliseconds, _ in each[2:]]  # the first two warm up
        quiet = quantiles(times, n=10, method="inclusive")[0]
        found.setdefault(name, {})[size] = quiet, {status for _, status in each}
    return found


def show(found: Mapping[str, Mapping[int, tuple[float, set[int]]]]) -> None:
    sizes = sorted(next(iter(found.values())))
    print(f"\n{'milliseconds':<26}" + "".join(f"{size:>12,}" for size in sizes) + f"{'ratio':>9}  statuses")
    for name, by_size in found.items():
        row = "".join(f"{by_size[size][0]:>12.2f}" for size in sizes)
        ratio = by_size[sizes[-1]][0] / by_size[sizes[0]][0]
        statuses = sorted(set().union(*(statuses for _, statuses in by_size.values())))
        print(f"{name:<26}{row}{ratio:>9.2f}  {' '.join(map(str, statuses))}")


@contextmanager
def filled(size: int, *, indexed: bool) -> Iterator[Shop]:
    """A shop with so many products and orders, on databases of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        variables = stack.enter_context(fresh_databases("catalog", "orders", "payments", "users"))
        variables["REDIS_URL"] = address("TEST_REDIS_URL")
        index = f"growth-{size}-{random.randrange(10**9)}"
        variables |= {"ELASTICSEARCH_URL": NOBODY, "ELASTICSEARCH_INDEX": index}
        if indexed:
            variables["ELASTICSEARCH_URL"] = address("TEST_ELASTICSEARCH_URL")
            stack.callback(forget_index, variables["ELASTICSEARCH_URL"], index)
        shop = Shop(folder, catalog, orders, payments, users, DESK="on", **variables)
        stack.callback(shop.close)
        start = time.monotonic()
        for name, script in (("catalog", CATALOG), ("orders", ORDERS), ("payments", PAYMENTS), ("users", USERS)):
            _fill(shop.modules[name].database, script, size)
        print(f"{size:,} products and orders written in {time.monotonic() - start:.0f} s", file=sys.stderr)
        if indexed:
            _index(shop, size)
        yield shop


def _index(shop: Shop, size: int) -> None:
    start = time.monotonic()
    result = shop.app.test_cli_runner().invoke(args=["catalog", "reindex"])
    assert result.exit_code == 0, result.output
    took = time.monotonic() - start
    print(f"{size:,} products indexed in {took:.0f} s: {size / took:,.0f}/s", file=sys.stderr)


def _fill(database: Database, script: str, count: int) -> None:
    start = start_of(count)
    values = {"count": count, "start": start, "epoch": int(start.timestamp()), "lines": LINES, "totals": TOTALS}
    with database.begin() as connection:
        if script is CATALOG:
            _write_patterns(connection)
        for statement in filter(str.strip, script.split(";\n")):
            named = text(statement)
            connection.execute(named, {name: values[name] for name in named._bindparams})
    with database.reads.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _write_patterns(connection: Connection) -> None:
    """Names, and the words that the search index of the database stores for them."""
    columns = (
        "number int primary key, name text, description text, edition int, sort_key text, length int, words tsvector"
    )
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE pattern ({columns})")
    rows = [_pattern(n) for n in range(PATTERNS)]
    places = ", ".join(f":{name}" for name in rows[0])
    connection.execute(text(f"INSERT INTO pattern ({', '.join(rows[0])}) VALUES ({places})"), rows)


def _pattern(number: int) -> dict[str, Any]:
    noun, quality = NOUNS[number % len(NOUNS)], QUALITIES[number // len(NOUNS) % len(QUALITIES)]
    name = f"{quality.title()} {noun} series {number}"
    description = f"A {noun} of {quality}, made by hand. " * 5
    document = Document(
        id=str(UUID(int=number)),
        version=1,
        slug=f"p-{number}",
        name=name,
        description=description,
        category=None,
        variants=[Sold(sku=f"SKU-{number}", price=500, in_stock=True, attributes=frozenset())],
        price=500,
        currency="EUR",
        in_stock=True,
        on_sale=True,
        created_at="2025-01-01T00:00:00Z",
    )
    listed = row_of(document, False)
    of_database = {each: listed[each] for each in ("edition", "sort_key", "length", "words")}
    return {"number": number, "name": name, "description": description, **of_database}


if __name__ == "__main__":
    main()
