"""All routes for operators. Each module has its own under its name, so that a path belongs to one module."""

from app.ops.bus import Audits, Bus, Operations
from app.ops.history import OneReplay, Replay, Republish
from app.ops.parked import Causes, Discard, OneParked, Parked, Retry, RetryMany
from app.runtime.background import Background
from app.web.blueprint import Blueprint
from app.wiring import Module


def operations_blueprint(module: Module, background: Background) -> Blueprint:
    database, consumer, transport = module.database, background.consumer_of(module.name), background.transport
    description = "For staff: the state of a module's events, why some are parked, and how to repair that"
    blp = Blueprint(f"ops_{module.name}", f"/ops/{module.name}", description)
    blp.add("/bus", Bus, database, consumer, transport)
    blp.add("/operations", Operations, database)
    blp.add("/audits", Audits, database)
    blp.add("/parked", Parked, database)
    blp.add("/parked/causes", Causes, database)
    blp.add("/parked/retry", RetryMany, database)
    blp.add("/parked/<parked_id>", OneParked, database, consumer)
    blp.add("/parked/<parked_id>/retry", Retry, database)
    blp.add("/parked/<parked_id>/discard", Discard, database)
    blp.add("/replay", Replay, database, consumer, transport)
    blp.add("/replays/<uuid:replay_id>", OneReplay, database)
    blp.add("/republish", Republish, database, module.name)
    return blp
