"""Delete abandoned carts."""

from datetime import timedelta

from app.modules.orders.ports import UnitOfWork

RETENTION = timedelta(days=30)


def prune_carts(uow: UnitOfWork) -> int:
    """Delete a slice of the carts not touched for 30 days, except those locked by an order; returns how many."""
    return uow.carts.prune(uow.now - RETENTION)
