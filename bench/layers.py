"""The cost of metrics, request log and limits for a GET: CPU time in this process, with and without each of them.

Run it with `python -m bench.layers`; set PROMETHEUS_MULTIPROC_DIR=<a folder> to measure counters shared by processes.
"""

import logging
import os
import random
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import quantiles
from typing import Any

from flask import Flask
from werkzeug.test import create_environ

from app.config.settings import Settings
from app.factory import create_app
from app.kernel import clock
from app.kernel.ids import new_id
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.module import catalog
from app.modules.catalog.use_cases.products.add_product import AddProduct
from app.runtime.migrate import upgrade
from app.web import limits, logs, metrics

BLOCK, BLOCKS = 20, 300  # requests per measurement, and measurements per variant
COUNTING = (metrics._observe,)
LOGGING = (logs._log_request,)
LIMITING = (limits._check, limits._add_headers)


class NoCounter:
    """Replaces a counter and does nothing."""

    def inc(self) -> None: ...


def layers(folder: Path) -> dict[str, float]:
    """Microseconds of a whole GET, and of each layer in it."""
    app, ask = _shop(folder)
    before, after = list(app.before_request_funcs[None]), list(app.after_request_funcs[None])
    left_out_by: dict[str, tuple[Callable[..., Any], ...]] = {
        "GET one product": (),
        "metrics": COUNTING,
        "log": LOGGING,
        "limits": LIMITING,
        "all three": COUNTING + LOGGING + LIMITING,
    }
    limited = app.extensions["quartet_limited"]
    counters, times = dict(limited), {name: list[float]() for name in left_out_by}
    for _ in range(BLOCKS):
        for name in random.sample(list(left_out_by), len(left_out_by)):
            left_out = left_out_by[name]
            app.before_request_funcs[None] = [hook for hook in before if hook not in left_out]
            app.after_request_funcs[None] = [hook for hook in after if hook not in left_out]
            limited.update(dict.fromkeys(counters, NoCounter()) if COUNTING[0] in left_out else counters)
            times[name].append(_microseconds(ask))
    app.extensions["quartet_background"].stop(timeout=5)
    quiet = {name: quantiles(some, n=10)[0] for name, some in times.items()}
    whole = quiet.pop("GET one product")
    return {"GET one product": whole, **{name: whole - without for name, without in quiet.items()}}


def show_layers(found: dict[str, float]) -> None:
    print(f"\n{'cost of a GET, CPU µs':<28}{found['GET one product']:>8.0f}")
    for name in ("metrics", "log", "limits", "all three"):
        print(f"{'  of which ' + name:<28}{found[name]:>8.0f}")


def _shop(folder: Path) -> tuple[Flask, Callable[[], None]]:
    """catalog alone, with one product. Its log is formatted and written to /dev/null."""
    settings = Settings.from_environment({"QUARTET_DATA": str(folder), "LIMIT_READS": "100000000/minute"})
    app = create_app(catalog, settings=settings)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(Path(os.devnull).open("w"))  # noqa: SIM115 — for as long as the process lives
            handler.setFormatter(logs.JsonLines())
    module = app.extensions["quartet_modules"]["catalog"]
    upgrade([module])
    product = Product(id=new_id(), slug="mug", name="Mug", description="Of enamel.", created_at=clock.now())
    with module.transaction() as uow:
        AddProduct(uow).execute(product, [Variant(sku="MUG", product_id=product.id, amount=900, currency="EUR")])
    bare = create_environ("/api/v1/products/mug")

    def ask() -> None:
        statuses: list[str] = []
        answer = app(bare | {"wsgi.input": BytesIO()}, lambda status, _: statuses.append(status))  # type: ignore[arg-type]
        for _ in answer:
            pass
        assert statuses == ["200 OK"]

    return app, ask


def _microseconds(ask: Callable[[], None]) -> float:
    began = time.process_time()
    for _ in range(BLOCK):
        ask()
    return (time.process_time() - began) / BLOCK * 1e6


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as here:
        show_layers(layers(Path(here)))
