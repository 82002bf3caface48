"""One set of routes, registered for each module under /api/v1/ops/<module>: in the split each path has one owner."""

from flask import current_app, request
from flask_smorest import Blueprint

from app.bus.consumer import Consumer
from app.bus.transport.base import Transport
from app.kernel.errors import Unavailable
from app.runtime.background import Background
from app.web.auth import identity
from app.wiring import Module

blp = Blueprint("ops", __name__, description="For staff: what is stuck in a module, why, and what mends it")


def module_asked() -> Module:
    """The module that the path names."""
    found: Module = current_app.extensions["quartet_module_of"][request.blueprint]
    return found


def consumer_of(module: Module) -> Consumer:
    """What handles the events that a module of this entry point hears."""
    background: Background = current_app.extensions["quartet_background"]
    [consumer] = [each for each in background.consumers if each.name == module.name]
    return consumer


def transport() -> Transport:
    """What carries the events of this process."""
    background: Background = current_app.extensions["quartet_background"]
    return background.transport


def transport_that_carries() -> Transport:
    """The same, for whoever needs others' events. Raises Unavailable."""
    found = transport()
    if not found.carries():
        raise Unavailable(
            "no_transport", "this process has neither Kafka nor the other modules: set KAFKA_BOOTSTRAP_SERVERS"
        )
    return found


def caller() -> str:
    """Who asks, for the trail."""
    return f"user:{identity().user_id}"
