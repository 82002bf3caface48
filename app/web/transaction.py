"""How a controller reaches its module: by the module's name, in the application that serves it."""

from typing import Any

from flask import current_app
from werkzeug.local import LocalProxy

from app.kernel.transaction import Transaction


def transaction_of(module: str) -> Transaction[Any]:
    """Opens a transaction that writes."""
    return lambda: current_app.extensions["quartet_modules"][module].transaction()


def reading_of(module: str) -> Transaction[Any]:
    """Opens the same work for reading only, each statement by itself."""
    return lambda: current_app.extensions["quartet_modules"][module].reading()


def adapter_of(module: str, name: str) -> Any:
    """What module.py put behind one of the module's ports."""
    return LocalProxy(lambda: current_app.extensions["quartet_modules"][module].adapters[name])
