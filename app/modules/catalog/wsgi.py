"""The WSGI application with the catalog module alone."""

from app.config.settings import Settings
from app.factory import create_app
from app.modules.catalog.module import catalog

app = create_app(catalog, settings=Settings.from_environment())
