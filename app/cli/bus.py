"""`flask bus …`: see what is under way, and mend what is parked."""

import re
import signal
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import click
from flask import current_app
from sqlalchemy import Connection

from app.bus import outbox, parking
from app.bus.contracts import PUBLISHERS
from app.bus.transport import kafka_acls, kafka_admin
from app.cli import history as history_commands
from app.cli.parked import parked
from app.cli.shell import AS_JSON, print_items, who
from app.config.settings import Settings
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.ops import operations
from app.runtime import wake_up
from app.runtime.background import DRAIN, Background
from app.runtime.background import prune as prune_module
from app.runtime.metrics_port import open_metrics_port
from app.runtime.pool_metrics import watch_pools
from app.web.commands import Commands
from app.wiring import Module

ENDING = {signal.SIGTERM, signal.SIGINT}
STATUS = "module", "to_send", "oldest_seconds", "parked"
bus = Commands("bus", help="Events: what waits, what is parked and how to mend it, the past once more.")
bus.add_command(parked)
history_commands.add_to(bus)


@bus.command("status")
@AS_JSON
def status(as_json: bool) -> None:
    """List the modules: events still to be sent, the age of the oldest, events parked."""
    found = [
        (module.name, *outbox.backlog(connection), parking.depth(connection)) for module, connection in _databases()
    ]
    rows = [(name, waiting, oldest and _age(oldest), depth) for name, waiting, oldest, depth in found]
    carries = current_app.extensions["quartet_background"].transport.carries()
    if as_json:
        print_items([dict(zip(STATUS, row, strict=True)) | {"carried": carries} for row in rows])
        return
    click.echo(f"{'module':<10} {'to send':>8} {'oldest, s':>10} {'parked':>7}")
    for name, waiting, age, depth in rows:
        click.echo(f"{name:<10} {waiting:>8} {'-' if age is None else age:>10} {depth:>7}")
    if not carries:
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


@bus.command("acls")
@click.option("--account", help="One for all modules here; unset: each has its own, of its name.")
@click.option("--apply", is_flag=True, help="Have the broker grant it; KAFKA_OPTIONS must be an administrator's.")
def acls(account: str | None, apply: bool) -> None:
    """Print the commands that grant the modules here what they need on the broker: to write their own topics, and to
    read those they subscribe to. A broker that refuses all else keeps one module from speaking as another.
    """
    settings, granted = _with_kafka(), []
    if account and not re.fullmatch("[A-Za-z0-9._-]{1,100}", account):
        raise click.BadParameter("give letters, digits, dots, dashes and underscores", param_hint="--account")
    for module in _modules():
        granted += kafka_acls.grants(settings, module.name, module.consumer().topics, account)
    if not apply:
        click.echo("\n".join(kafka_acls.command_lines(settings, granted)))
        return
    try:
        kafka_acls.apply(settings, granted)
    except kafka_admin.CannotDo as why:
        raise click.ClickException(str(why)) from None
    click.echo(f"Granted to {', '.join(sorted({each.account for each in granted}))}.")


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
        with module.database.begin() as connection:
            operations.record(connection, who(), "rewind", rfc3339(to.replace(tzinfo=UTC)), "from the command line")
        click.echo(f"{module.name}: " + ", ".join(f"{count} of {topic}" for topic, count in again.items()) + ".")


@bus.command("work")
@click.option("--wake-from", type=int, hidden=True, help="Descriptor that tells what the parent's workers committed.")
def work(wake_from: int | None) -> None:
    """Carry events and do what is due, until Ctrl-C: for a process beside those that answer requests.

    `flask serve` starts one by itself. More of them share the work.
    """
    _with_kafka()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # and in every thread: nothing is interrupted in the middle
    background: Background = current_app.extensions["quartet_background"]
    background.start()
    watch_pools((module.name, module.database) for module in background.modules)
    open_metrics_port(_with_kafka(), background.modules)
    if wake_from is not None:
        source = socket.socket(fileno=wake_from)
        threading.Thread(target=wake_up.receive, args=(background.modules, source), daemon=True).start()
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


def _age(moment: datetime) -> float:
    """In seconds."""
    return round((clock.now() - moment).total_seconds(), 1)


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
