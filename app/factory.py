"""Builds the application from the modules it is given; it imports none itself."""

from collections.abc import Callable, Sequence
from functools import partial

from flask import Flask
from flask.typing import ResponseReturnValue

from app.bus.consumer import Consumer
from app.bus.contracts import PUBLISHERS
from app.bus.status import bus_status, trouble
from app.bus.transport.base import Transport
from app.bus.transport.kafka import Kafka
from app.bus.transport.local import Local
from app.cli.commands import add_commands
from app.config.reading import SettingsError
from app.config.settings import Settings
from app.kernel import clock, crash
from app.kernel.errors import Stale
from app.ops.audits import measure_audits
from app.ops.routes import operations_blueprint
from app.runtime.background import Background
from app.runtime.migrate import missing_migrations, newer_than_code
from app.telemetry.install import install as install_telemetry
from app.web import (
    asyncapi,
    auth,
    bodies,
    cors,
    headers,
    health,
    limits,
    logs,
    metrics,
    openapi,
    paths,
    problems,
    queries,
    request_context,
    routes,
)
from app.web.root_keys import knows_a_key
from app.wiring import Module

REPEATS = 3


class Quartet(Flask):
    """Flask, and a request that lost a race for a row is run again before the client hears of it."""

    def dispatch_request(self) -> ResponseReturnValue:
        """What Stale rolled back left nothing behind, so the whole view is repeated."""
        for _ in range(REPEATS - 1):
            try:
                return super().dispatch_request()
            except Stale:
                continue
        return super().dispatch_request()


def create_app(*modules: Callable[[Settings], Module], settings: Settings) -> Flask:
    """One application that hosts these modules, all of them or one."""
    crash.arm(settings.crash_at)
    try:
        hosted = [module(settings) for module in modules]
    except OSError as error:
        raise SettingsError(f"No folder for the data: {error}. Set QUARTET_DATA to one that can be written.") from None
    for name, meant in settings.misspelt(each.settings for each in hosted).items() if settings.production else ():
        raise SettingsError(f"{name} is set, and is no setting: rename it to {meant}, or unset it.")
    install_telemetry(settings, _service(hosted))
    app = Quartet("quartet", static_folder=None)
    app.debug = settings.debug
    app.extensions["quartet_settings"] = settings
    app.extensions["quartet_modules"] = {module.name: module for module in hosted}
    background = Background(hosted, partial(_transport, settings, hosted), [measure_audits])
    app.extensions["quartet_background"] = background
    operations = {module.name: operations_blueprint(module, background) for module in hosted}
    app.extensions["quartet_module_of"] = {
        blp.name: module
        for module in hosted
        for blp in (*module.blueprints, *module.root_blueprints, operations[module.name])
    }

    paths.install(app, settings)
    logs.install(app, settings)
    request_context.install(app, settings)
    problems.install(app, settings)
    routes.install(app)
    auth.install(app, settings)
    limits.install(app, settings, (module.limits for module in hosted))
    queries.install(app, settings)
    bodies.install(app, settings)
    metrics.install(app, settings)
    headers.install(app, settings)
    cors.install(app, settings)
    api = openapi.install(app, settings)
    asyncapi.install(app, settings, {module.name: module.all_subscriptions for module in hosted})
    for module in hosted:
        for blueprint in module.blueprints:
            api.register_blueprint(blueprint, url_prefix=f"/api/v1{blueprint.url_prefix}")
        for blueprint in module.root_blueprints:
            api.register_blueprint(blueprint)
        of_operators = operations[module.name]
        api.register_blueprint(of_operators, url_prefix=f"/api/v1{of_operators.url_prefix}")
    health.install(app, _checks(hosted), _degraded(app, hosted))
    add_commands(app)
    return app


def _transport(settings: Settings, hosted: Sequence[Module], consumers: Sequence[Consumer]) -> Transport:
    """Kafka where it is set; else this process alone, which is enough where all modules are in it."""
    if settings.kafka_servers:
        return Kafka(consumers, settings)
    outboxes = {module.name: module.database for module in hosted}
    return Local(consumers, outboxes, complete=outboxes.keys() == set(PUBLISHERS))


def _service(modules: Sequence[Module]) -> str:
    """Who we are among those whose spans a receiver gets."""
    names = [module.name for module in modules]
    return "quartet-whole" if set(names) == set(PUBLISHERS) else f"quartet-{'-'.join(names)}"


def _checks(modules: list[Module]) -> dict[str, Callable[[], str | None]]:
    """What each module cannot serve without: its database, up to date, and a key to verify tokens with."""
    checks: dict[str, Callable[[], str | None]] = {}
    for module in modules:
        checks[f"{module.name}: database"] = partial(missing_migrations, module)
        checks[f"{module.name}: signing key"] = partial(_without_key, module)
    return checks


def _without_key(module: Module) -> str | None:
    return None if knows_a_key(module.database, module.root_keys) else "has heard no signing key from users yet"


def _degraded(app: Flask, modules: list[Module]) -> dict[str, Callable[[], str | None]]:
    """What a module serves without, for a while."""
    background: Background = app.extensions["quartet_background"]
    checks: dict[str, Callable[[], str | None]] = {"bus": background.transport.trouble}
    if app.extensions["quartet_settings"].redis_url:
        checks["limits"] = app.extensions["quartet_counts"].trouble
    for module in modules:
        checks[f"{module.name}: migrations"] = partial(newer_than_code, module)
        if background.transport.carries():
            checks[f"{module.name}: events"] = partial(_bus_trouble, module)
        checks.update(module.degraded)
    return checks


def _bus_trouble(module: Module) -> str | None:
    now = clock.now()
    with module.database.read() as connection:
        return trouble(bus_status(connection, now), now)
