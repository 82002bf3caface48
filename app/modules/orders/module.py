"""Builds the module: the only file that imports all of its parts."""

from datetime import timedelta
from functools import partial

from app.config.settings import Settings
from app.kernel import clock
from app.kernel.database import Database
from app.modules.orders.commands import commands
from app.modules.orders.controllers.cart import cart_blueprint
from app.modules.orders.controllers.operations import order_operations_blueprint
from app.modules.orders.controllers.orders import orders_blueprint
from app.modules.orders.controllers.private import private_blueprint
from app.modules.orders.controllers.shipments import shipments_blueprint
from app.modules.orders.controllers.shipping import shipping_blueprint
from app.modules.orders.desk.pages import orders_pages
from app.modules.orders.domain.caps import Caps
from app.modules.orders.domain.order import PaymentWindow
from app.modules.orders.domain.policies import Policies
from app.modules.orders.infrastructure import tables
from app.modules.orders.infrastructure.audits import audits
from app.modules.orders.infrastructure.backlog import backlog_of
from app.modules.orders.infrastructure.checkup import orders_check
from app.modules.orders.infrastructure.metrics import measure_carts, measure_orders
from app.modules.orders.infrastructure.overview import overview_of
from app.modules.orders.infrastructure.unit_of_work import reading_on, transaction_on
from app.modules.orders.schedules import schedules
from app.modules.orders.settings import OrdersSettings
from app.modules.orders.subscriptions import SUBSCRIPTIONS
from app.web.waiting import ChangeNotifier
from app.wiring import Module, Schedule


def orders(settings: Settings) -> Module:
    own = settings.own(OrdersSettings)
    database = Database(settings.database_of("orders", own.database))
    payment_window = PaymentWindow(
        timedelta(seconds=own.payment_window_seconds), timedelta(seconds=own.max_payment_window_seconds)
    )
    policies = Policies(payment_window, Caps(own.max_open_orders, own.max_held_units))
    transaction, reading = transaction_on(database, policies), reading_on(database, policies)

    def measure_now() -> None:
        with database.read() as connection:
            measure_orders(connection, clock.now())

    def measure_all_carts() -> None:
        with database.read() as connection:
            measure_carts(connection)

    return Module(
        name="orders",
        settings=own,
        limits={"order": own.limit_orders, "unit": own.limit_units},
        database=database,
        metadata=tables.metadata,
        transaction=transaction,
        reading=reading,
        root_keys=settings.root_public_keys,
        metrics_port=9000,
        blueprints=[
            orders_blueprint(transaction, reading, backlog_of(database), ChangeNotifier(database)),
            shipments_blueprint(transaction, reading),
            cart_blueprint(transaction, reading),
            order_operations_blueprint(transaction, reading),
            private_blueprint(transaction, reading),
            shipping_blueprint(transaction, reading),
        ],
        desk=[orders_pages(transaction, reading, overview_of(database))],
        subscriptions=SUBSCRIPTIONS,
        schedules=[
            *schedules(transaction, reading),
            Schedule("orders: measure", 5, measure_now),
            Schedule("orders: measure carts", 15, measure_all_carts),
        ],
        commands=[commands(transaction, reading)],
        audits=audits(transaction, reading),
        checkups={"orders": partial(orders_check, reading)},
    )
