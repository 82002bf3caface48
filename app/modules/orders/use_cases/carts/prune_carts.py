"""Forget carts that nobody comes back to."""

from datetime import timedelta

from app.modules.orders.ports import UnitOfWork

KEPT = timedelta(days=30)


def prune_carts(uow: UnitOfWork) -> int:
    """Delete carts untouched for 30 days, never one that an order locks; returns how many."""
    return uow.carts.prune(uow.now - KEPT)
