"""The whole shop, and each module alone, as the pages describe them; nothing is served."""

import pytest
from flask import Flask

from app.config.settings import Settings
from app.factory import create_app
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flask]:
    """The applications, by the name that `flask --app` has for them."""
    settings = Settings.from_environment({"QUARTET_DATA": str(tmp_path_factory.mktemp("docs"))})
    alone = {
        f"app.modules.{module.__name__}.wsgi": create_app(module, settings=settings)
        for module in (catalog, orders, payments, users)
    }
    return {"wsgi": create_app(catalog, orders, payments, users, settings=settings), **alone}
