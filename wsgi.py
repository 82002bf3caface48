"""The application, by the name that `flask` and the servers of WSGI look for."""

from app.wsgi import app

__all__ = ["app"]
