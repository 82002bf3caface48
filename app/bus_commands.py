"""`flask bus …`: see what is under way, and mend what is parked."""

import getpass
import re
import signal
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Connection

from app import wake_up
from app.background import DRAIN, Background
from app.background import prune as prune_module
from app.bus import kafka_admin, outbox, parking
from app.bus.contracts import PUBLISHERS
from app.config import Settings
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.kernel.errors import NotFound
from app.metrics_port import open_metrics_port
from app.pools import watch_pools
from app.server import dies_with
from app.web.commands import Commands
from app.wiring import Module

ENDING = {signal.SIGTERM, signal.SIGINT}
bus = Commands("bus", help="Events: what waits, what is parked, what can be forgotten.")
parked = AppGroup("parked", help="Events that could not be handled, each with the later ones of its key.")
bus.add_command(parked)

ROW = "{:<22} {:<36} {:<32} {}"


@bus.command("status")
def status() -> None:
    """Per module: events still to be sent, the age of the oldest, events parked."""
    click.echo(f"{'module':<10} {'to send':>8} {'oldest, s':>10} {'parked':>7}")
    for module, connection in _databases():
        waiting, oldest = outbox.backlog(connection)
        age = f"{(clock.now() - oldest).total_seconds():.1f}" if oldest else "-"
        click.echo(f"{module.name:<10} {waiting:>8} {age:>10} {parking.depth(connection):>7}")
    background = current_app.extensions["quartet_background"]
    if not background.transport.carries():
        click.echo("No transport: this entry point keeps its events until the other modules can hear it.")


@bus.command("topics")
def topics() -> None:
    """Make the topics in Kafka that are missing, and set how long they keep events. Run it at each deploy."""
    settings = _with_kafka()
    try:
        for topic, what in kafka_admin.make_topics(settings, PUBLISHERS).items():
            click.echo(f"{topic + ':':<12} {what}.")
    except kafka_admin.CannotDo as why:
        raise click.ClickException(str(why)) from None


@bus.command("rewind")
@click.option("--to", required=True, type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%SZ"]), help="UTC.")
def rewind(to: datetime) -> None:
    """Have the modules here meet again what was said since a moment: their databases were restored from a backup.

    Take the moment of the backup, or one before it: what a database remembers having handled, it does not do again.
    Stop what listens as these modules first.
    """
    settings = _with_kafka()
    for module in _modules():
        try:
            again = kafka_admin.rewind(settings, module.name, module.consumer().topics, to.replace(tzinfo=UTC))
        except kafka_admin.CannotDo as why:
            raise click.ClickException(str(why)) from None
        click.echo(f"{module.name}: " + ", ".join(f"{count} of {topic}" for topic, count in again.items()) + ".")


@bus.command("work")
@click.option("--die-with-parent", type=int, hidden=True, help="Process that this one lives and dies with.")
@click.option("--wake-from", type=int, hidden=True, help="Descriptor that tells what the parent's workers committed.")
def work(die_with_parent: int | None, wake_from: int | None) -> None:
    """Carry events and do what is due, until Ctrl-C: for a process beside those that answer requests.

    `flask serve` starts one by itself. More of them share the work.
    """
    _with_kafka()
    if die_with_parent and not dies_with(die_with_parent):
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # and in every thread: nothing is interrupted in the middle
    background: Background = current_app.extensions["quartet_background"]
    background.start()
    watch_pools((module.name, module.database) for module in background.modules)
    open_metrics_port(_with_kafka(), background.modules)
    if wake_from is not None:
        source = socket.socket(fileno=wake_from)
        threading.Thread(target=wake_up.hear, args=(background.modules, source), daemon=True).start()
    click.echo(f"Carrying the events of {', '.join(module.name for module in background.modules)}. Ctrl-C stops it.")
    signal.sigwait(ENDING)
    background.stop(DRAIN)


@bus.command("prune")
def prune() -> None:
    """Delete what is past its time; it also happens by itself, hourly.

    Published events are kept for 7 days, inbox rows for 30, idempotency keys for 3, ended sign-ins for one.
    """
    for module in _modules():
        deleted = ", ".join(f"{count} {what}" for what, count in prune_module(module.database).items())
        click.echo(f"{module.name}: {deleted} deleted.")


@parked.command("list")
def list_parked() -> None:
    """What is parked, oldest first, and when it is tried again."""
    found = False
    for module, connection in _databases():
        for row in parking.waiting(connection):
            if not found:
                click.echo(ROW.format("id", "event", "key", "error"))
            found = True
            when = f"next try {rfc3339(row.next_try_at)}" if row.next_try_at else "waits for you"
            click.echo(ROW.format(f"{module.name}/{row.id}", row.type, row.key, f"{row.error} ({when})"))
    if not found:
        click.echo("Nothing is parked.")


@parked.command("show")
@click.argument("which")
def show(which: str) -> None:
    """One parked event, whole. WHICH is an id from `list`, such as orders/3."""
    module, id = _which(which)
    with module.database.read() as connection:
        row = parking.get(connection, id)
    for name in ("type", "topic", "partition", "offset", "key", "event_id", "parked_at", "error", "headers"):
        click.echo(f"{name + ':':<11} {getattr(row, name)}")
    click.echo(f"{'body:':<11} {row.body!r}")


@parked.command("retry")
@click.argument("which")
def retry(which: str) -> None:
    """Try the queue of this event's key again. WHICH is an id from `list`, such as orders/3."""
    module, id = _which(which)
    with module.database.begin() as connection:
        parking.retry(connection, id)
    click.echo(f"{which} and what waits behind it will be tried within a second or two.")


@parked.command("discard")
@click.argument("which")
@click.option("--reason", required=True, help="Why it may be lost; kept with your name.")
def discard(which: str, reason: str) -> None:
    """Give up on one event for good. WHICH is an id from `list`, such as orders/3."""
    module, id = _which(which)
    with module.database.begin() as connection:
        parking.discard(connection, id, getpass.getuser(), reason)
    click.echo(f"{which} is discarded; what waits behind it goes on.")


def _which(which: str) -> tuple[Module, int]:
    name, _, id = which.partition("/")
    modules = {module.name: module for module in _modules()}
    if name not in modules or not re.fullmatch("[0-9]{1,18}", id):
        raise click.BadParameter(f"{which!r} is not an id from `flask bus parked list`, such as orders/3")
    module = modules[name]
    try:
        with module.database.read() as connection:
            parking.get(connection, int(id))
    except NotFound as error:
        raise click.ClickException(f"{name}: {error.sentence}") from None
    return module, int(id)


def _with_kafka() -> Settings:
    settings: Settings = current_app.extensions["quartet_settings"]
    if not settings.kafka_servers:
        raise click.ClickException(
            "There is no Kafka: set KAFKA_BOOTSTRAP_SERVERS. Without it `flask serve` carries the events itself."
        )
    return settings


def _databases() -> Iterator[tuple[Module, Connection]]:
    for module in _modules():
        with module.database.read() as connection:
            yield module, connection


def _modules() -> list[Module]:
    return list(current_app.extensions["quartet_modules"].values())
