"""The WSGI application of orders as a service of its own."""

from app.config.settings import Settings
from app.factory import create_app
from app.modules.orders.module import orders

app = create_app(orders, settings=Settings.from_environment())
