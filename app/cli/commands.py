"""The flask commands that every entry point has."""

import logging
import sys
from importlib.util import find_spec

import click
from flask import Flask, current_app
from flask.cli import ScriptInfo

from app.cli.audit import audit
from app.cli.banner import banner
from app.cli.bus import bus
from app.cli.db import db
from app.cli.doctor.command import doctor
from app.config.settings import Settings
from app.runtime.migrate import upgrade as upgrade_all
from app.runtime.server import CannotServe, Serving
from app.runtime.server import serve as serve_until_stopped
from app.web.commands import Commands
from app.wiring import Module

log = logging.getLogger(__name__)
demo = Commands("demo", help="Something to look at in an empty shop.")


@demo.command("load")
def load() -> None:
    """Fill a catalogue and make demo accounts; again: nothing is made twice."""
    _load_demo(current_app._get_current_object())  # type: ignore[attr-defined]
    notes = [record for module in _modules() for record in module.demo_notes]
    click.echo("\n".join(notes) or "There is no demo for what this entry point hosts.")


@click.command("serve")
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo catalogue and accounts first.")
@click.pass_context
def serve(context: click.Context, with_demo: bool) -> None:
    """Migrate, then answer requests and carry events until Ctrl-C.

    With Kafka: WORKERS processes that answer, and one that carries events. Without it: one process that does both.

    With payments and without STRIPE_API_KEY, our Stripe sandbox runs beside it, on SANDBOX_PORT.
    """
    settings: Settings = current_app.extensions["quartet_settings"]
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    for name, meant in settings.misspelt(module.settings for module in _modules_of(app)).items():
        log.warning("%s is set, and is no setting: %s is. Production would not start.", name, meant)
    entry_point = context.ensure_object(ScriptInfo).app_import_path or "wsgi"

    def prepare() -> None:
        upgrade_all(_modules_of(app))
        if with_demo:
            _load_demo(app)
        for module in _modules_of(app):
            module.database.close()  # nothing that is open may cross a fork

    target = entry_point if ":" in entry_point else f"{entry_point.removesuffix('.py')}:app"
    bus_work = [sys.executable, "-Pm", "app.cli.program", "--app", target, "bus", "work"]
    with_kafka = bool(settings.kafka_servers)
    serving = Serving(
        app=app,
        target=target,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        workers=settings.workers if with_kafka else 1,
        bus=bus_work if with_kafka else None,
        grace=settings.grace_seconds,
        lock_files=[settings.data / f"{module.name}.lock" for module in _modules_of(app) if module.database.is_sqlite],
        programs=[program for module in _modules_of(app) for program in module.programs],
        prepare=prepare,
        when_ready=lambda: click.echo(banner(app, serving.url, settings, with_demo)),
    )
    try:
        serve_until_stopped(serving)
    except CannotServe as why:
        raise click.ClickException(str(why)) from None


def add_commands(app: Flask) -> None:
    """Give this application the shared commands, and those of the modules it hosts."""
    for command in (serve, db, demo, bus, doctor, audit, *_for_development()):
        app.cli.add_command(command)
    for module in _modules_of(app):
        for command in module.commands:
            app.cli.add_command(command)


def _for_development() -> list[click.Command]:
    """What makes the pages of docs/ is in no image."""
    if find_spec("app.cli.docs") is None:
        return []
    from app.cli.docs.command import docs

    return [docs]


def _load_demo(app: Flask) -> None:
    if app.extensions["quartet_settings"].production:
        raise click.ClickException("The demo has made-up products and a published password: not for production.")
    for module in _modules_of(app):
        if module.demo:
            module.demo()


def _modules() -> list[Module]:
    return list(current_app.extensions["quartet_modules"].values())


def _modules_of(app: Flask) -> list[Module]:
    return list(app.extensions["quartet_modules"].values())
