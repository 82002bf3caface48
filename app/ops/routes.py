"""All routes for operators, for the factory to register."""

from app.ops import bus, parked, past
from app.ops.blueprint import blp as operations

__all__ = ["bus", "operations", "parked", "past"]  # each adds its routes to the blueprint
