"""The raw limit: the same responses from bare WSGI and the sqlite3 driver, on the same server, without validation."""

import json
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("RAW_DATA", "var/raw"))
PRODUCTS = 300
mine = threading.local()
turn = threading.Lock()

TABLES = """
PRAGMA journal_mode=WAL;
CREATE TABLE products (id TEXT PRIMARY KEY, name TEXT, description TEXT, sku TEXT, price INTEGER, stock INTEGER);
CREATE VIRTUAL TABLE found USING fts5(id UNINDEXED, name, description);
CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT, lines TEXT, totals TEXT, status TEXT, at TEXT);
CREATE TABLE timeline (id INTEGER PRIMARY KEY, order_id TEXT, what TEXT, at TEXT);
CREATE TABLE outbox (position INTEGER PRIMARY KEY, type TEXT, key TEXT, body TEXT, at TEXT);
CREATE TABLE keys (caller TEXT, key TEXT, print BLOB, order_id TEXT, body TEXT, PRIMARY KEY (caller, key));
"""


def fill() -> None:
    """Create the database from scratch."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("raw.sqlite*"):
        old.unlink()
    with sqlite3.connect(FOLDER / "raw.sqlite") as connection:
        connection.executescript(TABLES)
        for n in range(PRODUCTS):
            row = (f"p{n}", f"Enamel mug {n}", f"A mug of enamel, number {n}. " * 4)
            connection.execute("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?)", (*row, f"SKU-{n}", 1000 + n, 50))
            connection.execute("INSERT INTO found VALUES (?, ?, ?)", row)
    connection.close()


def database() -> sqlite3.Connection:
    if not hasattr(mine, "connection"):
        mine.connection = sqlite3.connect(FOLDER / "raw.sqlite", isolation_level=None)
        mine.connection.execute("PRAGMA synchronous=NORMAL")
    connection: sqlite3.Connection = mine.connection
    return connection


def product(_: Any) -> bytes:
    row = database().execute("SELECT * FROM products WHERE id = ?", ("p7",)).fetchone()
    return json.dumps(dict(zip(("id", "name", "description", "sku", "price", "stock"), row, strict=True))).encode()


def products(_: Any) -> bytes:
    rows = database().execute("SELECT * FROM products WHERE id > ? ORDER BY id LIMIT 20", ("p1",)).fetchall()
    return json.dumps(
        [dict(zip(("id", "name", "description", "sku", "price", "stock"), row, strict=True)) for row in rows]
    ).encode()


def search(_: Any) -> bytes:
    """The twenty best hits."""
    found = "SELECT id, name, description FROM found WHERE found MATCH ? ORDER BY rank LIMIT 20"
    rows = database().execute(found, ("enamel mug",)).fetchall()
    return json.dumps([dict(zip(("id", "name", "description"), row, strict=True)) for row in rows]).encode()


def order(environ: Any) -> bytes:
    """Insert an order with its key, timeline and event in one transaction: six statements."""
    request = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    key, id, at = environ["HTTP_IDEMPOTENCY_KEY"], str(uuid.uuid4()), str(time.time())
    connection = database()
    with turn:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO keys VALUES (?, ?, ?, ?, NULL)", ("caller", key, b"print", id))
        skus = [item["sku"] for item in request["items"]]
        connection.execute(f"SELECT * FROM products WHERE sku IN ({','.join('?' * len(skus))})", skus).fetchall()
        lines = json.dumps(request["items"])
        connection.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", (id, "caller", lines, lines, "placed", at))
        connection.execute("INSERT INTO timeline (order_id, what, at) VALUES (?, ?, ?)", (id, "placed", at))
        connection.execute("INSERT INTO outbox (type, key, body, at) VALUES (?, ?, ?, ?)", ("placed", id, lines, at))
        body = json.dumps({"id": id, "status": "placed", "lines": request["items"]})
        connection.execute("UPDATE keys SET body = ? WHERE caller = ? AND key = ?", (body, "caller", key))
        connection.execute("COMMIT")
    return body.encode()


VIEWS: dict[str, Callable[[Any], bytes]] = {
    "/product": product,
    "/api/v1/products/raw": product,  # a path that the gateway forwards
    "/products": products,
    "/search": search,
    "/orders": order,
}


def app(environ: Any, start_response: Any) -> Iterable[bytes]:
    body = VIEWS[environ["PATH_INFO"]](environ)
    status = "201 Created" if environ["REQUEST_METHOD"] == "POST" else "200 OK"
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
