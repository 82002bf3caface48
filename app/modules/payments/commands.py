"""`flask payments …`"""

import getpass
import sys
from datetime import UTC, datetime, timedelta

import click

from app.cli.shell import AS_JSON, print_items
from app.kernel import clock
from app.kernel.errors import Unavailable
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.reconcile.look_again import look_again
from app.modules.payments.use_cases.reconcile.reconcile import Drift
from app.modules.payments.use_cases.reconcile.reconcile import reconcile as comparing
from app.web.commands import Commands

UNDER_WAY = timedelta(minutes=10)
WHERE = (
    "STRIPE_API_KEY and STRIPE_API_BASE say where it is; without a key it is the running shop's sandbox, by its PORT."
)
MONTH = timedelta(days=30)


def commands(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], gateway: Gateway) -> Commands:
    """The commands of payments."""
    payments = Commands("payments", help="Payments: whether they are what Stripe says they are.")

    @payments.command("reconcile")
    @click.option("--since", type=click.DateTime(), help="Payments opened since then, in UTC.  [default: 30 days ago]")
    @click.option("--fix", is_flag=True, help="Have each drifted payment looked at anew, as if Stripe had told of it.")
    @AS_JSON
    def reconcile(since: datetime | None, fix: bool, as_json: bool) -> None:
        """Compare every payment with Stripe and list the drift; exits 1 where there is any."""
        now = clock.now()
        begin = since.replace(tzinfo=UTC) if since else now - MONTH
        with reading() as uow:
            total = uow.payments.count_since(begin)
        drifted = []
        try:
            with click.progressbar(length=total, label="Asking Stripe", file=sys.stderr) as bar:
                for drift in comparing(reading, gateway, begin, now - UNDER_WAY):
                    bar.update(1)
                    if drift:
                        drifted.append(drift)
        except Unavailable as error:
            raise click.ClickException(f"{error.sentence}. {WHERE}") from error
        for drift in drifted:
            if not as_json:
                click.echo(f"order {drift.payment.order_id}: {drift.sentence}")
            if fix:
                with transaction() as uow:
                    look_again(uow, drift.payment.id, f"shell:{getpass.getuser()}", f"reconcile: {drift.sentence}")
        if as_json:
            print_items([_drift_json(each) for each in drifted])
        else:
            click.echo(_summary(total, len(drifted), fix))
        if drifted and not fix:
            raise SystemExit(1)

    return payments


def _drift_json(drift: Drift) -> dict[str, str]:
    return {"order_id": str(drift.payment.order_id), "payment_id": str(drift.payment.id), "sentence": drift.sentence}


def _summary(compared: int, drifted: int, fixed: bool) -> str:
    return f"{compared} payments compared, {drifted} drifted." + " Each is looked at anew." * bool(fixed and drifted)
