"""Builds the application from the modules that it is given. It imports no module itself."""

import gc
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
from app.desk import install as desk
from app.kernel import clock, crash
from app.kernel.errors import Stale
from app.ops.audits import measure_audits
from app.ops.desk.health import health_pages
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
    storefront,
)
from app.web.root_keys import knows_a_key
from app.wiring import Module

REPEATS = 3


class Quartet(Flask):
    """Flask, except that a request which lost a race for a row is run again instead of failing."""

    def ensure_sync(self, func: Callable[..., object]) -> Callable[..., object]:
        """Return the function: no view or hook is a coroutine, which Flask would look for at each of their calls."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view, up to REPEATS times while it raises Stale: its transaction was rolled back without effect."""
        for _ in range(REPEATS - 1):
            try:
                return super().dispatch_request()
            except Stale:
                continue
        return super().dispatch_request()


def create_app(*modules: Callable[[Settings], Module], settings: Settings) -> Flask:
    """Return an application that hosts these modules: all four, or one.

    Raises SettingsError where a setting is wrong, or where the data folder cannot be created.
    """
    crash.arm(settings.crash_at)
    try:
        hosted = [module(settings) for module in modules]
    except OSError as error:
        raise SettingsError(f"No data folder: {error}. Set QUARTET_DATA to a writable folder.") from None
    for name, meant in settings.misspelt(each.settings for each in hosted).items() if settings.production else ():
        raise SettingsError(f"{name} is set, but it is not a setting: rename it to {meant}, or unset it.")
    install_telemetry(settings, _service(hosted))
    app = Quartet("quartet", static_folder=None)
    app.debug = settings.debug
    app.extensions["quartet_settings"] = settings
    app.extensions["quartet_modules"] = {module.name: module for module in hosted}
    background = Background(hosted, partial(_transport, settings, hosted), [measure_audits])
    app.extensions["quartet_background"] = background
    operations = {module.name: operations_blueprint(module, background) for module in hosted}
    pages = {
        module.name: [*module.desk, health_pages(module, background)] if settings.has_desk else [] for module in hosted
    }
    app.extensions["quartet_module_of"] = {
        blp.name: module
        for module in hosted
        for blp in (*module.blueprints, *module.root_blueprints, operations[module.name], *pages[module.name])
    }

    paths.install(app, settings)
    logs.install(app, settings)
    request_context.install(app, settings)
    problems.install(app, settings)
    routes.install(app)
    if settings.has_desk:
        desk.install(app, settings)
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
        ops_blueprint = operations[module.name]
        api.register_blueprint(ops_blueprint, url_prefix=f"/api/v1{ops_blueprint.url_prefix}")
        desk.register(app, pages[module.name])
    health.install(app, _checks(hosted), _degraded(app, hosted))
    storefront.install(app, settings)
    add_commands(app)
    gc.enable()  # see app/__init__.py
    return app


def _transport(settings: Settings, hosted: Sequence[Module], consumers: Sequence[Consumer]) -> Transport:
    """Kafka if it is configured, else a bus within this process, which suffices if all modules are hosted here."""
    if settings.kafka_servers:
        return Kafka(consumers, settings)
    outboxes = {module.name: module.database for module in hosted}
    return Local(consumers, outboxes, complete=outboxes.keys() == set(PUBLISHERS))


def _service(modules: Sequence[Module]) -> str:
    """The service name of our spans at the receiver of traces."""
    names = [module.name for module in modules]
    return "quartet-whole" if set(names) == set(PUBLISHERS) else f"quartet-{'-'.join(names)}"


def _checks(modules: list[Module]) -> dict[str, Callable[[], str | None]]:
    """Checks that make a module not ready: its database must be migrated, and a key to verify tokens must be known."""
    checks: dict[str, Callable[[], str | None]] = {}
    for module in modules:
        checks[f"{module.name}: database"] = partial(missing_migrations, module)
        checks[f"{module.name}: signing key"] = partial(_without_key, module)
    return checks


def _without_key(module: Module) -> str | None:
    return None if knows_a_key(module.database, module.root_keys) else "has received no signing key from users yet"


def _degraded(app: Flask, modules: list[Module]) -> dict[str, Callable[[], str | None]]:
    """Checks whose failure leaves a module degraded but ready."""
    background: Background = app.extensions["quartet_background"]
    checks: dict[str, Callable[[], str | None]] = {"bus": background.transport.trouble}
    if app.extensions["quartet_settings"].redis_url:
        checks["limits"] = app.extensions["quartet_counts"].trouble
    for module in modules:
        checks[f"{module.name}: migrations"] = partial(newer_than_code, module)
        if background.transport.can_deliver():
            checks[f"{module.name}: events"] = partial(_bus_trouble, module)
        checks.update(module.degraded)
    return checks


def _bus_trouble(module: Module) -> str | None:
    now = clock.now()
    with module.database.read() as connection:
        return trouble(bus_status(connection, now), now)
