"""`flask orders …`"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

import click
import msgspec

from app.cli.shell import AS_JSON, print_items, who
from app.kernel.clock import rfc3339
from app.kernel.money import Money
from app.kernel.transaction import Transaction
from app.modules.orders.domain.orders.order import Order, RefundState
from app.modules.orders.domain.orders.timeline import TimelineEntry
from app.modules.orders.domain.policies.capture import Capture
from app.modules.orders.domain.promotions.promotion import MAX_COUPONS
from app.modules.orders.domain.shipping.shipment import Shipment
from app.modules.orders.ports import UnhandledEvent, UnitOfWork
from app.modules.orders.use_cases.orders.cancel_by_hand import cancel_by_hand
from app.modules.orders.use_cases.orders.list_stuck import Stuck, list_stuck
from app.modules.orders.use_cases.orders.nudge_order import nudge_order
from app.modules.orders.use_cases.orders.see_order import get_timeline
from app.modules.orders.use_cases.orders.write_off_refund import write_off
from app.modules.orders.use_cases.promotions.edit_promotion import add_coupons
from app.web.commands import Commands

ROW = "{:<36}  {:<16}  {:<27}  {}"
MAX_LENGTH = 500  # characters of a reason
BATCH = 5000  # codes per transaction
MAX_USES = 10**9  # as in the API: it is stored in 32 bits


def _reason(_context: click.Context, _option: click.Parameter, given: str) -> str:
    if not 1 <= len(given.strip()) <= MAX_LENGTH:
        raise click.BadParameter(f"give a reason of 1 to {MAX_LENGTH} characters")
    return given.strip()


reason_option = click.option("--reason", required=True, callback=_reason, help="Why; recorded with your name.")
order_argument = click.argument("order_id", metavar="ID", type=click.UUID)


def commands(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Commands:
    orders = Commands("orders", help="Orders: list the stuck ones and why, show one, and nudge, cancel or write off.")

    @orders.command("stuck")
    @AS_JSON
    def stuck(as_json: bool) -> None:
        """List the stuck orders: those past their deadline, those with a failed refund, and those with an event that is
        parked or was discarded. Exits with status 1 if there are any.
        """
        with reading() as uow:
            stuck_orders = list_stuck(uow)
        if as_json:
            print_items([asdict(each) | {"since": rfc3339(each.since)} for each in stuck_orders])
        else:
            click.echo("\n".join(_table(stuck_orders)) or "No order is stuck.")
        if stuck_orders:
            raise SystemExit(1)

    @orders.command("show")
    @order_argument
    def show(order_id: UUID) -> None:
        """Show one order in full, without personal data: its status, its lines and shipments, its timeline in all
        modules, and its unhandled events.
        """
        with reading() as uow:
            order = uow.orders.get(order_id)
            shipments = list(uow.shipments.of(order_id).values())
            lines = _details(order, shipments, get_timeline(uow, order), uow.unhandled.about(order_id))
        click.echo("\n".join(lines))

    @orders.command("nudge")
    @order_argument
    @reason_option
    def nudge(order_id: UUID, reason: str) -> None:
        """Make catalog and payments do whatever an order still waits for, and report its stock and payment again."""
        with transaction() as uow:
            order = nudge_order(uow, order_id, who(), reason)
        click.echo(f"Order {order.id} is {order.status}; it was nudged. See `flask orders show {order.id}`.")

    @orders.command("cancel")
    @order_argument
    @reason_option
    def cancel(order_id: UUID, reason: str) -> None:
        """Cancel an order. A paid order is refunded."""
        with transaction() as uow:
            order = cancel_by_hand(uow, order_id, who(), reason)
        click.echo(f"Order {order.id} is {order.status} ({order.reason}).")

    @orders.command("write-off")
    @order_argument
    @reason_option
    def write_refund_off(order_id: UUID, reason: str) -> None:
        """Write off a failed refund that the customer received in another way. The order is then no longer stuck."""
        with transaction() as uow:
            order = write_off(uow, order_id, who(), reason)
        click.echo(
            f"Order {order.id} is {order.status}, its refund {order.refund}{', written off' * order.written_off}."
        )

    @orders.command("documents")
    @click.option("--since", type=click.DateTime(), required=True, help="Issued at this time or later, in UTC.")
    @click.option("--until", type=click.DateTime(), required=True, help="Issued before this time, in UTC.")
    def documents(since: datetime, until: datetime) -> None:
        """Print the invoices and credit notes that were issued in a period, each as one line of JSON."""
        last = None
        while True:
            with reading() as uow:
                found = uow.documents.issued(since.replace(tzinfo=UTC), until.replace(tzinfo=UTC), last, 500)
            for each in found:
                click.echo(msgspec.json.encode(each).decode())
                last = each.place
            if len(found) < 500:
                return

    @orders.command("coupons")
    @click.argument("promotion", metavar="PROMOTION")
    @click.option("--count", required=True, type=click.IntRange(1, MAX_COUPONS), help="How many codes to make.")
    @click.option(
        "--use-limit", type=click.IntRange(1, MAX_USES), help="How many orders may use each (default: any number)."
    )
    @reason_option
    def make_coupons(promotion: str, count: int, use_limit: int | None, reason: str) -> None:
        """Make codes of a promotion, and print them, one a line. They are made in parts: those that are printed exist,
        whatever happens later.
        """
        with click.progressbar(length=count, label="Making codes", file=sys.stderr) as bar:
            while bar.pos < count:
                with transaction() as uow:
                    part = min(BATCH, count - bar.pos)
                    codes = add_coupons(uow, promotion, part, use_limit, who(), reason)
                click.echo("\n".join(codes))
                bar.update(part)

    return orders


def _table(stuck_orders: Sequence[Stuck]) -> Iterator[str]:
    if stuck_orders:
        yield ROW.format("order", "status", "since", "waits for, and what can be done")
    for each in stuck_orders:
        yield ROW.format(each.order_id, each.status, rfc3339(each.since), f"{each.waits_for}. {each.advice}")


def _details(
    order: Order,
    shipments: Sequence[Shipment],
    timeline: Sequence[TimelineEntry],
    unhandled: Sequence[UnhandledEvent],
) -> Iterator[str]:
    because = f" ({order.reason})" if order.reason else ""
    yield f"order      {order.id}"
    yield f"customer   {order.customer_id}"
    yield f"status     {order.status}{because}, version {order.version}"
    yield f"placed     {rfc3339(order.placed_at)}"
    yield f"deadline   {rfc3339(order.deadline) if order.deadline else 'none'}"
    yield f"total      {order.totals.total}"
    if order.refund is not RefundState.NONE:
        off = ", written off" * order.written_off
        yield f"refunded   {Money(order.refunded, order.currency)} ({order.refund}{off})"
    if order.disputed:
        yield f"disputed   {Money(order.disputed, order.currency)}"
    if order.capture is not Capture.NOW:
        until = f", on hold until {rfc3339(order.capture_before)}" if order.is_on_hold and order.capture_before else ""
        yield f"capture    {order.capture}{until}"
    if order.ship_to:
        yield f"ship to    {order.ship_to}"
    if order.shipping_method:
        yield f"shipping   {order.shipping_name} ({order.shipping_method}), {order.totals.shipping}"
    for line in order.lines:
        yield f"line       {line.quantity} × {line.sku} at {line.unit_price}"
    for shipment in shipments:
        units = ", ".join(f"{quantity} {sku}" for sku, quantity in shipment.lines.items())
        by = f", {shipment.tracking.carrier} {shipment.tracking.number}" if shipment.tracking else ""
        yield f"shipment   {shipment.id} {shipment.status}: {units}{by}"
    for record in timeline:
        detail = msgspec.json.encode(record.detail).decode() if record.detail else ""
        yield f"{rfc3339(record.at):<27}  {record.module:<8}  {record.what}  {detail}".rstrip()
    for each in unhandled:
        yield f"unhandled  {each.sentence}. {each.advice}"
