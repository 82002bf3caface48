"""Builds the module: the only file that imports all of its parts."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from app.config.settings import Settings
from app.kernel import clock
from app.kernel.database import Database
from app.modules.orders.commands import commands
from app.modules.orders.controllers.carts.cart import cart_blueprint
from app.modules.orders.controllers.document_page import document_page
from app.modules.orders.controllers.documents.documents import documents_blueprint
from app.modules.orders.controllers.orders.operations import order_operations_blueprint
from app.modules.orders.controllers.orders.orders import orders_blueprint
from app.modules.orders.controllers.orders.private import private_blueprint
from app.modules.orders.controllers.orders.unit_refunds import unit_refunds_blueprint
from app.modules.orders.controllers.promotions.promotions import promotions_blueprint
from app.modules.orders.controllers.shipments.shipments import shipments_blueprint
from app.modules.orders.controllers.shipping.shipping import shipping_blueprint
from app.modules.orders.controllers.tax.exemptions import tax_exemptions_blueprint
from app.modules.orders.controllers.tax.numbers import tax_numbers_blueprint
from app.modules.orders.controllers.tax.reports import tax_reports_blueprint
from app.modules.orders.controllers.tax.tax import tax_blueprint
from app.modules.orders.desk.pages import orders_pages
from app.modules.orders.domain.documents.document import DocumentKind, DocumentPolicy, InvoiceTime, Seller
from app.modules.orders.domain.orders.order import PaymentWindow
from app.modules.orders.domain.policies.caps import Caps
from app.modules.orders.domain.policies.capture import AtHoldEnd, Capture
from app.modules.orders.domain.policies.policies import Policies
from app.modules.orders.domain.promotions.stored import Redemption
from app.modules.orders.domain.shipping.zone import Destination
from app.modules.orders.domain.tax.rules import Engine, ExportPrice, Prices, Rounding, TaxPolicy, WhenAway
from app.modules.orders.infrastructure import tables
from app.modules.orders.infrastructure.audits.audits import audits
from app.modules.orders.infrastructure.backlog import backlog_of
from app.modules.orders.infrastructure.checkup import orders_check
from app.modules.orders.infrastructure.demo import DEMO_NOTES, load_demo
from app.modules.orders.infrastructure.documents.documents import JOB
from app.modules.orders.infrastructure.metrics import measure_carts, measure_orders
from app.modules.orders.infrastructure.orders.overview import overview_of
from app.modules.orders.infrastructure.tax.numbers import CHECK
from app.modules.orders.infrastructure.tax.records import RECORD
from app.modules.orders.infrastructure.tax.stripe_tax import StripeTax
from app.modules.orders.infrastructure.tax.vies import Vies
from app.modules.orders.infrastructure.unit_of_work import reading_on, transaction_on
from app.modules.orders.schedules import schedules
from app.modules.orders.settings import OrdersSettings, orders_settings
from app.modules.orders.subscriptions import SUBSCRIPTIONS
from app.modules.orders.use_cases.documents.issue_documents import issue_documents
from app.modules.orders.use_cases.tax.check_tax_number import check_tax_number
from app.modules.orders.use_cases.tax.record_tax import record_tax
from app.web.waiting import ChangeNotifier
from app.wiring import Module, Schedule


def orders(settings: Settings) -> Module:
    own = orders_settings(settings)
    database = Database(settings.database_of("orders", own.database))
    payment_window = PaymentWindow(
        timedelta(seconds=own.payment_window_seconds), timedelta(seconds=own.max_payment_window_seconds)
    )
    policies = Policies(
        payment_window,
        Caps(own.max_open_orders, own.max_held_units),
        _documents(own),
        _tax_policy(own),
        Capture.LATER if own.capture == "shipment" else Capture.NOW,
        AtHoldEnd(own.at_hold_end) if own.at_hold_end else None,
        Redemption(own.uses_after_refund),
        timedelta(days=own.timeline_days) if own.timeline_days else None,
    )
    transaction, reading = transaction_on(database, policies), reading_on(database, policies)

    verifier, tax_provider = Vies(own.tax_verifier_url), StripeTax(own.stripe_tax_url, own.stripe_tax_key)

    def measure_now() -> None:
        with database.read() as connection:
            measure_orders(connection, clock.now())

    def issue(subject: str) -> None:
        with transaction() as uow:
            issue_documents(uow, UUID(subject))

    def check(subject: str) -> timedelta | None:
        return check_tax_number(transaction, reading, verifier, UUID(subject))

    def record(subject: str) -> timedelta | None:
        return record_tax(transaction, reading, tax_provider, UUID(subject))

    def measure_all_carts() -> None:
        with database.read() as connection:
            measure_carts(connection)

    return Module(
        name="orders",
        settings=own,
        limits={"order": own.limit_orders, "unit": own.limit_units, "coupon": own.limit_coupons, "tax": own.limit_tax},
        database=database,
        metadata=tables.metadata,
        transaction=transaction,
        reading=reading,
        root_keys=settings.root_public_keys,
        metrics_port=9000,
        blueprints=[
            orders_blueprint(transaction, reading, backlog_of(database), ChangeNotifier(database)),
            shipments_blueprint(transaction, reading),
            unit_refunds_blueprint(transaction, reading),
            cart_blueprint(transaction, reading, tax_provider),
            order_operations_blueprint(transaction, reading),
            private_blueprint(transaction, reading),
            shipping_blueprint(transaction, reading),
            documents_blueprint(reading),
            promotions_blueprint(transaction, reading),
            tax_blueprint(transaction, reading),
            tax_numbers_blueprint(transaction, reading),
            tax_exemptions_blueprint(transaction, reading),
            tax_reports_blueprint(reading),
        ],
        desk=[orders_pages(transaction, reading, overview_of(database), document_page)],
        subscriptions=SUBSCRIPTIONS,
        tasks={JOB: issue, RECORD: record, CHECK: check},
        schedules=[
            *schedules(transaction, reading),
            Schedule("orders: measure", 5, measure_now),
            Schedule("orders: measure carts", 15, measure_all_carts),
        ],
        demo=partial(load_demo, transaction),
        demo_notes=DEMO_NOTES,
        commands=[commands(transaction, reading)],
        audits=audits(transaction, reading),
        checkups={"orders": partial(orders_check, reading)},
    )


def _documents(own: OrdersSettings) -> DocumentPolicy:
    return DocumentPolicy(
        invoices=InvoiceTime(own.invoices),
        seller=Seller(own.seller_name, own.seller_address, own.seller_tax_number),
        series={DocumentKind.INVOICE: own.invoice_series, DocumentKind.CREDIT_NOTE: own.credit_note_series},
    )


def _tax_policy(own: OrdersSettings) -> TaxPolicy:
    country, region = own.home_country
    return TaxPolicy(
        engine=Engine(own.tax),
        prices=Prices(own.prices),
        rounding=Rounding(own.tax_rounding),
        export_price=ExportPrice(own.export_price),
        home=Destination(country=country, region=region),
        when_away=WhenAway(own.tax_when_away),
    )
