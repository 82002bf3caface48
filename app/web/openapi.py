"""Serves /openapi.json (OpenAPI 3.1) and /docs, with its assets."""

from pathlib import Path
from threading import RLock
from typing import Any

from apispec import APISpec
from flask import Flask, Response, current_app, send_from_directory
from flask_smorest import Api, Blueprint
from flask_smorest.spec import openapi_cli
from marshmallow import INCLUDE, Schema, fields

from app.config.settings import Settings
from app.web.document import document

ASSETS = Path(__file__).parent / "swagger"
TITLE = "Quartet"
ABOUT = "A commerce backend of four isolated modules: catalog, orders, users, payments."


class Problem(Schema):
    """An error (RFC 9457). Some codes add members, such as `retry_after` or `available`."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "stable; listed in docs/errors.md"})
    errors = fields.Dict(metadata={"description": "field → messages"})
    request_id = fields.String(required=True)


class ProblemApi(Api):  # type: ignore[misc]  # untyped library
    """flask-smorest's Api, except that errors are answered and described as problems, and routes are described late.

    Routes are described when the document is first requested, because that takes longer than all the rest of creating
    an application.
    """

    ERROR_SCHEMA = Problem

    def __init__(self, app: Flask) -> None:
        self._blueprints: list[tuple[str, Blueprint]] = []
        self._described: APISpec | None = None
        self._describing = RLock()
        super().__init__(app)

    @property
    def spec(self) -> APISpec:
        """flask-smorest's description of the routes, made on first use."""
        with self._describing:
            if self._described is not None:
                return self._described
            super()._init_spec()
            self.ma_plugin.converter.add_attribute_function(_described)
            spec = self.spec
            for name, blueprint in self._blueprints:
                blueprint.register_views_in_doc(self, self._app, spec, name=name, parameters=None)
                spec.tag({"name": name, "description": blueprint.description})
            return spec

    @spec.setter
    def spec(self, spec: APISpec | None) -> None:
        self._described = spec

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Serve a blueprint. It is described later."""
        self._app.register_blueprint(blueprint, **options)
        self._blueprints.append((options.get("name", blueprint.name), blueprint))

    def _init_spec(self, **_: Any) -> None:
        """Add the command only; `spec` makes the description."""
        self._app.cli.add_command(openapi_cli)

    def _register_error_handlers(self) -> None: ...

    def _openapi_json(self) -> Response:
        return Response(document(current_app._get_current_object(), self.spec), mimetype="application/json")  # type: ignore[attr-defined]


def _described(_converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """What a field says of itself in the document, where its validators do not say it."""
    return getattr(field, "described", {})


def install(app: Flask, settings: Settings) -> ProblemApi:
    """Serve the document and the page that displays it. Blueprints are registered with the returned API."""
    app.config.update(
        API_TITLE=TITLE,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
            "servers": [{"url": "/", "description": "the server of this document"}],
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
        },
    )
    app.add_url_rule("/docs", "docs", lambda: send_from_directory(ASSETS, "index.html"))
    app.add_url_rule("/docs/<path:name>", "docs_assets", lambda name: send_from_directory(ASSETS, name))
    return ProblemApi(app)
