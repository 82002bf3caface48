"""/openapi.json (OpenAPI 3.1) and /docs, whose assets are served from here."""

from functools import cache
from inspect import cleandoc
from pathlib import Path
from threading import RLock
from typing import Any

import msgspec
from apispec import APISpec
from flask import Flask, Response, current_app, send_from_directory
from flask_smorest import Api, Blueprint
from flask_smorest.spec import openapi_cli
from marshmallow import INCLUDE, Schema, fields

from app.config.settings import Settings

ASSETS = Path(__file__).parent / "swagger"
TITLE = "Quartet"
REF = "#/components/schemas/"
RFC_9110 = {  # as Python 3.13 has them: the document is the same on every Python
    b"UNPROCESSABLE_ENTITY": b"UNPROCESSABLE_CONTENT",
    b"Unprocessable Entity": b"Unprocessable Content",
}
ABOUT = "A shop backend of four isolated modules: catalog, orders, users, payments."


class Problem(Schema):
    """RFC 9457; what else helps stands beside these members, such as retry_after or what is short."""

    class Meta:
        """Applies to this one."""

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
    """flask-smorest, whose errors are answered and described as problems.

    Routes are described when the document is first asked for: that takes longer than all else an app is made of.
    """

    ERROR_SCHEMA = Problem

    def __init__(self, app: Flask) -> None:
        self._blueprints: list[tuple[str, Blueprint]] = []
        self._described: APISpec | None = None
        self._describing = RLock()
        super().__init__(app)

    @property
    def spec(self) -> APISpec:
        """What is served, as flask-smorest describes it."""
        with self._describing:
            if self._described is not None:
                return self._described
            super()._init_spec()
            spec = self.spec
            for name, blueprint in self._blueprints:
                blueprint.register_views_in_doc(self, self._app, spec, name=name, parameters=None)
                spec.tag({"name": name, "description": blueprint.description})
            return spec

    @spec.setter
    def spec(self, spec: APISpec | None) -> None:
        self._described = spec

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Serve it; it is described later."""
        self._app.register_blueprint(blueprint, **options)
        self._blueprints.append((options.get("name", blueprint.name), blueprint))

    def _init_spec(self, **_: Any) -> None:
        """Left to `spec`, but for the command."""
        self._app.cli.add_command(openapi_cli)

    def _register_error_handlers(self) -> None:
        """Left to app.web.problems."""

    def _openapi_json(self) -> Response:
        return Response(document(current_app._get_current_object(), self), mimetype="application/json")  # type: ignore[attr-defined]


def install(app: Flask, settings: Settings) -> ProblemApi:
    """Serve the document and the page that browses it; returns what blueprints are registered with."""
    app.config.update(
        API_TITLE=TITLE,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": ABOUT},
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
        },
    )
    app.add_url_rule("/docs", "docs", lambda: send_from_directory(ASSETS, "index.html"))
    app.add_url_rule("/docs/<path:name>", "docs_assets", lambda name: send_from_directory(ASSETS, name))
    return ProblemApi(app)


@cache
def document(app: Flask, api: ProblemApi) -> bytes:
    """The document, made once: errors are problems, and guarded operations ask for a token."""
    told: dict[str, Any] = api.spec.to_dict()
    for response in told.get("components", {}).get("responses", {}).values():
        if "application/json" in response.get("content", {}):
            response["content"] = {"application/problem+json": response["content"].pop("application/json")}
    told.setdefault("components", {}).setdefault("schemas", {}).update(_views(app) | told["components"]["schemas"])
    for rule in app.url_map.iter_rules():
        view = getattr(app.view_functions[rule.endpoint], "view_class", None)
        path = told["paths"].get(_template(rule.rule), {})
        for method, operation in path.items():
            if access := getattr(getattr(view, method, None), "access", None):
                operation["security"] = [{"bearer": []}]
                operation.setdefault("description", f"For {access}.")
    written = msgspec.json.encode(told)
    for old, new in RFC_9110.items():
        written = written.replace(old, new)
    return written


def _views(app: Flask) -> dict[str, Any]:
    """A component for each view that a route answers, and for what is in it."""
    classes = {getattr(view, "view_class", None) for view in app.view_functions.values()}
    methods = [method for each in classes if each for method in vars(each).values()]
    views = {view for method in methods for view in getattr(method, "views", ())}
    _, components = msgspec.json.schema_components(views, ref_template=REF + "{name}")
    enums = {REF + name: components.pop(name) for name in [*components] if "enum" in components[name]}
    for component in components.values():
        component["description"] = cleandoc(component.get("description", ""))
    return {name: _with_enums(component, enums) for name, component in components.items()}


def _with_enums(schema: Any, enums: dict[str, Any]) -> Any:
    """Where it refers to an enum, the enum itself: two modules may each have a Status."""
    if isinstance(schema, list):
        return [_with_enums(each, enums) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref") in enums:
        return {"type": "string", "enum": enums[schema["$ref"]]["enum"]}
    return {name: _with_enums(each, enums) for name, each in schema.items()}


def _template(rule: str) -> str:
    """/orders/<uuid:id> as OpenAPI writes it."""
    parts = rule.replace("<", "{").replace(">", "}").split("{")
    return "{".join(part if "}" not in part else part.split(":")[-1] for part in parts)
