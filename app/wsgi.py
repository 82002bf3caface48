"""The whole shop: four modules in one process."""

from app.config.settings import Settings
from app.factory import create_app
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users

app = create_app(catalog, orders, payments, users, settings=Settings.from_environment())
