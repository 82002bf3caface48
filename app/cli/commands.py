"""The flask commands that every entry point has."""

import atexit
import gc
import logging
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
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
from app.runtime.child_processes import die_with
from app.runtime.memory import share_with_forks
from app.runtime.migrate import upgrade as upgrade_all
from app.runtime.server import CannotServe, Serving
from app.runtime.server import serve as serve_until_stopped
from app.web.commands import Commands, in_a_sentence
from app.wiring import Module

log = logging.getLogger(__name__)
atexit.register(gc.freeze)  # or Python's end looks for garbage in all of memory, a third of the time of a short command
demo = Commands("demo", help="Demo data for an empty shop.")


@demo.command("load")
def load() -> None:
    """Load the demo catalogue and accounts. Running it again adds nothing twice."""
    _load_demo(current_app._get_current_object())  # type: ignore[attr-defined]
    notes = [note for module in _modules() for note in module.demo_notes]
    click.echo("\n".join(notes) or "The modules that this entry point hosts have no demo data.")


@click.command("serve")
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo catalogue and accounts first.")
@click.pass_context
def serve(context: click.Context, with_demo: bool) -> None:
    """Migrate the databases, then answer requests and run the bus until Ctrl-C.

    With Kafka: WORKERS processes answer requests, and another one runs the bus. Without Kafka: one process does both.

    If it hosts payments and STRIPE_API_KEY is not set, our Stripe sandbox runs beside it, on SANDBOX_PORT.
    """
    settings: Settings = current_app.extensions["quartet_settings"]
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    for name, meant in settings.misspelt(module.settings for module in _modules_of(app)).items():
        log.warning("%s is set, but it is not a setting: %s is. Production would not start.", name, meant)
    app.extensions["quartet_demo"] = with_demo
    entry_point = context.ensure_object(ScriptInfo).app_import_path or "wsgi"

    def prepare() -> None:
        _fill_databases(app, with_demo)
        share_with_forks()

    target = entry_point if ":" in entry_point else f"{entry_point.removesuffix('.py')}:app"
    bus_run = [sys.executable, "-Pm", "app.cli.program", "--app", target, "bus", "run"]
    with_kafka = bool(settings.kafka_servers)
    serving = Serving(
        app=app,
        target=target,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        workers=settings.workers if with_kafka else 1,
        bus=bus_run if with_kafka else None,
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


def _fill_databases(app: Flask, with_demo: bool) -> None:
    """Migrate, and load the demo data, in a process of its own: what they import and leave behind is 20 MB, which the
    processes of the shop would keep.
    """
    parent, (result, report) = os.getpid(), multiprocessing.Pipe(duplex=False)

    def fill() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        die_with(parent)
        try:
            with in_a_sentence():
                upgrade_all(_modules_of(app))
                if with_demo:
                    _load_demo(app)
        except click.ClickException as error:
            report.send(error.message)
            raise SystemExit(1) from None

    for module in _modules_of(app):
        module.database.close()  # open connections must not be shared with forked processes
    process = multiprocessing.get_context("fork").Process(target=fill)
    process.start()
    report.close()
    with suppress(EOFError):
        raise click.ClickException(result.recv())
    process.join()
    if process.exitcode:
        raise click.ClickException(f"The process that migrates the databases ended with {process.exitcode}.")


def add_commands(app: Flask) -> None:
    """Add the shared commands to this application, and those of the modules that it hosts."""
    for command in (serve, db, demo, bus, doctor, audit, *_for_development()):
        app.cli.add_command(command)
    for module in _modules_of(app):
        for command in module.commands:
            app.cli.add_command(command)


def _for_development() -> list[click.Command]:
    """`flask docs`, where it exists: the images do not contain it."""
    if find_spec("app.cli.docs") is None:
        return []
    from app.cli.docs.command import docs

    return [docs]


def _load_demo(app: Flask) -> None:
    if app.extensions["quartet_settings"].production:
        raise click.ClickException(
            "The demo data has invented products and a published password: it cannot be loaded in production."
        )
    for module in _modules_of(app):
        if module.demo:
            module.demo()


def _modules() -> list[Module]:
    return list(current_app.extensions["quartet_modules"].values())


def _modules_of(app: Flask) -> list[Module]:
    return list(app.extensions["quartet_modules"].values())
