"""The commands `flask payments …`."""

import sys
from datetime import UTC, datetime, timedelta

import click

from app.cli.shell import AS_JSON, print_items, who
from app.kernel import clock
from app.kernel.errors import Unavailable
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.reconcile.look_again import look_again
from app.modules.payments.use_cases.reconcile.reconcile import Drift
from app.modules.payments.use_cases.reconcile.reconcile import reconcile as compare_with_stripe
from app.web.commands import Commands

IN_PROGRESS = timedelta(minutes=10)  # younger payments may still be in progress
ADVICE = "Check STRIPE_API_KEY and STRIPE_API_BASE; without a key, the shop's sandbox is used: set the shop's PORT."
MONTH = timedelta(days=30)


def commands(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], gateway: Gateway) -> Commands:
    payments = Commands("payments", help="Compare payments with Stripe.")

    @payments.command("reconcile")
    @click.option(
        "--since",
        type=click.DateTime(),
        help="Compare payments opened, refunded or disputed since this time, in UTC.  [default: 30 days ago]",
    )
    @click.option("--fix", is_flag=True, help="Read each payment that differs from Stripe again, and correct it.")
    @AS_JSON
    def reconcile(since: datetime | None, fix: bool, as_json: bool) -> None:
        """Compare payments with Stripe and list differences. Exits with 1 if there are any, unless --fix is given."""
        now = clock.now()
        begin = since.replace(tzinfo=UTC) if since else now - MONTH
        with reading() as uow:
            total = uow.payments.count_since(begin)
        drifted, compared = [], 0
        try:
            with click.progressbar(length=total, label="Comparing with Stripe", file=sys.stderr) as bar:
                for drift in compare_with_stripe(reading, gateway, begin, now - IN_PROGRESS):
                    bar.update(1)
                    compared += 1
                    if drift:
                        drifted.append(drift)
        except Unavailable as error:
            raise click.ClickException(f"{error.sentence}. {ADVICE}") from error
        for drift in drifted:
            if not as_json:
                click.echo(f"order {drift.payment.order_id}: {drift.sentence}")
            if fix:
                with transaction() as uow:
                    look_again(uow, drift.payment.id, who(), f"reconcile: {drift.sentence}")
        if as_json:
            print_items([_drift_json(each) for each in drifted])
        else:
            click.echo(_summary(compared, len(drifted), fix))
        if drifted and not fix:
            raise SystemExit(1)

    return payments


def _drift_json(drift: Drift) -> dict[str, str]:
    return {"order_id": str(drift.payment.order_id), "payment_id": str(drift.payment.id), "sentence": drift.sentence}


def _summary(compared: int, drifted: int, fixed: bool) -> str:
    next_step = " Each will be read from Stripe again." if fixed and drifted else ""
    return f"{compared} payments compared, {drifted} drifted.{next_step}"
