"""Forget carts that nobody comes back to."""

from datetime import timedelta

from app.modules.orders.ports import Work

KEPT = timedelta(days=30)


def prune_carts(work: Work) -> int:
    """Delete carts untouched for 30 days, never one that an order locks; returns how many."""
    return work.carts.prune(work.now - KEPT)
