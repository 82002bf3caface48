"""Quartet: a commerce backend of four modules, which run in one process or each in its own."""

from app.telemetry.multiprocess import share_metrics

share_metrics()  # before any metric is created
