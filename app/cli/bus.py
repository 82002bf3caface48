"""`flask bus …`: the state of the bus, its topics and their ACLs, and the process that runs it."""

import gc
import re
import signal
from collections.abc import Iterator
from datetime import datetime

import click
from flask import current_app
from sqlalchemy import Connection

from app.bus import outbox, parking
from app.bus.contracts import PUBLISHERS
from app.bus.transport import kafka_acls, kafka_admin
from app.bus.transport.kafka import Kafka
from app.cli import history as history_commands
from app.cli.parked import parked
from app.cli.shell import AS_JSON, TimeParam, print_items, who
from app.config.settings import Settings
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.ops import operations
from app.runtime import kafka_watch, wake_up
from app.runtime.background import DRAIN, Background
from app.runtime.background import prune as prune_module
from app.runtime.memory import keep_heap_small
from app.runtime.metrics_port import open_metrics_port
from app.runtime.pool_metrics import watch_pools
from app.telemetry.multiprocess import shared_folder
from app.web.commands import Commands
from app.wiring import Module

ENDING = {signal.SIGTERM, signal.SIGINT}
STATUS = "module", "to_send", "oldest_seconds", "parked"
bus = Commands("bus", help="Run the bus; see which events wait or are parked, retry them, and replay past ones.")
bus.add_command(parked)
history_commands.add_to(bus)


@bus.command("status")
@AS_JSON
def status(as_json: bool) -> None:
    """List the modules with the number of events to be sent, the age of the oldest, and the number of parked events."""
    found = [
        (module.name, *outbox.backlog(connection), parking.depth(connection)) for module, connection in _databases()
    ]
    rows = [(name, waiting, oldest and _age(oldest), depth) for name, waiting, oldest, depth in found]
    can_deliver = current_app.extensions["quartet_background"].transport.can_deliver()
    if as_json:
        print_items([dict(zip(STATUS, row, strict=True)) | {"can_deliver": can_deliver} for row in rows])
        return
    click.echo(f"{'module':<10} {'to send':>8} {'oldest, s':>10} {'parked':>7}")
    for name, waiting, age, depth in rows:
        click.echo(f"{name:<10} {waiting:>8} {'-' if age is None else age:>10} {depth:>7}")
    if not can_deliver:
        click.echo("No transport: events wait in the outbox until KAFKA_BOOTSTRAP_SERVERS is set.")


@bus.command("topics")
def topics() -> None:
    """Create missing topics in Kafka, and set the retention of all topics. Run it at each deployment."""
    settings = _with_kafka()
    try:
        for topic, what in kafka_admin.make_topics(settings, PUBLISHERS).items():
            click.echo(f"{topic + ':':<12} {what}.")
    except kafka_admin.CannotDo as why:
        raise click.ClickException(str(why)) from None


@bus.command("acls")
@click.option("--account", help="One account for all these modules.  [default: one account per module, of its name]")
@click.option("--apply", is_flag=True, help="Create the ACLs; KAFKA_OPTIONS must have an administrator's account.")
def acls(account: str | None, apply: bool) -> None:
    """Print the commands that create the ACLs of the modules of this entry point: each may write to its own topic, and
    read the topics that it subscribes to. With these ACLs, no module can publish events of another.
    """
    settings, granted = _with_kafka(), []
    if account and not re.fullmatch("[A-Za-z0-9._-]{1,100}", account):
        raise click.BadParameter("use only letters, digits, dots, dashes and underscores", param_hint="--account")
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
@click.option("--to", required=True, type=TimeParam(), help="A time with its zone, such as 2026-11-24T03:00:00Z.")
def rewind(to: datetime) -> None:
    """Make the modules of this entry point consume the events since a time again, after their databases were restored
    from a backup.

    Use the time of the backup, or an earlier one if a module was behind then: an event that is in a database's inbox
    has no second effect. What was not consumed yet is not skipped. First stop every process that consumes events for
    these modules.
    """
    settings = _with_kafka()
    for module in _modules():
        try:
            again = kafka_admin.rewind(settings, module.name, module.consumer().topics, to)
        except kafka_admin.CannotDo as why:
            raise click.ClickException(str(why)) from None
        with module.database.begin() as connection:
            operations.record(connection, who(), "rewind", rfc3339(to), "from the command line")
        click.echo(f"{module.name}: " + ", ".join(f"{count} of {topic}" for topic, count in again.items()) + ".")


@bus.command("run")
def run() -> None:
    """Run the bus until Ctrl-C, beside the processes that answer requests: send and consume events, run jobs and
    schedules.

    It requires Kafka. `flask serve` starts one such process itself. Several of them share the load.
    """
    _with_kafka()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # threads inherit it, so no signal interrupts them
    keep_heap_small()
    gc.freeze()  # what exists now stays: no collection looks at it
    background: Background = current_app.extensions["quartet_background"]
    background.start()
    if isinstance(background.transport, Kafka):
        kafka_watch.watch(background.transport.needs_new_clients)
    watch_pools((module.name, module.database) for module in background.modules)
    open_metrics_port(_with_kafka(), background.modules)
    wake_up.join(shared_folder(), wake_up.BUS, background.modules)
    names = ", ".join(module.name for module in background.modules)
    click.echo(f"Sending and consuming the events of {names}. Press Ctrl-C to stop.")
    signal.sigwait(ENDING)
    background.stop(DRAIN)


@bus.command("prune")
def prune() -> None:
    """Delete old rows. The running shop does this hourly.

    The retention of sent events is 7 days, of inbox rows 30, of idempotency keys 3, and of ended sessions 1.
    """
    for module in _modules():
        deleted = ", ".join(f"{count} {what}" for what, count in prune_module(module.database).items())
        click.echo(f"{module.name}: {deleted} deleted.")


def _age(time: datetime) -> float:
    return round((clock.now() - time).total_seconds(), 1)


def _with_kafka() -> Settings:
    settings: Settings = current_app.extensions["quartet_settings"]
    if not settings.kafka_servers:
        raise click.ClickException(
            "Kafka is not configured: set KAFKA_BOOTSTRAP_SERVERS. Without it, `flask serve` runs the bus itself."
        )
    return settings


def _databases() -> Iterator[tuple[Module, Connection]]:
    for module in _modules():
        with module.database.read() as connection:
            yield module, connection


def _modules() -> list[Module]:
    return list(current_app.extensions["quartet_modules"].values())
