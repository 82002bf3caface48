"""`flask orders …`"""

import click

from app.kernel import clock
from app.kernel.clock import rfc3339
from app.kernel.transaction import Transaction
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.list_stuck import list_stuck
from app.web.commands import Commands

ROW = "{:<36}  {:<16}  {:<27}  {}"


def commands(reading: Transaction[Work]) -> Commands:
    """The commands of orders."""
    orders = Commands("orders", help="Orders: which of them do not move, and why.")

    @orders.command("stuck")
    def stuck() -> None:
        """Orders past their deadline, and those of whom an event is parked or was given up on."""
        with reading() as work:
            found = list_stuck(work, clock.now())
        if not found:
            click.echo("No order is stuck.")
            return
        click.echo(ROW.format("order", "status", "since", "waits for"))
        for each in found:
            click.echo(ROW.format(each.order_id, each.status, rfc3339(each.since), each.waits_for))

    return orders
