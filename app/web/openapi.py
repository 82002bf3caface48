"""Stub; being written."""
from flask_smorest import Api


def install(app, settings):
    app.config.update(API_TITLE="Quartet", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    return Api(app)
