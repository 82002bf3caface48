"""A WSGI application that serves the payments module alone."""

from app.config.settings import Settings
from app.factory import create_app
from app.modules.payments.module import payments

app = create_app(payments, settings=Settings.from_environment())
