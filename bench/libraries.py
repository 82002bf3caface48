"""The responses of the raw limit, by Flask alone and by the libraries of the shop, without anything of the shop's own.

Between these two and the raw limit lies what no shop can save that is built with these libraries. They are used as
their documentation shows: resources of flask-smorest, flask-limiter's hooks, the metrics of the exporter, and a token
that is verified if there is one; not that of an order, whose key they do not have.
"""

import os
from typing import Any

from flask import Flask, Response, request
from flask.views import MethodView
from flask_jwt_extended import JWTManager, jwt_required
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_smorest import Api, Blueprint
from prometheus_flask_exporter import PrometheusMetrics

from bench import raw, raw_postgresql

limit: Any = raw_postgresql if raw_postgresql.URL else raw


def product() -> Response:
    return Response(limit.product(request.environ), content_type="application/json")


def order() -> Response:
    return Response(limit.order(request.environ), 201, content_type="application/json")


def _flask() -> Flask:
    app = Flask("flask")
    app.add_url_rule("/product", view_func=product)
    app.add_url_rule("/orders", view_func=order, methods=["POST"])
    return app


def _libraries() -> Flask:
    app = Flask("libraries")
    app.config |= {"API_TITLE": "Libraries", "API_VERSION": "1", "OPENAPI_VERSION": "3.1.0", "JWT_SECRET_KEY": "k" * 32}
    storage = os.environ.get("RAW_REDIS_URL", "memory://")
    Limiter(get_remote_address, app=app, default_limits=["100000000/minute"], headers_enabled=True, storage_uri=storage)
    PrometheusMetrics(app)
    JWTManager(app)
    blueprint = Blueprint("shop", __name__)

    @blueprint.route("/product")
    class Product(MethodView):
        @jwt_required(optional=True)  # type: ignore[untyped-decorator]
        @blueprint.response(200)  # type: ignore[untyped-decorator]
        def get(self) -> Response:
            return product()

    @blueprint.route("/orders")
    class Orders(MethodView):
        @blueprint.response(201)  # type: ignore[untyped-decorator]
        def post(self) -> Response:
            return order()

    Api(app).register_blueprint(blueprint)
    return app


flask, libraries = _flask(), _libraries()
