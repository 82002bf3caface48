"""The WSGI application of users alone."""

from app.config.settings import Settings
from app.factory import create_app
from app.modules.users.module import users

app = create_app(users, settings=Settings.from_environment())
