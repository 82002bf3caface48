"""Quartet: four modules of a shop in one process, or each in its own."""

from app.telemetry.multiprocess import share_metrics

share_metrics()  # before anything here counts
