"""Quartet: a commerce backend of four modules, which run in one process or each in its own."""

import gc

from app.telemetry.multiprocess import share_metrics

gc.disable()  # nothing that imports create is garbage, and to look for it takes a quarter of a start: see create_app
share_metrics()  # before any metric is created
