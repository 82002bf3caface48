"""The raw limit on PostgreSQL: the same responses from bare WSGI and psycopg2, on the same server, not validated."""

import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import psycopg2

URL = os.environ.get("RAW_DATABASE_URL", "")
PRODUCTS = 300
COLUMNS = ("id", "name", "description", "sku", "price", "stock")
mine = threading.local()

TABLES = """
CREATE TABLE products (id TEXT PRIMARY KEY, name TEXT, description TEXT, sku TEXT UNIQUE, price INTEGER, stock INTEGER);
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT, lines TEXT, totals TEXT, status TEXT, at TEXT);
CREATE TABLE timeline (id SERIAL PRIMARY KEY, order_id TEXT, what TEXT, at TEXT);
CREATE TABLE outbox (position SERIAL PRIMARY KEY, type TEXT, key TEXT, body TEXT, at TEXT);
CREATE TABLE keys (caller TEXT, key TEXT, print TEXT, order_id TEXT, body TEXT, PRIMARY KEY (caller, key));
"""


def fill(url: str) -> None:
    """Create the tables and products in an empty database."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        for n in range(PRODUCTS):
            row = (f"p{n}", f"Enamel mug {n}", f"A mug of enamel, number {n}. " * 4, f"SKU-{n}", 1000 + n, 50)
            cursor.execute("INSERT INTO products VALUES (%s, %s, %s, %s, %s, %s)", row)
    connection.close()


def cursor(name: str) -> Any:
    """The cursor of this thread; `reads` is on a connection with autocommit, `writes` on one without."""
    if not hasattr(mine, name):
        connection = psycopg2.connect(URL)
        connection.autocommit = name == "reads"
        setattr(mine, name, connection.cursor())
    return getattr(mine, name)


def product(_: Any) -> bytes:
    reads = cursor("reads")
    reads.execute("SELECT * FROM products WHERE id = %s", ("p7",))
    return json.dumps(dict(zip(COLUMNS, reads.fetchone(), strict=True))).encode()


def order(environ: Any) -> bytes:
    """Insert an order with its key, timeline and event in one transaction: six statements."""
    request = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    key, id, at = environ["HTTP_IDEMPOTENCY_KEY"], str(uuid.uuid4()), str(time.time())
    writes = cursor("writes")
    writes.execute("INSERT INTO keys VALUES (%s, %s, %s, %s, NULL)", ("caller", key, "print", id))
    writes.execute("SELECT * FROM products WHERE sku = ANY(%s)", ([item["sku"] for item in request["items"]],))
    writes.fetchall()
    lines = json.dumps(request["items"])
    writes.execute("INSERT INTO orders VALUES (%s, %s, %s, %s, %s, %s)", (id, "caller", lines, lines, "placed", at))
    writes.execute("INSERT INTO timeline (order_id, what, at) VALUES (%s, %s, %s)", (id, "placed", at))
    writes.execute("INSERT INTO outbox (type, key, body, at) VALUES (%s, %s, %s, %s)", ("placed", id, lines, at))
    body = json.dumps({"id": id, "status": "placed", "lines": request["items"]})
    writes.execute("UPDATE keys SET body = %s WHERE caller = %s AND key = %s", (body, "caller", key))
    writes.connection.commit()
    return body.encode()


VIEWS: dict[str, Callable[[Any], bytes]] = {
    "/product": product,
    "/api/v1/products/raw": product,  # a path that the gateway forwards
    "/orders": order,
}


def app(environ: Any, start_response: Any) -> Iterable[bytes]:
    body = VIEWS[environ["PATH_INFO"]](environ)
    status = "201 Created" if environ["REQUEST_METHOD"] == "POST" else "200 OK"
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
