"""The settings of each module, as docker compose passes them."""

from app.config.reading import Declared, declared
from app.config.settings import Settings
from app.modules.catalog.settings import CatalogSettings
from app.modules.orders.settings import OrdersSettings
from app.modules.payments.settings import PaymentsSettings
from app.modules.users.settings import UsersSettings

KINDS: dict[str, type[Declared]] = {
    "catalog": CatalogSettings,
    "orders": OrdersSettings,
    "payments": PaymentsSettings,
    "users": UsersSettings,
}


def names(kind: type[Declared]) -> set[str]:
    return {about["name"] for about in declared(kind)}


SHARED = {about["name"] for about in declared(Settings)}
OURS = SHARED.union(*map(names, KINDS.values()))
