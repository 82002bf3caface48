"""The composition of the payments module: the only file that imports all its other files."""

from functools import partial
from uuid import UUID

from app.config.settings import Settings
from app.kernel.database import Database
from app.modules.payments.commands import commands
from app.modules.payments.controllers.payments import payments_blueprint
from app.modules.payments.controllers.refunds import refunds_blueprint
from app.modules.payments.controllers.webhooks import webhooks_blueprint
from app.modules.payments.desk.pages import payments_pages
from app.modules.payments.infrastructure import tables
from app.modules.payments.infrastructure.audits import audits
from app.modules.payments.infrastructure.checkup import stripe_check
from app.modules.payments.infrastructure.metrics import MISSED, measure_disputes
from app.modules.payments.infrastructure.outcomes import outcomes_of
from app.modules.payments.infrastructure.sandbox import sandbox_program
from app.modules.payments.infrastructure.stripe.gateway import StripeGateway
from app.modules.payments.infrastructure.stripe.webhook_signature import StripeSignature
from app.modules.payments.infrastructure.unit_of_work import reading_on, transaction_on
from app.modules.payments.schedules import schedules
from app.modules.payments.settings import PaymentsSettings, payments_settings
from app.modules.payments.subscriptions import SUBSCRIPTIONS
from app.modules.payments.use_cases.payments.pursue_payment import look_at_payment, pursue_payment
from app.modules.payments.use_cases.refunds.make_refund import make_refund
from app.web.waiting import ChangeNotifier
from app.wiring import Module, Schedule


def payments(settings: Settings) -> Module:
    """Build the module from the settings."""
    own = payments_settings(settings)
    database = Database(settings.database_of("payments", own.database))
    transaction, reading = transaction_on(database), reading_on(database)
    gateway = StripeGateway(own)
    signature = StripeSignature(own.stripe_webhook_secrets, livemode=own.stripe_livemode)
    pursue = partial(pursue_payment, transaction, reading, gateway, MISSED.inc)
    look = partial(look_at_payment, transaction, reading, gateway)
    refund = partial(make_refund, transaction, gateway)

    def measure_now() -> None:
        with database.read() as connection:
            measure_disputes(connection)

    return Module(
        name="payments",
        settings=own,
        limits={"confirm": own.limit_confirm},
        database=database,
        metadata=tables.metadata,
        transaction=transaction,
        reading=reading,
        root_keys=settings.root_public_keys,
        metrics_port=6002,
        blueprints=[
            payments_blueprint(transaction, reading, gateway, ChangeNotifier(database), own.stripe_max_calls),
            refunds_blueprint(transaction, reading),
            webhooks_blueprint(transaction, signature),
        ],
        desk=[payments_pages(transaction, reading, outcomes_of(database))],
        subscriptions=SUBSCRIPTIONS,
        tasks={
            "pursue": lambda subject: pursue(UUID(subject)),
            "look": lambda subject: look(UUID(subject)),
            "refund": lambda subject: refund(UUID(subject)),
        },
        job_threads=own.stripe_max_calls,
        schedules=[
            *schedules(transaction, reading, gateway),
            Schedule("payments: measure disputes", 15, measure_now),
        ],
        programs=[sandbox_program(settings, own)] if own.sandboxed else [],
        notes=[f"sandbox    http://127.0.0.1:{own.sandbox_port}  (no STRIPE_API_KEY: no real money moves)"]
        if own.sandboxed
        else [],
        backends=[f"payments: {_backend(own)}"],
        stored=["the sandbox's memory"] if own.sandboxed else [],
        commands=[commands(transaction, reading, gateway)],
        checkups={"stripe": partial(stripe_check, settings, own)},
        audits=audits(transaction, reading, gateway),
    )


def _backend(own: PaymentsSettings) -> str:
    if own.sandboxed:
        return "our sandbox"
    return f"Stripe in {'live' if own.stripe_livemode else 'test'} mode"
